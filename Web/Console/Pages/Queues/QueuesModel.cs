using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What is backing up?</summary>
/// <param name="Keys">A page of limit keys with jobs.</param>
/// <param name="MoreKeys">Address of the next page of keys; null at the end.</param>
/// <param name="Notice">What an act did; null without one.</param>
public sealed record QueuesModel(IReadOnlyList<QueueLine> Queues, IReadOnlyList<LimitView> Keys, string? MoreKeys, string? Notice)
{
    public string Shape => Shapes.Of([.. Queues.Select(queue => queue.Shape), .. Keys.Select(key => key.Key)]);

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var queue in Queues)
        {
            queue.AddTo(values);
            queue.Spark.AddTo(values);
        }
        foreach (var key in Keys) AddTo(values, key);
        return new LiveState { Shape = Shape, Values = values };
    }

    public static string Key(LimitView key, string cell) => $"limit-{key.Key}-{cell}";

    /// <summary>A search for the jobs of a key.</summary>
    public static string Search(LimitView key) => new Jobs.Search.JobFilter.Named(Jobs.Search.NameField.LimitKey, key.Key, Prefix: false).ToString();

    public static string Limit(KeyLimit limit) => QueueLine.Limits(new QueueLimits { Concurrency = limit.Concurrency, Rate = limit.Rate }) is { Length: > 0 } words ? words : "none";

    private static void AddTo(LiveValues values, LimitView key)
    {
        values[Key(key, "running")] = Words.Count(key.Running);
        values[Key(key, "queued")] = Words.Count(key.Queued);
        values[Key(key, "blocked")] = Words.Count(key.Blocked);
    }
}
