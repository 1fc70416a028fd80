using System.Globalization;
using System.Text;

namespace ActorPerf.Web.Console.Parts;

/// <summary>Turns values into the path data of a chart in a box of <see cref="Width"/> by <see cref="Height"/> units. Pure; no styling.</summary>
public static class ChartShape
{
    public const int Width = 240;
    public const int Height = 48;

    /// <summary>Space above the highest point and below zero, so that a line is never cut in half.</summary>
    private const double Margin = 2;

    /// <summary>The line through the values; "" for fewer than two.</summary>
    public static string Line(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return "";
        var top = Top(values);
        var path = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
            path.Append(i == 0 ? 'M' : 'L').Append(Number(X(i, values.Count))).Append(' ').Append(Number(Y(values[i], top)));
        return path.ToString();
    }

    /// <summary>The same line, closed along the bottom.</summary>
    public static string Area(IReadOnlyList<double> values)
    {
        var line = Line(values);
        return line.Length == 0 ? "" : $"{line}L{Width} {Height}L0 {Height}Z";
    }

    /// <summary>One upright bar per value; nothing where it is zero.</summary>
    public static string Bars(IReadOnlyList<double> values)
    {
        var top = Top(values);
        var slot = (double)Width / Math.Max(values.Count, 1);
        var path = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] <= 0) continue;
            path.Append('M').Append(Number(i * slot)).Append(' ').Append(Height)
                .Append('V').Append(Number(Y(values[i], top)))
                .Append('h').Append(Number(slot * 0.8)).Append('V').Append(Height).Append('Z');
        }
        return path.ToString();
    }

    private static double Top(IReadOnlyList<double> values) => values.Count == 0 ? 1 : Math.Max(values.Max(), double.Epsilon);

    private static double X(int index, int count) => (double)index * Width / (count - 1);

    private static double Y(double value, double top) => Height - Margin - (Math.Clamp(value / top, 0, 1) * (Height - (2 * Margin)));

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
