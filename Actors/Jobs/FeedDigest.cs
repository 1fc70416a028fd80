using System.Runtime.InteropServices;
using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <summary>What other nodes' changes mean for this node's lines, summed up over rows of the feed. Pure. Right for rows in any order, and for rows that are heard late: what it makes a node do is to look.</summary>
internal sealed class FeedDigest
{
    private readonly Dictionary<string, int> _arrived = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ended = new(StringComparer.Ordinal);

    private FeedDigest()
    {
    }

    /// <summary>By queue: jobs that wait in line, and places that became free under its limits.</summary>
    public IReadOnlyDictionary<string, int> Arrived => _arrived;

    /// <summary>By queue: how many more jobs wait than before.</summary>
    public IReadOnlyDictionary<string, long> Waiting => _waiting;

    /// <summary>By queue: runs that ended.</summary>
    public IReadOnlyDictionary<string, int> Ended => _ended;

    /// <summary>A limit key has a place free, in whatever queue its jobs wait.</summary>
    public bool KeyFreed { get; private set; }

    /// <summary>When the first of the jobs that await a time is due; null for none.</summary>
    public DateTimeOffset? Due { get; private set; }

    /// <summary>What is stored for a queue is another.</summary>
    public bool QueuesChanged { get; private set; }

    /// <param name="isOpen">Whether nothing holds back jobs of a queue (<see cref="FlowSettings.IsOpen"/>).</param>
    public static FeedDigest Of(IReadOnlyList<FeedRow> rows, Func<string, bool> isOpen)
    {
        var digest = new FeedDigest();
        foreach (var row in rows)
        {
            digest.QueuesChanged |= row.Kind == FeedKind.Queue;
            if (row is { Kind: FeedKind.Job, To: { } to, Job: { } job }) digest.Add((JobState?)row.From, (JobState)to, job, isOpen);
        }
        return digest;
    }

    private void Add(JobState? from, JobState to, FeedJob job, Func<string, bool> isOpen)
    {
        // As it is now, for what was taken since needs nobody.
        if (to == JobState.Queued && job.State == (int)JobState.Queued) Sum(_arrived, job.Queue);
        if (to is JobState.Scheduled or JobState.Retrying && job.State == (int)to && !(Due <= job.RunAt)) Due = job.RunAt;
        var more = (IsWaiting(to) ? 1 : 0) - (from is { } was && IsWaiting(was) ? 1 : 0);
        if (more != 0) CollectionsMarshal.GetValueRefOrAddDefault(_waiting, job.Queue, out _) += more;
        if (from is not { IsActive: true } || to.IsActive) return;
        Sum(_ended, job.Queue);
        KeyFreed |= job.Limited;
        if (!isOpen(job.Queue)) Sum(_arrived, job.Queue);
    }

    private static bool IsWaiting(JobState state) => !state.IsFinal && !state.IsActive;

    private static void Sum(Dictionary<string, int> sums, string queue) => CollectionsMarshal.GetValueRefOrAddDefault(sums, queue, out _)++;
}
