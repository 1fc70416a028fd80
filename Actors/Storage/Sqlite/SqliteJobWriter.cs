using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Applies job writes in the writer's open transaction. Lives on the write queue's thread.</summary>
/// <remarks>
/// Each kind of row has one prepared statement that is run once per row. Measured with this schema (300 jobs a commit, submit to finish):
/// 38 µs a job so, 45 µs with statements that carry many rows through <c>json_each</c>, for taking each of twenty columns out of JSON costs more
/// than a call. On a server behind a wire the choice is the other way round.
/// Invariants: every change of a job's row and its history row are in one transaction; an UPDATE repeats what the rule saw (version, state,
/// owner, lease, attempt) and changes exactly one row.
/// </remarks>
internal sealed partial class SqliteJobWriter
{
    private static readonly TimeSpan IdempotencyLife = TimeSpan.FromHours(24);

    private readonly SqliteSession _session;
    private readonly SqliteHistory _history;
    private readonly SqliteJobRows _rows = new();
    private readonly SqliteDeliveries _deliveries;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Dictionary<(Namespace Namespace, string Queue, string Task, JobState State), long> _deltas = [];
    private readonly SqliteStatement _insertJob;
    private readonly SqliteStatement _insertPayload;
    private readonly SqliteStatement _insertHistory;
    private readonly SqliteStatement _updateJob;
    private readonly SqliteStatement _startJob;
    private readonly SqliteStatement _succeedJob;
    private readonly SqliteStatement _claim;
    private readonly SqliteStatement _setResult;
    private readonly SqliteStatement _isBefore;
    private readonly SqliteStatement _isOver;
    private long _seq;
    private long _committedSeq;
    private DateTimeOffset _now;

