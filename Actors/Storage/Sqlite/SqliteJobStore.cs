using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Jobs in a SQLite file, as one of the process' nodes sees them: it is told of its own writes.</summary>
internal sealed class SqliteJobStore : IJobStore, ITransactionPart
{
    private readonly SqliteDatabase _database;
    private readonly SqliteJobWriter _writer;
    private readonly NodeHandle _handle;
    private readonly TimeProvider _time;

    /// <param name="writer">One for all nodes of the process.</param>
    /// <param name="handle">The node whose writes these are.</param>
    public SqliteJobStore(SqliteDatabase database, SqliteJobWriter writer, NodeHandle handle, TimeProvider time) =>
        (_database, _writer, _handle, _time) = (database, writer, handle, time);

    public bool IsInOrder => true;

    public Action<IReadOnlyList<JobWrite>>? Reported { get; set; }

    public bool HasEnded => _database.Queue.HasEnded;

    public bool TryPost(JobWrite write) => _database.Queue.TryPost(write, this, write.Urgent, write.Bytes);

    public ValueTask<IReadOnlyList<Job?>> ReadManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) =>
        _database.Reads.RunAsync(session => ids.Count == 1
            ? SqliteJobReader.ReadMany(session, ns, ids)
            : session.Snapshot(snapshot => SqliteJobReader.ReadMany(snapshot, ns, ids)), ct);

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct) =>
        _database.Reads.RunAsync(session => SqliteJobReader.ReadResult(session, ns, id), ct);

    public ValueTask<JobHistory?> ReadHistoryAsync(Namespace ns, JobId id, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteJobReader.ReadHistory(snapshot, ns, id)), ct);

    public ValueTask<IReadOnlyDictionary<long, ProgressReport>> ReadProgressAsync(IReadOnlyList<JobRow> running, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteNoteReader.Progress(snapshot, running)), ct);

    public ValueTask<RunNotes> ReadNotesAsync(DateTimeOffset? since, int limit, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteNoteReader.Notes(snapshot, since, limit, _time.GetUtcNow())), ct);

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteJobReader.List(snapshot, query, _time.GetUtcNow())), ct);

    public ValueTask<MatchCount> CountMatchingAsync(JobQuery query, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteJobReader.CountMatching(snapshot, query, _time.GetUtcNow())), ct);

    public ValueTask<IReadOnlyList<string>> ListTagsAsync(Namespace ns, string prefix, int limit, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteJobReader.Tags(snapshot, ns, prefix, limit)), ct);

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(Namespace? ns, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteJobReader.Count(snapshot, ns)), ct);

    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(Namespace? ns, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(inside => SqliteJobReader.OldestWaiting(inside, ns)), ct);

    public ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(SqliteJobReader.NextDue), ct);

    public ValueTask<IReadOnlyList<Job>> ReadRunningAsync(Incarnation owner, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteJobReader.ReadRunning(snapshot, owner)), ct);

    public ValueTask<IReadOnlyDictionary<string, QueueOverrides>> ReadQueueSettingsAsync(CancellationToken ct) =>
        _database.Reads.RunAsync<IReadOnlyDictionary<string, QueueOverrides>>(SqliteFlowReader.Settings, ct);

    public ValueTask<FlowUse> ReadFlowAsync(Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteFlowReader.Use(snapshot, ns, queues, keys)), ct);

    public ValueTask<int> CountBeforeAsync(JobRow job, int atMost, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteFlowReader.CountBefore(snapshot, job, atMost)), ct);

    public ValueTask<IReadOnlyList<KeyUse>> ListLimitKeysAsync(Namespace ns, string? after, int limit, CancellationToken ct) =>
        _database.Reads.RunAsync(session => session.Snapshot(snapshot => SqliteFlowReader.Keys(snapshot, ns, after, limit)), ct);

    public bool Owns(object write) => write is JobWrite;

    public bool TookPlace(object write) => write is not JobWrite.Submit submit || !Array.Exists(submit.Outcomes, outcome => outcome is SubmitOutcome.Refused);

    public void Apply(object write) => _writer.Apply((JobWrite)write, _handle.Mark);

    public void Flush() => _writer.Flush();

    public void Forget() => _writer.Forget();

    public void Committed(IReadOnlyList<object> writes)
    {
        _writer.Committed();
        var reported = new JobWrite[writes.Count];
        for (var i = 0; i < reported.Length; i++) reported[i] = (JobWrite)writes[i];
        Reported?.Invoke(reported);
        _handle.Committed();
    }

    public void Failed(object write, Exception cause)
    {
        var failed = (JobWrite)write;
        failed.Failure = cause as StoreUnavailableException ?? new StoreUnavailableException("The store could not write. Nothing changed; try again.", cause);
        Reported?.Invoke([failed]);
    }
}
