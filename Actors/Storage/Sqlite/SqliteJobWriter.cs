using System.Text.Json;
using ActorPerf.Jobs;
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
internal sealed class SqliteJobWriter
{
    private const int JobKind = 1;
    private static readonly TimeSpan IdempotencyLife = TimeSpan.FromHours(24);

    private readonly SqliteSession _session;
    private readonly SqliteJobRows _rows = new();
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
    private long _seq;
    private long _historySeq;
    private long _committedSeq;
    private long _committedHistorySeq;
    private DateTimeOffset _now;

    public SqliteJobWriter(SqliteSession session, TimeProvider time, Random random)
    {
        _session = session;
        var writer = session.Handle;
        _time = time;
        _random = random;
        _insertJob = writer.Prepare("""
            INSERT INTO job (seq, id, namespace, task, queue, priority, state, rank, run_at, expires_at, timeout, max_attempts, backoff_initial,
              backoff_factor, backoff_max, unique_key, limit_key, tags, meta, callback, rerun_of, workflow, schedule, digest, trace_parent, when_lost,
              attempt, excused, crashes, incarnation, lease, node, cached, created_at, started_at, version, history_seq)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """);
        _isBefore = writer.Prepare("SELECT 1 FROM job WHERE queue = ? AND state = 2 AND rank <= ? LIMIT 1");
        _insertPayload = writer.Prepare("INSERT INTO payload (job_seq, namespace, args) VALUES (?, ?, ?)");
        _insertHistory = writer.Prepare("""
            INSERT INTO history (seq, namespace, kind, subject, version, at, from_state, to_state, attempt, incarnation, node, detail, previous)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _updateJob = writer.Prepare("""
            UPDATE job SET state = ?, rank = ?, run_at = ?, attempt = ?, excused = ?, crashes = ?, incarnation = ?, lease = ?, node = ?, cached = ?,
              error_type = ?, error_message = ?, started_at = ?, finished_at = ?, version = ?, history_seq = ?
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
            SELECT {SqliteJobRows.Columns}, payload.args FROM job JOIN payload ON payload.job_seq = job.seq
            WHERE job.queue = ? AND job.state = 2 ORDER BY job.rank, job.seq LIMIT ?
            """);
        _setResult = writer.Prepare("UPDATE payload SET result = ? WHERE job_seq = ?");
        _committedSeq = _seq = long.Parse(writer.Scalar("SELECT coalesce(max(seq), 0) FROM job")!, System.Globalization.CultureInfo.InvariantCulture);
        _committedHistorySeq = _historySeq =
            long.Parse(writer.Scalar("SELECT coalesce(max(seq), 0) FROM history")!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Once per write, in the open transaction.</summary>
    public void Apply(JobWrite write)
    {
        // One time for a transaction would let a claim see a job that is "not yet due" by microseconds; the clock is cheap.
        _now = _time.GetUtcNow();
        switch (write)
        {
            case JobWrite.Submit submit: Submit(submit); break;
            case JobWrite.Claim claim: Claim(claim); break;
            case JobWrite.Change change: Change(change); break;
            case JobWrite.Reap reap: Reap(reap); break;
            case JobWrite.Sweep sweep: Sweep(sweep); break;
            case JobWrite.Prune prune: Prune(prune); break;
            default: throw new ArgumentOutOfRangeException(nameof(write), write, "an unknown kind of write");
        }
    }

    /// <summary>Writes the counters' summed changes: one row for each (queue, task, state) that the transaction touched.</summary>
    public void Flush()
    {
        foreach (var ((ns, queue, task, state), delta) in _deltas)
        {
            if (delta == 0) continue;
            _session["""
                INSERT INTO counter (namespace, queue, task, state, count) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """].Bind(ns.Name).Bind(queue).Bind(task).Bind((long)state).Bind(delta).Run();
        }
        _deltas.Clear();
    }

    public void Committed()
    {
        _committedSeq = _seq;
        _committedHistorySeq = _historySeq;
    }

    /// <summary>The transaction was rolled back.</summary>
    public void Forget()
    {
        _deltas.Clear();
        _seq = _committedSeq;
        _historySeq = _committedHistorySeq;
    }

    private void Submit(JobWrite.Submit submit)
    {
        submit.AtOnce?.Taken.Clear();
        if (!submit.Atomic)
        {
            for (var i = 0; i < submit.Jobs.Count; i++) submit.Outcomes[i] = Insert(submit.Jobs[i], submit.AtOnce);
            return;
        }
        var (seq, historySeq) = (_seq, _historySeq);
        var deltas = new Dictionary<(Namespace, string, string, JobState), long>(_deltas);
        _session["SAVEPOINT batch"].Run();
        var refused = false;
        for (var i = 0; i < submit.Jobs.Count; i++)
        {
            submit.Outcomes[i] = Insert(submit.Jobs[i], submit.AtOnce);
            refused |= submit.Outcomes[i] is SubmitOutcome.Refused;
        }
        if (refused)
        {
            _session["ROLLBACK TO batch"].Run();
            submit.AtOnce?.Taken.Clear();
            (_seq, _historySeq) = (seq, historySeq);
            _deltas.Clear();
            foreach (var (key, delta) in deltas) _deltas.Add(key, delta);
            for (var i = 0; i < submit.Outcomes.Length; i++)
                if (submit.Outcomes[i] is not SubmitOutcome.Refused) submit.Outcomes[i] = BatchRefused;
        }
        _session["RELEASE batch"].Run();
    }

    private static readonly SubmitOutcome.Refused BatchRefused = new(JobRefusals.BatchRefused);

    private SubmitOutcome Insert(NewJob job, JobWrite.Claim? atOnce)
    {
        if (job.IdempotencyKey is { } key && Replay(job, key) is { } replay) return replay;
        var row = Complete(job.Row);
        var running = TakenAtOnce(row, atOnce);
        if (!InsertRow(running ?? row)) return Existing(row);
        _seq = row.Seq;
        _insertPayload.Bind(row.Seq).Bind(row.Namespace.Name).Bind(job.Args.Span).Run();
        foreach (var tag in row.Tags)
            _session["INSERT INTO tag (namespace, tag, job_seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"].Bind(row.Namespace.Name).Bind(tag).Bind(row.Seq).Run();
        if (job.IdempotencyKey is { } used) Remember(row, used);
        WriteHistory(row, null, row.HistorySeq, previous: null, run: null, detail: null);
        if (running is not null)
        {
            WriteHistory(running, row.State, running.HistorySeq, row.HistorySeq, running.Run, detail: null);
            atOnce!.Taken.Add(new Job(running, job.Args, null, null));
        }
        Count(row, (running ?? row).State, 1);
        return new SubmitOutcome.Accepted(new Job(row, job.Args, null, null));
    }

    /// <summary>The row as a claim makes it, when the job is the first of its line and the claim has a permit left; else null.</summary>
    private JobRow? TakenAtOnce(JobRow row, JobWrite.Claim? claim)
    {
        if (claim is null || claim.Taken.Count == claim.Count || row.State != JobState.Queued || row.Queue != claim.Queue) return null;
        var behind = _isBefore.Bind(row.Queue).Bind(JobRules.Rank(row.RunAt, row.Priority)).Step();
        _isBefore.Reset();
        if (behind) return null;
        var decision = JobRules.Decide(row, new JobCommand.Claim(claim.Owner, Run.NewLease(_random), claim.Node), _now);
        // One that expired meanwhile is left to the line, which knows how to pass it.
        if (decision is not JobDecision.Moved { Next: { State: JobState.Running } next }) return null;
        next.HistorySeq = row.HistorySeq + 1;
        return next;
    }

    private JobRow Complete(JobRow row)
    {
        var runAt = row.RunAt == default ? _now : row.RunAt;
        return row with
        {
            Seq = _seq + 1,
            CreatedAt = _now,
            RunAt = runAt,
            State = JobRules.Initial(runAt, _now),
            Version = 1,
            HistorySeq = _historySeq + 1,
        };
    }

    private bool InsertRow(JobRow row) => _insertJob
        .Bind(row.Seq).Bind(row.Id.Value).Bind(row.Namespace.Name).Bind(row.Task).Bind(row.Queue).Bind((long)row.Priority).Bind((long)row.State)
        .Bind(JobRules.Rank(row.RunAt, row.Priority)).Bind(SqliteTime.ToMicroseconds(row.RunAt)).Bind(SqliteTime.ToMicroseconds(row.ExpiresAt))
        .Bind(Microseconds(row.Timeout)).Bind((long)row.MaxAttempts).Bind(Microseconds(row.Backoff.Initial)).Bind(row.Backoff.Factor)
        .Bind(Microseconds(row.Backoff.Max)).Bind(row.UniqueKey).Bind(row.LimitKey).Bind(SqliteJobRows.WriteTags(row.Tags)).Bind(row.Meta.Span)
        .Bind(row.Callback).Bind(row.RerunOf?.Value).Bind(row.Workflow).Bind(row.Schedule).Bind(row.Digest).Bind(row.TraceParent)
        .Bind((long)row.WhenLost).Bind((long)row.Attempt).Bind(row.Run?.Owner.Value).Bind(row.Run?.Lease).Bind(row.Node)
        .Bind(SqliteTime.ToMicroseconds(row.CreatedAt)).Bind(SqliteTime.ToMicroseconds(row.StartedAt)).Bind(row.Version).Bind(row.HistorySeq)
        .Run() == 1;

    private SubmitOutcome Existing(JobRow wanted)
    {
        var found = Find(wanted.Namespace, wanted.Id)!;
        if (found.Row.Digest == wanted.Digest) return new SubmitOutcome.Deduplicated(found);
        return new SubmitOutcome.Refused(JobRefusals.IdConflict(wanted.Id));
    }

    private SubmitOutcome? Replay(NewJob job, string key)
    {
        var s = _session["SELECT digest, job_seq FROM idempotency WHERE namespace = ? AND key = ? AND expires_at > ?"]
            .Bind(job.Row.Namespace.Name).Bind(key).Bind(SqliteTime.ToMicroseconds(_now));
        if (!s.Step())
        {
            s.Reset();
            return null;
        }
        var (digest, seq) = (s.Guid(0), s.Long(1));
        s.Reset();
        if (digest != job.Row.Digest) return new SubmitOutcome.Refused(JobRefusals.IdempotencyMismatch(key));
        // The job may have been deleted since; then the key is free again.
        return FindBySeq(seq) is { } found ? new SubmitOutcome.Replayed(found) : null;
    }

    private void Remember(JobRow row, string key) => _session["""
        INSERT INTO idempotency (namespace, key, digest, job_seq, expires_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET digest = excluded.digest, job_seq = excluded.job_seq, expires_at = excluded.expires_at
        """].Bind(row.Namespace.Name).Bind(key).Bind(row.Digest).Bind(row.Seq).Bind(SqliteTime.ToMicroseconds(_now + IdempotencyLife)).Run();

    private void Claim(JobWrite.Claim claim)
    {
        claim.Taken.Clear();
        claim.Expired.Clear();
        while (claim.Taken.Count < claim.Count)
        {
            var wanted = claim.Count - claim.Taken.Count;
            var found = new List<Job>(Math.Min(wanted, 256));
            _claim.Bind(claim.Queue).Bind((long)wanted);
            while (_claim.Step()) found.Add(new Job(_rows.Read(_claim), _claim.BlobOrNull(SqliteJobRows.Count), null, null));
            _claim.Reset();
            foreach (var job in found) Take(claim, job);
            // Only expired jobs leave room for another look at the line.
            if (found.Count < wanted) return;
        }
    }

    private void Take(JobWrite.Claim claim, Job job)
    {
        var moved = (JobDecision.Moved)JobRules.Decide(job.Row, new JobCommand.Claim(claim.Owner, Run.NewLease(_random), claim.Node), _now);
        var next = Store(job.Row, moved) ?? throw new InvalidOperationException($"Job {job.Row.Id} changed inside its own transaction.");
        (next.State == JobState.Running ? claim.Taken : claim.Expired).Add(job with { Row = next });
    }

    private void Change(JobWrite.Change change)
    {
        if (change.Known is { } known && TryChange(change, known)) return;
        if (Find(change.Namespace, change.Id) is { } found)
        {
            if (!TryChange(change, found)) throw new InvalidOperationException($"Job {change.Id} changed inside its own transaction.");
            return;
        }
        change.Decision = null;
        change.Now = null;
    }

    /// <summary>False when the row is no longer as <paramref name="job"/> says.</summary>
    private bool TryChange(JobWrite.Change change, Job job)
    {
        var decision = JobRules.Decide(job.Row, change.Command, _now);
        if (decision is not JobDecision.Moved moved)
        {
            if (ReferenceEquals(job, change.Known)) return false;    // a refusal must rest on the row itself
            change.Decision = decision;
            change.Now = job;
            return true;
        }
        if (Store(job.Row, moved) is not { } next) return false;
        var result = next.State == JobState.Succeeded ? change.Result : null;
        if (result is { } bytes) _setResult.Bind(bytes.Span).Bind(next.Seq).Run();
        if (change.Attempt is { } attempt) WriteAttempt(next, attempt);
        change.Decision = moved with { Next = next };
        change.Now = new Job(next, job.Args, result, null);
        return true;
    }

    private void Reap(JobWrite.Reap reap)
    {
        reap.Moved.Clear();
        foreach (var job in FindMany(SqliteSchema.Active, static s => s, reap.Limit, reap.Alive))
        {
            var decision = JobRules.Decide(job.Row, new JobCommand.Lose(job.Row.Run!.Value, _random.NextDouble()), _now);
            if (decision is JobDecision.Moved moved && Store(job.Row, moved) is { } next) reap.Moved.Add(job with { Row = next });
        }
    }

    private void Sweep(JobWrite.Sweep sweep)
    {
        sweep.Moved.Clear();
        var now = SqliteTime.ToMicroseconds(_now);
        MoveAll($"expires_at <= ? AND {SqliteSchema.NotStarted}", now, sweep, new JobCommand.Expire());
        MoveAll($"run_at <= ? AND {SqliteSchema.AwaitsTime}", now, sweep, new JobCommand.Release());
        var s = _session[$"SELECT min(run_at) FROM job WHERE {SqliteSchema.AwaitsTime}"];
        sweep.NextDue = s.Step() ? SqliteTime.ToTime(s.LongOrNull(0)) : null;
        s.Reset();
    }

    private void MoveAll(string where, long now, JobWrite.Sweep sweep, JobCommand command)
    {
        foreach (var job in FindMany(where, s => s.Bind(now), sweep.Limit, []))
        {
            if (JobRules.Decide(job.Row, command, _now) is JobDecision.Moved moved && Store(job.Row, moved) is { } next)
                sweep.Moved.Add(job with { Row = next });
        }
    }

    private void Prune(JobWrite.Prune prune)
    {
        prune.Deleted = 0;
        var rows = new List<JobRow>();
        var s = _session[$"SELECT {SqliteJobRows.Columns} FROM job WHERE seq > ? ORDER BY seq LIMIT ?"].Bind(prune.Cursor).Bind((long)prune.Limit);
        while (s.Step()) rows.Add(_rows.Read(s));
        s.Reset();
        foreach (var row in rows)
        {
            // The newest row stays, so that its number is never given again.
            if (!row.State.IsFinal || row.Seq == _seq) continue;
            if (row.FinishedAt >= (row.State == JobState.Succeeded ? prune.SucceededBefore : prune.FailedBefore)) continue;
            Delete(row);
            prune.Deleted++;
        }
        prune.Cursor = rows.Count < prune.Limit ? 0 : rows[^1].Seq;
        prune.Deleted += _session["DELETE FROM idempotency WHERE (namespace, key) IN (SELECT namespace, key FROM idempotency WHERE expires_at <= ? LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(_now)).Bind((long)prune.Limit).Run();
        prune.Deleted += _session["DELETE FROM history WHERE seq IN (SELECT seq FROM history WHERE seq < ? ORDER BY seq LIMIT ?) AND at < ?"]
            .Bind(_historySeq).Bind((long)prune.Limit).Bind(SqliteTime.ToMicroseconds(prune.HistoryBefore)).Run();
    }

    private void Delete(JobRow row)
    {
        _session["DELETE FROM job WHERE seq = ?"].Bind(row.Seq).Run();
        _session["DELETE FROM payload WHERE job_seq = ?"].Bind(row.Seq).Run();
        _session["DELETE FROM attempt WHERE job_seq = ?"].Bind(row.Seq).Run();
        foreach (var tag in row.Tags)
            _session["DELETE FROM tag WHERE namespace = ? AND tag = ? AND job_seq = ?"].Bind(row.Namespace.Name).Bind(tag).Bind(row.Seq).Run();
        Count(row, row.State, -1);
    }

    /// <summary>Writes a move; null when the row is not as <paramref name="was"/> says. The returned row carries its new place in the feed.</summary>
    private JobRow? Store(JobRow was, JobDecision.Moved moved)
    {
        var next = moved.Next;          // fresh from the rules, so nobody else holds it
        next.HistorySeq = _historySeq + 1;
        var changed = Update(was, next);
        if (changed != 1) return null;
        WriteHistory(next, was.State, next.HistorySeq, was.HistorySeq, next.Run ?? was.Run, moved.Detail);
        Count(was, was.State, -1);
        Count(next, next.State, 1);
        return next;
    }

    /// <summary>Rows changed: 1, or 0 when the row is not as <paramref name="was"/> says.</summary>
    private int Update(JobRow was, JobRow next) => (was.State, next.State) switch
    {
        (JobState.Queued, JobState.Running) => _startJob
            .Bind((long)next.Attempt).Bind(next.Run?.Owner.Value).Bind(next.Run?.Lease).Bind(next.Node).Bind(SqliteTime.ToMicroseconds(next.StartedAt))
            .Bind(next.Version).Bind(next.HistorySeq).Bind(was.Seq).Bind(was.Version).Bind((long)was.Attempt).Run(),
        (_, JobState.Succeeded) => _succeedJob
            .Bind(next.Cached ? 1L : 0L).Bind(SqliteTime.ToMicroseconds(next.FinishedAt)).Bind(next.Version).Bind(next.HistorySeq)
            .Bind(was.Seq).Bind(was.Version).Bind((long)was.State).Bind(was.Run?.Owner.Value).Bind(was.Run?.Lease).Bind((long)was.Attempt).Run(),
        _ => _updateJob
            .Bind((long)next.State).Bind(JobRules.Rank(next.RunAt, next.Priority)).Bind(SqliteTime.ToMicroseconds(next.RunAt)).Bind((long)next.Attempt)
            .Bind((long)next.Excused).Bind((long)next.Crashes).Bind(next.Run?.Owner.Value).Bind(next.Run?.Lease).Bind(next.Node).Bind(next.Cached ? 1L : 0L)
            .Bind(next.Error?.Type).Bind(next.Error?.Message).Bind(SqliteTime.ToMicroseconds(next.StartedAt)).Bind(SqliteTime.ToMicroseconds(next.FinishedAt))
            .Bind(next.Version).Bind(next.HistorySeq)
            .Bind(was.Seq).Bind(was.Version).Bind((long)was.State).Bind(was.Run?.Owner.Value).Bind(was.Run?.Lease).Bind((long)was.Attempt)
            .Run(),
    };

    private void WriteHistory(JobRow row, JobState? from, long seq, long? previous, Run? run, string? detail)
    {
        _historySeq = seq;
        _insertHistory.Bind(seq).Bind(row.Namespace.Name).Bind((long)JobKind).Bind(row.Seq).Bind(row.Version).Bind(SqliteTime.ToMicroseconds(_now))
            .Bind(from is { } state ? (long)state : null).Bind((long)row.State).Bind((long)row.Attempt).Bind(run?.Owner.Value)
            .Bind(run is null ? null : row.Node).Bind(detail).Bind(previous).Run();
    }

    private void WriteAttempt(JobRow row, AttemptRecord attempt) => _session["""
        INSERT INTO attempt (job_seq, attempt, namespace, error_type, error_message, lines, dropped) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET error_type = excluded.error_type, error_message = excluded.error_message, lines = excluded.lines, dropped = excluded.dropped
        """].Bind(row.Seq).Bind((long)attempt.Attempt).Bind(row.Namespace.Name).Bind(attempt.Error?.Type).Bind(attempt.Error?.Message)
        .Bind(WriteLines(attempt.Lines)).Bind((long)attempt.Dropped).Run();

    private static byte[] WriteLines(IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0) return [];
        var stored = new List<StoredLine>(lines.Count);
        foreach (var line in lines) stored.Add(new StoredLine(SqliteTime.ToMicroseconds(line.At), (int)line.Level, line.Text));
        return JsonSerializer.SerializeToUtf8Bytes(stored, StorageJson.Default.ListStoredLine);
    }

    private void Count(JobRow row, JobState state, long delta)
    {
        ref var sum = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_deltas, (row.Namespace, row.Queue, row.Task, state), out _);
        sum += delta;
    }

    private Job? Find(Namespace ns, JobId id) => One(_session[FindById].Bind(ns.Name).Bind(id.Value));

    private Job? FindBySeq(long seq) => One(_session[FindBySequence].Bind(seq));

    private const string FindById =
        $"SELECT {SqliteJobRows.Columns}, payload.args, payload.result FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.namespace = ? AND job.id = ?";

    private const string FindBySequence =
        $"SELECT {SqliteJobRows.Columns}, payload.args, payload.result FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.seq = ?";

    private Job? One(SqliteStatement s)
    {
        var job = s.Step() ? new Job(_rows.Read(s), s.BlobOrNull(SqliteJobRows.Count), Nullable(s.BlobOrNull(SqliteJobRows.Count + 1)), null) : null;
        s.Reset();
        return job;
    }

    private List<Job> FindMany(string where, Func<SqliteStatement, SqliteStatement> bind, int limit, IReadOnlyList<Incarnation> without)
    {
        var others = without.Count == 0 ? "" : $" AND incarnation NOT IN ({string.Join(", ", Enumerable.Repeat("?", without.Count))})";
        var s = bind(_session[$"SELECT {SqliteJobRows.Columns}, payload.args FROM job JOIN payload ON payload.job_seq = job.seq WHERE {where}{others} LIMIT ?"]);
        foreach (var incarnation in without) s.Bind(incarnation.Value);
        s.Bind((long)limit);
        var found = new List<Job>();
        while (s.Step()) found.Add(new Job(_rows.Read(s), s.BlobOrNull(SqliteJobRows.Count), null, null));
        s.Reset();
        return found;
    }

    private static ReadOnlyMemory<byte>? Nullable(byte[]? bytes) => bytes is null ? (ReadOnlyMemory<byte>?)null : new ReadOnlyMemory<byte>(bytes);

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private static long? Microseconds(TimeSpan? span) => span is { } present ? Microseconds(present) : null;
}