    public SqliteJobWriter(SqliteSession session, SqliteHistory history, TimeProvider time, Random random)
    {
        (_session, _history) = (session, history);
        _deliveries = new SqliteDeliveries(session, random);
        var writer = session.Handle;
        _time = time;
        _random = random;
        _insertJob = writer.Prepare("""
            INSERT INTO job (seq, id, namespace, task, queue, priority, state, rank, run_at, expires_at, timeout, max_attempts, backoff_initial,
              backoff_factor, backoff_max, unique_key, unique_policy, unique_until, limit_key, tags, meta, callback, rerun_of, workflow, schedule, digest, trace_parent, when_lost,
              attempt, excused, crashes, incarnation, lease, node, cached, created_at, started_at, version, history_seq, blocked)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """);
        _isBefore = writer.Prepare($"SELECT 1 FROM job INDEXED BY job_claim WHERE queue = ? AND {SqliteSchema.Claimable} AND rank <= ? LIMIT 1");
        _isOver = writer.Prepare($"SELECT 1 FROM member WHERE incarnation = ? AND status = '{MemberStatus.Down}'");
        _insertPayload = writer.Prepare("INSERT INTO payload (job_seq, namespace, args) VALUES (?, ?, ?)");
        _insertHistory = writer.Prepare("""
            INSERT INTO history (seq, namespace, kind, subject, version, at, from_state, to_state, attempt, incarnation, node, detail, previous, origin)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _updateJob = writer.Prepare("""
            UPDATE job SET state = ?, rank = ?, run_at = ?, attempt = ?, excused = ?, crashes = ?, incarnation = ?, lease = ?, node = ?, cached = ?,
              error_type = ?, error_message = ?, started_at = ?, finished_at = ?, version = ?, history_seq = ?, blocked = NULL
            WHERE seq = ? AND version = ? AND state = ? AND incarnation IS ? AND lease IS ? AND attempt = ?
            """);
        // The two moves that every good job makes have statements of their own, which write only what changes.
        _startJob = writer.Prepare("""
            UPDATE job SET state = 3, attempt = ?, incarnation = ?, lease = ?, node = ?, started_at = ?, version = ?, history_seq = ?
            WHERE seq = ? AND version = ? AND state = 2 AND incarnation IS NULL AND lease IS NULL AND attempt = ?
            """);
        _succeedJob = writer.Prepare("""
            UPDATE job SET state = 10, incarnation = NULL, lease = NULL, cached = ?, finished_at = ?, version = ?, history_seq = ?
            WHERE seq = ? AND version = ? AND state = ? AND incarnation = ? AND lease = ? AND attempt = ?
            """);
        _claim = writer.Prepare($"""
            SELECT {SqliteJobRows.Columns}, payload.args, payload.checkpoint FROM job INDEXED BY job_claim JOIN payload ON payload.job_seq = job.seq
            WHERE queue = ? AND {SqliteSchema.Claimable} ORDER BY rank, seq LIMIT ?
            """);
        _setResult = writer.Prepare("UPDATE payload SET result = ?, checkpoint = NULL WHERE job_seq = ?");
        _edges = new SqliteGraphRows(session, this);
        _graph = new JobGraph(_edges);
        foreach (var parent in _edges.Awaited()) _graph.Await(parent);
        _committedSeq = _seq = long.Parse(writer.Scalar("SELECT max(coalesce((SELECT max(seq) FROM job), 0), coalesce((SELECT value FROM sequence WHERE name = 'job'), 0))")!, System.Globalization.CultureInfo.InvariantCulture);
        LoadActive();
        LoadTerms();
        LoadNotes();
        LoadFlow();
    }

    public SqliteDeliveries Deliveries => _deliveries;

    /// <summary>Once per write, in the open transaction.</summary>
    /// <param name="origin">Whose write it is; null where only one node is there.</param>
    public void Apply(JobWrite write, long? origin)
    {
        _history.Origin = origin;
        // One time for a transaction would let a claim see a job that is "not yet due" by microseconds; the clock is cheap.
        _now = _time.GetUtcNow();
        write.Followed.Clear();
        if (_flowLost) LoadFlow();
        switch (write)
        {
            case JobWrite.Submit submit:
                Submit(submit);
                CrashPoints.Reach(CrashPoints.SubmitBeforeCommit);
                break;
            case JobWrite.Claim claim: Claim(claim); break;
            case JobWrite.Change change: Change(change); break;
            case JobWrite.Save save:
                Save(save);
                CrashPoints.Reach(CrashPoints.CheckpointBeforeCommit);
                break;
            case JobWrite.Note note: Note(note); break;
            case JobWrite.Delete delete: Delete(delete); break;
            case JobWrite.Reap reap: Reap(reap); break;
            case JobWrite.Sweep sweep: Sweep(sweep); break;
            case JobWrite.Prune prune: Prune(prune); break;
            case JobWrite.StopWorkflow stop: Stop(stop); break;
            case JobWrite.SetQueue set: SetQueue(set); break;
            default: throw new ArgumentOutOfRangeException(nameof(write), write, "an unknown kind of write");
        }
        if (_graph.HasNews) _graph.Follow(write.Followed);
        write.Wakes = _flow.TakeWakes();
    }

    /// <summary>Writes the counters' summed changes: one row for each (queue, task, state) that the transaction touched.</summary>
    public void Flush()
    {
        foreach (var ((ns, queue, task, state), delta) in _deltas)
        {
            if (delta == 0) continue;
            if (state.IsActive) _activeDeltas.Add((queue, delta));
            _session["""
                INSERT INTO counter (namespace, queue, task, state, count) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """].Bind(ns.Name).Bind(queue).Bind(task).Bind((long)state).Bind(delta).Run();
        }
        _deltas.Clear();
        if (_flow.Touched) FlushFlow();
    }

    /// <summary>The transaction is durable. Repeats are harmless, for every node whose writes it carried says so.</summary>
    public void Committed()
    {
        _committedSeq = _seq;
        _history.Committed();
        CommitActive();
        _flow.Settled();
        _deliveries.Committed();
        _graph.Committed();
    }

    /// <summary>The transaction was rolled back. Repeats are harmless.</summary>
    public void Forget()
    {
        _deltas.Clear();
        _deliveries.Forget();
        _activeDeltas.Clear();
        _flowLost |= _flow.Touched;
        _seq = _committedSeq;
        _history.Forget();
        _graph.Forget();
    }
}
