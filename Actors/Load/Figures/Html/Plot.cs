using System.Globalization;
using System.Text;

namespace ActorPerf.Load.Figures.Html;

/// <summary>Draws a plot as inline SVG: axes with round numbers, a legend, and the extremes in words for those who do not see it.</summary>
internal static class Plot
{
    private const int Narrow = 520;
    private const int Broad = 1_060;
    private const int Height = 220;
    private const int Left = 58;
    private const int Right = 12;
    private const int Top = 10;
    private const int Bottom = 26;

    /// <summary>A line is drawn with no more points than there are pixels: each keeps its highest value.</summary>
    private const int MaxPoints = 700;

    private static readonly int[] Rounds = [1, 2, 5, 10];

    public static Markup Draw(PlotModel model)
    {
        var figure = new Markup();
        var points = model.Lines.SelectMany(static line => line.Points).ToList();
        figure.Add($"""<figure class="plot"><figcaption>{model.Title}""");
        Legend(figure, model);
        figure.Raw("</figcaption>");
        if (points.Count < 2) figure.Raw("<p class=\"none\">Too short a run for a line.</p>");
        else Svg(figure, model, points);
        if (model.Note.Length > 0) figure.Add($"""<p class="note">{model.Note}</p>""");
        return figure.Raw("</figure>");
    }

    private static void Legend(Markup figure, PlotModel model)
    {
        if (model.Lines.Count < 2) return;
        figure.Raw("<span class=\"legend\">");
        foreach (var line in model.Lines) figure.Add($"""<span class="{line.Tone}">{line.Name}</span>""");
        figure.Raw("</span>");
    }

    private static void Svg(Markup figure, PlotModel model, List<(double X, double Y)> points)
    {
        var width = model.Wide ? Broad : Narrow;
        var (fromX, toX) = (model.FromX ?? points.Min(static point => point.X), points.Max(static point => point.X));
        var steps = RoundSteps(points.Max(static point => point.Y), 4);
        var top = steps[^1];
        if (toX <= fromX) toX = fromX + 1;
        figure.Add($"""<svg viewBox="0 0 {width} {Height}" role="img" aria-label="{model.Title}: {Described(model)}">""");
        if (model.CountsFrom > fromX)
            figure.Add($"""<rect class="warm" x="{Left}" y="{Top}" width="{X(Math.Min(model.CountsFrom, toX)) - Left}" height="{Height - Top - Bottom}"><title>Warm-up: not counted</title></rect>""");
        foreach (var step in steps)
            figure.Add($"""<line class="grid" x1="{Left}" x2="{width - Right}" y1="{Y(step)}" y2="{Y(step)}"/><text class="y" x="{Left - 6}" y="{Y(step) + 4}">{model.WriteY(step)}</text>""");
        foreach (var tick in model.TicksX ?? RoundSteps(toX - fromX, model.Wide ? 12 : 5).Select(step => step + fromX).ToList())
            if (tick <= toX) figure.Add($"""<text class="x" x="{X(tick)}" y="{Height - 8}">{model.WriteX(tick)}</text>""");
        foreach (var (i, line) in model.Lines.Index())
        {
            var path = Path(Thinned(line.Points), X, Y);
            if (path.Length == 0) continue;
            if (i == 0 && model.Filled)
                figure.Add($"""<path class="fill {line.Tone}" d="{path}V{Y(0)}H{X(line.Points[0].X)}Z"/>""");
            figure.Add($"""<path class="line {line.Tone}" d="{path}"><title>{line.Name}</title></path>""");
        }

        figure.Raw("</svg>");

        double X(double value) => Left + ((value - fromX) / (toX - fromX) * (width - Left - Right));
        double Y(double value) => Height - Bottom - (Math.Clamp(value / top, 0, 1) * (Height - Top - Bottom));
    }

    /// <summary>From zero to above the highest value in steps of 1, 2 or 5 times a power of ten.</summary>
    internal static IReadOnlyList<double> RoundSteps(double highest, int about)
    {
        if (!(highest > 0) || !double.IsFinite(highest)) return [0, 1];
        var power = Math.Pow(10, Math.Floor(Math.Log10(highest / about)));
        var step = Rounds.Select(round => round * power).First(size => size * about >= highest * 0.999999);
        var count = (int)Math.Ceiling((highest / step) - 1e-9);
        return [.. Enumerable.Range(0, count + 1).Select(i => i * step)];
    }

    private static string Described(PlotModel model) => string.Join("; ", model.Lines.Where(static line => line.Points.Count > 0)
        .Select(line => $"{line.Name} from {model.WriteY(line.Points.Min(static point => point.Y))} to {model.WriteY(line.Points.Max(static point => point.Y))}"));

    private static IReadOnlyList<(double X, double Y)> Thinned(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= MaxPoints) return points;
        var per = (points.Count + MaxPoints - 1) / MaxPoints;
        return [.. points.Chunk(per).Select(static chunk => (chunk[^1].X, chunk.Max(static point => point.Y)))];
    }

    private static string Path(IReadOnlyList<(double X, double Y)> points, Func<double, double> x, Func<double, double> y)
    {
        if (points.Count < 2) return "";
        var path = new StringBuilder();
        foreach (var point in points) path.Append(path.Length == 0 ? 'M' : 'L').Append(CultureInfo.InvariantCulture, $"{x(point.X):0.#} {y(point.Y):0.#}");
        return path.ToString();
    }
}
