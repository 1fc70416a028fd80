using System.Globalization;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Charts;

/// <summary>Points of one name.</summary>
/// <param name="Points">Oldest first, zero upward.</param>
/// <param name="Tone">A colour by its meaning in the stylesheet: <c>1</c> to <c>4</c>, <c>good</c>, <c>bad</c>, <c>notice</c>.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double> Points, string Tone = "1");

/// <summary>A chart: what it shows, under which live keys, and in words for those who do not see it.</summary>
/// <param name="Id">Unique on the page, and the stem of its live keys.</param>
/// <param name="Series">One to four, of the same length.</param>
public sealed record ChartModel(string Id, ChartKind Kind, string Title, ChartUnit Unit, IReadOnlyList<ChartSeries> Series)
{
    private const int SlotsPerSparkPoint = 4;

    /// <summary>Names of the groups of a histogram, one for each point; empty where the points follow each other in time.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Seconds that a point in time stands for.</summary>
    public int Step { get; init; } = TimeSlots.Seconds;

    /// <summary>Words below the plot, evenly spread from its beginning to its end.</summary>
    public IReadOnlyList<string> Axis { get; init; } = ["15 min ago", "10", "5", "now"];

    /// <summary>Points of a row of the table behind the toggle.</summary>
    private int PointsPerMinute => Math.Max(1, 60 / Step);

    /// <summary>End of the last point.</summary>
    public DateTimeOffset Until { get; init; }

    public int Count => Series.Count == 0 ? 0 : Series[0].Points.Count;

    public bool IsTimed => Groups.Count == 0;

    /// <summary>What the highest point of the plot stands for.</summary>
    public double Top => ChartShape.Top(Kind == ChartKind.Area ? Stacked().Max(static series => series.DefaultIfEmpty().Max()) : Series.Max(static series => series.Points.DefaultIfEmpty().Max()), Unit);

    public bool IsFlat => Series.All(static series => series.Points.All(static point => point == 0));

    /// <summary>A timeline without the slot that is under way: that one is not comparable with the others yet.</summary>
    public static ChartModel Timed(string id, ChartKind kind, string title, ChartUnit unit, DateTimeOffset until, params IReadOnlyList<ChartSeries> series) => new(
        id, kind, title, unit, [.. series.Select(one => one with { Points = kind == ChartKind.Sparkline ? Coarser(Closed(one.Points, unit), TimeSlots.Of(until)) : Closed(one.Points, unit) })])
    {
        Until = DateTimeOffset.FromUnixTimeSeconds(TimeSlots.Of(until) * TimeSlots.Seconds),
    };

    /// <summary>Shapes by series, as the page draws them.</summary>
    public IEnumerable<(ChartSeries Series, string Path)> Shapes()
    {
        var top = Top;
        if (Kind == ChartKind.Area) return Series.Zip(Stacked()).Reverse().Select(pair => (pair.First, ChartShape.Area(pair.Second, top)));
        return Series.Select(series => (series, Kind switch
        {
            ChartKind.Line => ChartShape.Line(series.Points, top),
            ChartKind.Sparkline => ChartShape.Area(series.Points, top),
            _ => ChartShape.Bars(series.Points, top),
        }));
    }

    /// <summary>Key of a series among the live values.</summary>
    public string Key(ChartSeries series) => $"{Id}-{series.Name}";

    public void AddTo(LiveValues values)
    {
        foreach (var (series, path) in Shapes())
        {
            values[$"{Key(series)}@d"] = path;
            if (Kind != ChartKind.Sparkline) values[$"{Key(series)}@data-points"] = ChartShape.Packed(series.Points);
        }
        if (Kind == ChartKind.Sparkline) return;
        values[$"{Id}-top"] = Level(Top);
        values[$"{Id}-half"] = Level(Top / 2);
        if (IsTimed) values[$"{Id}-plot@data-until"] = Words.Exact(Until);
    }

    /// <summary>A value as people read it.</summary>
    public string Written(double value) => Unit switch
    {
        ChartUnit.Seconds => Words.Duration(TimeSpan.FromSeconds(value)),
        ChartUnit.PerSecond => Words.Rate(value),
        _ => value >= 10 ? Words.Count((long)Math.Round(value)) : value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>A value beside the axis, as short as it can be.</summary>
    public string Level(double value) => Unit switch
    {
        ChartUnit.Seconds when value is >= 1 and < 60 => value.ToString("0.#", CultureInfo.InvariantCulture) + " s",
        ChartUnit.Seconds when value is >= 60 and < 3600 && value % 60 != 0 => (value / 60).ToString("0.#", CultureInfo.InvariantCulture) + " m",
        _ => Written(value),
    };

    /// <summary>What the chart says in a sentence.</summary>
    public string Description => IsFlat
        ? "Nothing in the time that is shown."
        : string.Join("; ", Series.Select(series => $"{series.Name}: now {Written(series.Points[^1])}, highest {Written(series.Points.Max())}")) + ".";

    /// <summary>The same in numbers: a row for each minute, or each group.</summary>
    public IEnumerable<(string Head, DateTimeOffset? At, IReadOnlyList<string> Cells)> Rows()
    {
        if (!IsTimed) return Groups.Select((group, i) => (group, (DateTimeOffset?)null, (IReadOnlyList<string>)[.. Series.Select(series => Written(series.Points[i]))]));
        var minutes = (Count + PointsPerMinute - 1) / PointsPerMinute;
        return Enumerable.Range(0, minutes).Select(back => (
            "", (DateTimeOffset?)Until.AddSeconds((-back - 1) * PointsPerMinute * Step),
            (IReadOnlyList<string>)[.. Series.Select(series => Written(Minute(series.Points, back)))]));
    }

    /// <summary>Mean over one minute, for the highest of a percentile would not be one of the minute's.</summary>
    private double Minute(IReadOnlyList<double> points, int back)
    {
        var end = points.Count - (back * PointsPerMinute);
        var begin = Math.Max(0, end - PointsPerMinute);
        var sum = 0d;
        for (var i = begin; i < end; i++) sum += points[i];
        return sum / (end - begin);
    }

    private static IReadOnlyList<double> Closed(IReadOnlyList<double> points, ChartUnit unit)
    {
        var by = unit == ChartUnit.PerSecond ? TimeSlots.Seconds : 1;
        return [.. points.Take(points.Count - 1).Select(point => point / by)];
    }

    /// <summary>Means of a few slots each, for a chart that is as wide as a word. Which slots go together follows from their numbers, so that shapes do not flicker as time goes on.</summary>
    private static List<double> Coarser(IReadOnlyList<double> points, long end)
    {
        var first = end - points.Count;
        return [.. points.Index().GroupBy(point => (first + point.Index) / SlotsPerSparkPoint).Select(group => group.Average(point => point.Item))];
    }

    private List<double[]> Stacked()
    {
        var stacked = new List<double[]>(Series.Count);
        foreach (var series in Series)
        {
            var below = stacked.Count == 0 ? null : stacked[^1];
            stacked.Add([.. series.Points.Select((point, i) => point + (below?[i] ?? 0))]);
        }
        return stacked;
    }
}
