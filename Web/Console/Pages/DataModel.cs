using System.Text;
using ActorPerf.Data;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What is there, and do reads travel together?</summary>
/// <param name="Statistics">Of this node, all namespaces.</param>
public sealed record DataModel(IReadOnlyList<KindSize> Kinds, DataStatistics Statistics)
{
    private const int MaxShown = 160;

    /// <summary>The kind that is looked at; null: none.</summary>
    public string? Kind { get; init; }

    /// <summary>A page of it, by key.</summary>
    public IReadOnlyList<Entity> Entities { get; init; } = [];

    /// <summary>Address of the next page; null at the end.</summary>
    public string? Next { get; init; }

    /// <summary>The entity that is looked at; null: none.</summary>
    public Entity? One { get; init; }

    public string Shape => Shapes.Of(Kinds.Select(kind => kind.Kind));

    /// <summary>Those of the entities, and of each lookup, with what the page calls them.</summary>
    public IEnumerable<(string Id, string Name, PipelineSnapshot Pipeline)> Pipelines =>
        [("reads", "Reads", Statistics.Reads), ("writes", "Writes", Statistics.Writes),
         .. Statistics.Lookups.Select(static lookup => ($"lookup-{lookup.Key}", $"Reads of lookup {lookup.Key}", lookup.Value))];

    public LiveState Live()
    {
        var values = new LiveValues();
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

    /// <summary>Batches by size, those that came to pass: <c>up to 64: 3</c>.</summary>
    public static IEnumerable<(string Size, long Batches)> Sizes(PipelineSnapshot pipeline) =>
        pipeline.BatchSizes.Select(static (count, i) => (Size: i < 2 ? $"{1L << i}" : $"{(1L << i - 1) + 1}–{1L << i}", Count: count)).Where(static size => size.Count > 0);

    /// <summary>Batches by the time that their oldest key waited.</summary>
    public static IEnumerable<(string Wait, long Batches)> Waits(PipelineSnapshot pipeline) =>
        pipeline.Waits.Select(static (count, i) => (Wait: i < 10 ? $"{1L << i} µs" : Words.Duration(TimeSpan.FromMicroseconds(1L << i)), Count: count)).Where(static wait => wait.Count > 0);

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
