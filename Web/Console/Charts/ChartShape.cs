using System.Globalization;
using System.Text;

namespace ActorPerf.Web.Console.Charts;

/// <summary>Turns points into path data: one unit of width for each step between points (ten for each bar), <see cref="Height"/> units upward. Pure; no styling.</summary>
/// <remarks>Whole numbers and relative steps, for an open page gets these paths again and again.</remarks>
public static class ChartShape
{
    public const int Height = 200;
    public const int BarSlot = 10;

    private const int BarWidth = 8;

    /// <summary>Space above the highest point and below zero, so that a line is never cut in half.</summary>
    private const int Margin = 4;

    private static readonly double[] Steps = [1, 1.5, 2, 3, 4, 5, 6, 8];

    /// <summary>Things are counted: half of the top is to be a whole number too.</summary>
    private static readonly double[] WholeHalves = [2, 4, 6, 8];

    private static readonly double[] RoundSeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400];

    /// <summary>A round number that no point exceeds, above zero.</summary>
    public static double Top(double highest, ChartUnit unit)
    {
        if (unit == ChartUnit.Count && highest <= 2) return 2;
        if (highest <= 0) return 1;
        if (unit == ChartUnit.Seconds && RoundSeconds.FirstOrDefault(round => round >= highest) is > 0 and var found) return found;
        var power = Math.Pow(10, Math.Floor(Math.Log10(highest)));
        foreach (var step in unit == ChartUnit.Count ? WholeHalves : Steps)
            if (step * power >= highest * 0.999999) return step * power;
        return 10 * power;
    }

    /// <summary>The line through the points; "" for fewer than two.</summary>
    public static string Line(IReadOnlyList<double> points, double top)
    {
        if (points.Count < 2) return "";
        var path = new StringBuilder();
        Trace(path.Append("M0 ").Append(Y(points[0], top)), points, top);
        return path.ToString();
    }

    /// <summary>The same line with the ground below it. Its upright edges lie outside the plot, so that filling and stroking one path is enough.</summary>
    public static string Area(IReadOnlyList<double> points, double top)
    {
        if (points.Count < 2) return "";
        var path = new StringBuilder("M-2 ").Append(Height).Append('V').Append(Y(points[0], top)).Append("h2");
        Trace(path, points, top);
        return path.Append("h2V").Append(Height).ToString();
    }

    /// <summary>One upright bar for each point; nothing where it is zero.</summary>
    public static string Bars(IReadOnlyList<double> points, double top)
    {
        var path = new StringBuilder();
        for (var i = 0; i < points.Count; i++)
        {
            if (points[i] <= 0) continue;
            path.Append('M').Append((i * BarSlot) + ((BarSlot - BarWidth) / 2)).Append(' ').Append(Height)
                .Append('V').Append(Y(points[i], top)).Append('h').Append(BarWidth).Append('V').Append(Height).Append('z');
        }
        return path.ToString();
    }

    /// <summary>Width of the box that a shape of so many points is drawn in.</summary>
    public static int Width(ChartKind kind, int points) => kind is ChartKind.Bars or ChartKind.Histogram ? Math.Max(points, 1) * BarSlot : Math.Max(points - 1, 1);

    /// <summary>Points for the readout: at most four digits each, those that repeat once with their number (<c>0*171 3 4.5</c>).</summary>
    public static string Packed(IReadOnlyList<double> points)
    {
        var text = new StringBuilder();
        for (var i = 0; i < points.Count;)
        {
            var run = 1;
            while (i + run < points.Count && points[i + run] == points[i]) run++;
            if (text.Length > 0) text.Append(' ');
            text.Append(points[i].ToString(points[i] >= 1000 ? "0" : "G4", CultureInfo.InvariantCulture));
            if (run > 1) text.Append('*').Append(run);
            i += run;
        }
        return text.ToString();
    }

    private static void Trace(StringBuilder path, IReadOnlyList<double> points, double top)
    {
        var level = 0;
        for (var i = 1; i < points.Count; i++)
        {
            var step = Y(points[i], top) - Y(points[i - 1], top);
            if (step == 0)
            {
                level++;
                continue;
            }
            if (level > 0) path.Append('h').Append(level);
            level = 0;
            path.Append("l1").Append(step < 0 ? "" : " ").Append(step);
        }
        if (level > 0) path.Append('h').Append(level);
    }

    private static int Y(double value, double top) => (int)Math.Round(Height - Margin - (Math.Clamp(value / top, 0, 1) * (Height - (2 * Margin))));
}
