using System.Text;
using ActorPerf.Data;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Charts;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What is there, and do reads travel together?</summary>
/// <param name="Statistics">Of this node, all namespaces.</param>
/// <param name="Lines">What the node's pipelines were like over time.</param>
public sealed record DataModel(IReadOnlyList<KindSize> Kinds, DataStatistics Statistics, Timelines Lines)
{
    private const int MaxShown = 160;
    private const int FewestGroups = 8;

    /// <summary>The kind that is looked at; null: none.</summary>
    public string? Kind { get; init; }

    /// <summary>What is asked of the kind.</summary>
    public DataQueryFields Query { get; init; } = new([], "");

    /// <summary>Why the query cannot be asked; null when it can.</summary>
    public string? Fault { get; init; }

    /// <summary>False: the store read more than it returned, for no index serves the query.</summary>
    public bool Indexed { get; init; } = true;

    /// <summary>A page of it.</summary>
    public IReadOnlyList<Entity> Entities { get; init; } = [];

    /// <summary>Address of the next page; null at the end.</summary>
    public string? Next { get; init; }

    /// <summary>There is a next page, and no address for it: its mark holds a long text.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The entity that is looked at; null: none.</summary>
    public Entity? One { get; init; }

    public string Shape => Shapes.Of(Kinds.Select(kind => kind.Kind));

    /// <summary>Those of the entities, and of each lookup, with what the page calls them.</summary>
    public IEnumerable<(string Id, string Name, PipelineSnapshot Pipeline)> Pipelines =>
        [("reads", "Reads", Statistics.Reads), ("writes", "Writes", Statistics.Writes),
         .. Statistics.Lookups.Select(static lookup => ($"lookup-{lookup.Key}", $"Reads of lookup {lookup.Key}", lookup.Value))];

    /// <summary>Statements a second, keys in a batch and waits, over time.</summary>
    public IReadOnlyList<ChartModel> Charts =>
    [
        Over("statements", ChartKind.Area, "Statements, per second", ChartUnit.PerSecond, "statements"),
        Over("batch", ChartKind.Line, "Keys in a batch", ChartUnit.Count, "batch"),
        Over("wait", ChartKind.Line, "Wait of a batch's oldest key, p95", ChartUnit.Seconds, "wait"),
    ];

    private ChartModel Over(string id, ChartKind kind, string title, ChartUnit unit, string what) => ChartModel.Timed(id, kind, title, unit, Lines.Until,
        new ChartSeries("reads", Lines.Of($"data.reads.{what}")), new ChartSeries("writes", Lines.Of($"data.writes.{what}"), "2"));

    /// <summary>Batches by size, as a chart.</summary>
    public static ChartModel SizeChart(string id, PipelineSnapshot pipeline) => Grouped($"{id}-sizes", "Batches by the keys in them, up to", [.. Sizes(pipeline)]);

    /// <summary>Batches by the wait of their oldest key, as a chart.</summary>
    public static ChartModel WaitChart(string id, PipelineSnapshot pipeline) => Grouped($"{id}-waits", "Batches by the wait of their oldest key, up to", [.. Waits(pipeline)]);

    private static ChartModel Grouped(string id, string title, (string Group, long Batches)[] groups) =>
        new(id, ChartKind.Histogram, title, ChartUnit.Count, [new ChartSeries("batches", [.. groups.Select(group => (double)group.Batches)])]) { Groups = [.. groups.Select(group => group.Group)] };

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var chart in Charts) chart.AddTo(values);
        AddTo(values, "reads", Statistics.Reads);
        AddTo(values, "writes", Statistics.Writes);
        values["reads-joined"] = Words.Count(Statistics.Reads.Joined);
        foreach (var kind in Kinds)
        {
            values[$"kind-{kind.Kind}-entities"] = Words.Count(kind.Entities);
            values[$"kind-{kind.Kind}-bytes"] = Words.Bytes(kind.Bytes);
        }
        return new LiveState { Shape = Shape, Values = values };
    }

    public static string Mean(PipelineSnapshot pipeline) => pipeline.MeanBatch.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Batches by size, each up to so many keys.</summary>
    public static IEnumerable<(string Size, long Batches)> Sizes(PipelineSnapshot pipeline) =>
        Between(pipeline.BatchSizes.Select(static (count, i) => (Size: (1L << i).ToString(System.Globalization.CultureInfo.InvariantCulture), Count: count)), first: 0);

    /// <summary>Batches by the time that their oldest key waited.</summary>
    public static IEnumerable<(string Wait, long Batches)> Waits(PipelineSnapshot pipeline) =>
        Between(pipeline.Waits.Select(static (count, i) => (Wait: i < 10 ? $"{1L << i} µs" : Words.Duration(TimeSpan.FromMicroseconds(1L << i)), Count: count)));

    /// <summary>Groups up to the last that came to pass, and so many at least that charts beside each other have bars of one kind. Those between stay, so that a gap is seen.</summary>
    private static IEnumerable<(string Group, long Count)> Between(IEnumerable<(string Group, long Count)> groups, int? first = null)
    {
        var all = groups.ToList();
        var begin = first ?? Math.Max(0, Math.Min(all.FindIndex(static group => group.Count > 0), all.Count - FewestGroups));
        var last = Math.Max(all.FindLastIndex(static group => group.Count > 0), begin + FewestGroups - 1);
        return all[begin..(last + 1)];
    }

    /// <summary>An entity's JSON in a line, cut.</summary>
    public static string Line(Entity entity)
    {
        var text = Encoding.UTF8.GetString(entity.Data.Span[..Math.Min(entity.Data.Length, MaxShown * 4)]);
        return text.Length > MaxShown ? string.Concat(text.AsSpan(0, MaxShown), "…") : text;
    }

    private static void AddTo(LiveValues values, string stem, PipelineSnapshot pipeline)
    {
        values[$"{stem}-statements"] = Words.Count(pipeline.Statements);
        values[$"{stem}-calls"] = Words.Count(pipeline.Calls);
        values[$"{stem}-mean"] = Mean(pipeline);
        values[$"{stem}-queued"] = Words.Count(pipeline.Queued);
    }
}
