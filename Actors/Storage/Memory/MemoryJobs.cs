using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Jobs in memory as one of the process' nodes sees them: it is told of its own writes.</summary>
internal sealed class MemoryJobs(MemoryJobStore store, NodeHandle handle) : IJobStore
{
    public Action<IReadOnlyList<JobWrite>>? Reported { get; set; }

    public bool IsInOrder => true;

    public bool TryPost(JobWrite write)
    {
        store.Post(write, handle.Mark, Reported);
        handle.Committed();
        return true;
    }

    public ValueTask<IReadOnlyList<Job?>> ReadManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) => store.ReadManyAsync(ns, ids, ct);

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct) => store.ReadResultAsync(ns, id, ct);

    public ValueTask<JobHistory?> ReadHistoryAsync(Namespace ns, JobId id, CancellationToken ct) => store.ReadHistoryAsync(ns, id, ct);

    public ValueTask<IReadOnlyDictionary<long, ProgressReport>> ReadProgressAsync(IReadOnlyList<JobRow> running, CancellationToken ct) => store.ReadProgressAsync(running, ct);

    public ValueTask<RunNotes> ReadNotesAsync(DateTimeOffset? since, int limit, CancellationToken ct) => store.ReadNotesAsync(since, limit, ct);

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct) => store.ListAsync(query, ct);

    public ValueTask<MatchCount> CountMatchingAsync(JobQuery query, CancellationToken ct) => store.CountMatchingAsync(query, ct);

    public ValueTask<IReadOnlyList<string>> ListTagsAsync(Namespace ns, string prefix, int limit, CancellationToken ct) => store.ListTagsAsync(ns, prefix, limit, ct);

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(Namespace? ns, CancellationToken ct) => store.CountAsync(ns, ct);

    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(Namespace? ns, CancellationToken ct) => store.OldestWaitingAsync(ns, ct);

    public ValueTask<IReadOnlyList<Job>> ReadRunningAsync(Incarnation owner, CancellationToken ct) => store.ReadRunningAsync(owner, ct);

    public ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken ct) => store.NextDueAsync(ct);

    public ValueTask<IReadOnlyDictionary<string, QueueOverrides>> ReadQueueSettingsAsync(CancellationToken ct) => store.ReadQueueSettingsAsync(ct);

    public ValueTask<FlowUse> ReadFlowAsync(Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct) =>
        store.ReadFlowAsync(ns, queues, keys, ct);

    public ValueTask<int> CountBeforeAsync(JobRow job, int atMost, CancellationToken ct) => store.CountBeforeAsync(job, atMost, ct);

    public ValueTask<IReadOnlyList<KeyUse>> ListLimitKeysAsync(Namespace ns, string? after, int limit, CancellationToken ct) => store.ListLimitKeysAsync(ns, after, limit, ct);
}
