using ActorPerf.Load;
using ActorPerf.Web.Console.Charts;

namespace ActorPerf.Web.Console.Pages.LoadTests;

/// <summary>A run's history on an even grid for charts: the last slots of one that goes on, all of one that has ended. Pure.</summary>
public sealed class LoadTimeline
{
    /// <summary>Points of a chart at most.</summary>
    public const int Slots = 300;

    /// <summary>How wide a chart of a run that goes on is: a young run is not squeezed into a corner.</summary>
    private static readonly int[] Widths = [60, 120, Slots];

    private static readonly int[] Steps = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 300, 600, 1_800, 3_600];

    private readonly IReadOnlyList<LoadPoint>[] _slots;
    private readonly DateTimeOffset _until;
    private readonly IReadOnlyList<string> _axis;

    public LoadTimeline(LoadProgress run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var elapsed = Math.Max(1, run.Elapsed.TotalSeconds);
        Step = Steps.FirstOrDefault(step => step * Slots >= elapsed, Steps[^1]);
        var end = (int)Math.Ceiling(elapsed / Step);
        var count = run.IsFinal ? Math.Clamp(end, 2, Slots) : Widths.First(width => width >= Math.Min(end, Slots));
        _until = run.StartedAt.AddSeconds(end * Step);
        _slots = new IReadOnlyList<LoadPoint>[count];
        var bySlot = run.History.ToLookup(point => (int)Math.Ceiling(point.At.TotalSeconds / Step));
        // A point that comes a little late leaves its slot empty: the one before stands for it.
        for (var i = 0; i < count; i++) _slots[i] = bySlot[end - count + 1 + i].ToArray() is { Length: > 0 } points ? points : i > 0 ? _slots[i - 1] : [];
        _axis = Axis(count * Step, run.IsFinal);
    }

    /// <summary>Seconds that a point stands for.</summary>
    public int Step { get; }

    public int Count => _slots.Length;

    public ChartModel Chart(string id, ChartKind kind, string title, ChartUnit unit, params IReadOnlyList<ChartSeries> series) =>
        new(id, kind, title, unit, series) { Until = _until, Step = Step, Axis = _axis };

    /// <summary>The mean of each slot; what was before the run is zero.</summary>
    public IReadOnlyList<double> Mean(Func<LoadPoint, double> value) => [.. _slots.Select(points => points.Count == 0 ? 0 : points.Average(value))];

    /// <summary>The highest of each slot: a peak stays a peak.</summary>
    public IReadOnlyList<double> Peak(Func<LoadPoint, double> value) => [.. _slots.Select(points => points.Count == 0 ? 0 : points.Max(value))];

    /// <summary>The highest of each slot of the target's own side; where it was not seen, as it was before.</summary>
    public IReadOnlyList<double> Target(Func<TargetQueues, double> value)
    {
        var points = new double[Count];
        for (var i = 0; i < Count; i++)
            points[i] = _slots[i].Where(static point => point.Target is not null).Select(point => point.Target is { } target ? value(target) : 0).DefaultIfEmpty(i > 0 ? points[i - 1] : 0).Max();
        return points;
    }

    private static string[] Axis(int seconds, bool final) =>
        [.. Enumerable.Range(0, 4).Select(third => final ? Words.Duration(TimeSpan.FromSeconds(seconds * third / 3)) : third == 3 ? "now" : $"{Words.Duration(TimeSpan.FromSeconds(seconds * (3 - third) / 3))}{(third == 0 ? " ago" : "")}")];
}
