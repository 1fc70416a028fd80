using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The front door to queues and what holds their jobs back. Queues and their settings are the cluster's; counts are a namespace's.</summary>
public interface IQueues
{
    /// <summary>Every queue that has a pool here, jobs of this namespace or settings of its own, in order of name.</summary>
    ValueTask<IReadOnlyList<QueueView>> ListAsync(Namespace ns, CancellationToken ct);

    /// <summary>One queue, also one that nobody has used yet.</summary>
    ValueTask<QueueView> GetAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Changes what is stored for a queue, which goes before the configuration until <see cref="ResetAsync"/>. Holds from the next claim on.</summary>
    /// <param name="ns">Whose counts the answer shows.</param>
    /// <param name="change">What it does not name stays.</param>
    ValueTask<QueueOutcome> SetAsync(Namespace ns, string name, QueueChange change, CancellationToken ct);

    /// <summary>Forgets what is stored for a queue: the configuration holds again. Repeats are harmless.</summary>
    ValueTask<QueueOutcome> ResetAsync(Namespace ns, string name, CancellationToken ct);

    /// <summary>Limit keys of a namespace with jobs that run or wait, in order of key.</summary>
    /// <param name="after">Keys behind this one; null: from the first.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<LimitPage> LimitsAsync(Namespace ns, string? after, int limit, CancellationToken ct);
}

/// <summary>What became of a change of a queue.</summary>
public abstract record QueueOutcome
{
    private QueueOutcome()
    {
    }

    /// <summary>The queue as it is now.</summary>
    public sealed record Done(QueueView Queue) : QueueOutcome;

    public sealed record Refused(Refusal Refusal) : QueueOutcome;
}

/// <summary>A line of jobs as the namespace asking sees it.</summary>
/// <param name="Counts">By state; states without jobs are left out.</param>
/// <param name="OldestWaiting">Age of the queued job of the namespace that waits longest; null when none waits, or when 10,000 jobs of other namespaces go before it.</param>
/// <param name="Routees">Routees of this node's pool; 0 where no pool serves the queue.</param>
public sealed record QueueView(string Name, IReadOnlyDictionary<JobState, long> Counts, TimeSpan? OldestWaiting, int Routees, int Busy)
{
    /// <summary>What holds.</summary>
    public QueueLimits Limits { get; init; } = QueueLimits.None;

    /// <summary>Something is stored for it that goes before the configuration.</summary>
    public bool IsOverridden { get; init; }

    public bool Paused => Limits.Paused;

    public int Concurrency => Limits.Concurrency;
}

/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record LimitPage(IReadOnlyList<LimitView> Items, string? Next);

/// <summary>A limit key with jobs.</summary>
/// <param name="Running">Jobs that run under it, in all queues of the namespace.</param>
/// <param name="Queued">Jobs that wait in a queue.</param>
/// <param name="Blocked">Those of them that the key keeps from starting: all while it is used up, else none.</param>
/// <param name="Limit">What holds for it in the queue of its newest job.</param>
public sealed record LimitView(string Key, long Running, long Queued, long Blocked, KeyLimit Limit);
