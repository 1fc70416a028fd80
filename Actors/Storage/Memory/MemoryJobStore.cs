using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Jobs in memory: gone with the process. For tests, demonstrations, and as the plain model that other stores are held against.</summary>
/// <remarks>Every write is applied whole under one lock, so each is a transaction of its own.</remarks>
internal sealed partial class MemoryJobStore(TimeProvider time, Random random) : IJobStore
{
    private static readonly TimeSpan IdempotencyLife = TimeSpan.FromHours(24);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Entry> _jobs = [];
    private readonly Dictionary<(Namespace, JobId), long> _ids = [];
    private readonly Dictionary<string, SortedSet<(long Rank, long Seq)>> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<(Namespace, string), (Guid Digest, long Seq, DateTimeOffset ExpiresAt)> _idempotency = [];
    private readonly MemoryUniqueKeys _unique = new();
    private long _seq;
    private DateTimeOffset _now;

    public Action<IReadOnlyList<JobWrite>>? Reported { get; set; }

    public bool IsInOrder => true;

    /// <summary>Whether a node was downed; such a one is given nothing, though it may not have seen it yet.</summary>
    public Func<Incarnation, bool> IsOver { get; init; } = static _ => false;

    /// <summary>The second level of the cache, for finishes write to it.</summary>
    public MemoryCacheStore Remembered { get; } = new();

    /// <summary>Under the same lock, for moves write deliveries.</summary>
    public MemoryWebhookStore Webhooks => field ??= new MemoryWebhookStore(_gate, random);

    public bool TryPost(JobWrite write)
    {
        Post(write, origin: null, Reported);
        return true;
    }

    /// <param name="origin">Whose write it is; null where only one node is there.</param>
    /// <param name="reported">Its node's.</param>
    public void Post(JobWrite write, long? origin, Action<IReadOnlyList<JobWrite>>? reported)
    {
        lock (_gate)
        {
            _history.Origin = origin;
            Apply(write, time.GetUtcNow());
            reported?.Invoke([write]);
            Webhooks.Tell();
        }
    }

    public ValueTask<IReadOnlyList<Job?>> ReadManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct)
    {
        lock (_gate) return new(ids.Select(id => Find(ns, id) is { Job: var job } ? job with { DependsOn = Edges.DependsOn(job.Row) } : null).ToArray());
    }

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        lock (_gate) return new(Find(ns, id) is { } entry ? new StoredResult(entry.Job.Row, entry.Job.Result, ResultCoding.None, entry.Media) : null);
    }

    public ValueTask<JobHistory?> ReadHistoryAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        lock (_gate)
        {
            if (Find(ns, id) is not { } entry) return new((JobHistory?)null);
            var rows = _history.Of(entry.Job.Row.Seq);
            return new(new JobHistory(rows, RunNote.Join([.. entry.Attempts.Values], LinesOf(entry)), Pruned: rows.Length == 0 || rows[0].From is not null));
        }
    }

    public ValueTask<IReadOnlyList<JobCount>> CountAsync(Namespace? ns, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_jobs.Values.Select(entry => entry.Job.Row).Where(row => ns is null || row.Namespace == ns)
                .GroupBy(row => (row.Queue, row.Task, row.State))
                .Select(group => new JobCount(group.Key.Queue, group.Key.Task, group.Key.State, group.Count())).ToArray());
        }
    }

    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> OldestWaitingAsync(Namespace? ns, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_lines.Keys.Concat(_blocked.Keys.Select(place => place.Queue)).Distinct(StringComparer.Ordinal)
                .Select(queue => (Queue: queue, Since: OldestWaiting(queue, ns))).Where(oldest => oldest.Since is not null)
                .ToDictionary(oldest => oldest.Queue, oldest => oldest.Since!.Value, StringComparer.Ordinal));
        }
    }

    public ValueTask<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        lock (_gate) return new(NextDue());
    }

    public ValueTask<IReadOnlyList<Job>> ReadRunningAsync(Incarnation owner, CancellationToken ct)
    {
        lock (_gate) return new(_jobs.Values.Select(entry => entry.Job).Where(job => job.Row.Run?.Owner == owner).ToArray());
    }

    private void Apply(JobWrite write, DateTimeOffset now)
    {
        _now = now;
        write.Followed.Clear();
        switch (write)
        {
            case JobWrite.Submit submit: Submit(submit, now); break;
            case JobWrite.Claim claim: Claim(claim, now); break;
            case JobWrite.Change change: Change(change, now); break;
            case JobWrite.Save save: Save(save); break;
            case JobWrite.Note note: Note(note); break;
            case JobWrite.Delete delete: Delete(delete); break;
            case JobWrite.Reap reap: Reap(reap, now); break;
            case JobWrite.Sweep sweep: Sweep(sweep, now); break;
            case JobWrite.Prune prune: Prune(prune, now); break;
            case JobWrite.StopWorkflow stop: Stop(stop); break;
            case JobWrite.SetQueue set: SetQueue(set, now); break;
            default: throw new ArgumentOutOfRangeException(nameof(write), write, "an unknown kind of write");
        }
        if (Graph.HasNews) Graph.Follow(write.Followed);
        Graph.Committed();
        _ = _flow.TakeDirtyKeys().Count() + _flow.TakeDirtyQueues().Count();        // nothing is kept, but idle keys are forgotten
        write.Wakes = _flow.TakeWakes();
    }

    private void Submit(JobWrite.Submit submit, DateTimeOffset now)
    {
        var added = new List<Job>();
        submit.AtOnce?.Taken.Clear();
        var atOnce = submit.AtOnce is { } claim && !IsOver(claim.Owner) ? claim : null;
        for (var i = 0; i < submit.Jobs.Count; i++)
        {
            submit.Outcomes[i] = Insert(submit.Jobs[i], submit.Followed, now);
            if (submit.Outcomes[i] is not SubmitOutcome.Accepted accepted) continue;
            added.Add(accepted.Job);
            TakeAtOnce(atOnce, accepted.Job.Row, now);
        }
        if (!submit.Atomic) return;
        if (!submit.Outcomes.Any(outcome => outcome is SubmitOutcome.Refused || (submit.Workflow is not null && outcome is not SubmitOutcome.Accepted)))
        {
            if (submit.Workflow is { } workflow) Edges.Add(workflow, now);
            return;
        }
        submit.AtOnce?.Taken.Clear();
        Graph.Drop();
        foreach (var job in added) Undo(job.Row);
        RestoreReplaced(submit);
        for (var i = 0; i < submit.Outcomes.Length; i++)
            if (submit.Outcomes[i] is SubmitOutcome.Accepted || (submit.Workflow is null && submit.Outcomes[i] is not SubmitOutcome.Refused)) submit.Outcomes[i] = new SubmitOutcome.Refused(JobRefusals.BatchRefused);
    }

    private SubmitOutcome Insert(NewJob job, List<(Job Job, JobState? From)> followed, DateTimeOffset now, bool waits = false)
    {
        if (job.IdempotencyKey is { } key && _idempotency.TryGetValue((job.Row.Namespace, key), out var used) && used.ExpiresAt > now
            && _jobs.TryGetValue(used.Seq, out var replay))
        {
            return used.Digest == job.Row.Digest ? new SubmitOutcome.Replayed(replay.Job) : new SubmitOutcome.Refused(JobRefusals.IdempotencyMismatch(key));
        }
        if (job.DependsOn.Count > 0) return InsertDependent(job, followed, now);
        if (Find(job.Row.Namespace, job.Row.Id) is { } existing)
        {
            return existing.Job.Row.Digest == job.Row.Digest
                ? new SubmitOutcome.Deduplicated(existing.Job)
                : new SubmitOutcome.Refused(JobRefusals.IdConflict(job.Row.Id));
        }
        if (job.Row.UniqueKey is not null && Contend(job, followed, now) is { } met) return met;
        var runAt = job.Row.RunAt == default ? now : job.Row.RunAt;
        var row = job.Row with { Seq = ++_seq, CreatedAt = now, RunAt = runAt, State = JobRules.Initial(runAt, now, waits), Version = 1, HistorySeq = _history.Last + 1 };
        var stored = new Job(row, job.Args, null, null);
        _jobs.Add(row.Seq, new Entry(stored));
        _ids.Add((row.Namespace, row.Id), row.Seq);
        if (job.IdempotencyKey is { } remembered) _idempotency[(row.Namespace, remembered)] = (row.Digest, row.Seq, now + IdempotencyLife);
        _unique.Take(row);
        var blocked = _flow.StandsBehind(row);
        if (blocked) Blocked(row).Add((JobRules.Rank(row), row.Seq));
        else Line(row);
        _flow.Added(row, blocked);
        Write(row, null, now, null, null);
        return new SubmitOutcome.Accepted(stored);
    }

    /// <summary>A new job is taken at once when it is the first of its line.</summary>
    private void TakeAtOnce(JobWrite.Claim? claim, JobRow row, DateTimeOffset now)
    {
        if (claim is null || claim.Taken.Count == claim.Count || row.State != JobState.Queued || row.Queue != claim.Queue) return;
        if (row.LimitKey is not null || claim.Limits is not null || _flow.Concerns(row.Queue)) return;
        if (_lines[row.Queue].Min.Seq != row.Seq) return;
        var entry = _jobs[row.Seq];
        if (JobRules.Decide(row, new JobCommand.Claim(claim.Owner, Run.NewLease(random), claim.Node), now) is not JobDecision.Moved { Next.State: JobState.Running } moved) return;
        Move(entry, moved, now);
        claim.Taken.Add(entry.Job);
    }

    private void Undo(JobRow row)
    {
        _history.RemoveOf(row.Seq);
        // As it is now: the batch may have started it.
        var now = _jobs[row.Seq].Job.Row;
        Leave(now, now with { State = JobState.Cancelled });
        _jobs.Remove(row.Seq);
        _ids.Remove((row.Namespace, row.Id));
        Edges.Delete(row);
        _unique.Free(row);
        foreach (var key in _idempotency.Where(used => used.Value.Seq == row.Seq).Select(used => used.Key).ToArray()) _idempotency.Remove(key);
    }

    private void Claim(JobWrite.Claim claim, DateTimeOffset now)
    {
        claim.Taken.Clear();
        claim.Expired.Clear();
        claim.LookAgain = null;
        if (IsOver(claim.Owner)) return;
        if (_flow.Enter(claim, this, now) is { } pass)
        {
            ClaimUnder(pass, claim, now);
            return;
        }
        if (!_lines.TryGetValue(claim.Queue, out var line)) return;
        while (claim.Taken.Count < claim.Count && line.Count > 0)
        {
            Take(claim, _jobs[line.Min.Seq], now);
        }
    }

    private void Take(JobWrite.Claim claim, Entry entry, DateTimeOffset now)
    {
        var was = entry.Job.Row;
        Move(entry, (JobDecision.Moved)JobRules.Decide(entry.Job.Row, new JobCommand.Claim(claim.Owner, Run.NewLease(random), claim.Node), now), now);
        (entry.Job.Row.State == JobState.Running ? claim.Taken : claim.Expired).Add(Started(entry, was));
    }

    private void Change(JobWrite.Change change, DateTimeOffset now)
    {
        (change.Decision, change.Now, change.Was) = (null, null, null);
        if (Find(change.Namespace, change.Id) is not { } entry) return;
        change.Decision = JobRules.Decide(entry.Job.Row, change.Command, now);
        if (change.Decision is JobDecision.Moved moved)
        {
            change.Was = entry.Job.Row;
            Move(entry, moved, now);
            change.Decision = moved with { Next = entry.Job.Row };
            if (entry.Job.Row.State == JobState.Succeeded) (entry.Job, entry.Media) = (entry.Job with { Result = change.Result, Checkpoint = null }, change.ResultMedia);
            else if (change.Checkpoint is { } checkpoint && !entry.Job.Row.State.IsFinal) entry.Job = entry.Job with { Checkpoint = checkpoint };
            if (change.Remember is { } remember && entry.Job.Row.State == JobState.Succeeded) Remembered.Put(remember);
            if (change.Attempt is { } attempt) entry.Attempts[attempt.Attempt] = attempt;
            if (change.HasNotes) EndNotes(entry, change.Was.Attempt);
            if (change.Command is JobCommand.Park && entry.Job.Row.State == JobState.Held) Park(change, entry.Job.Row, now);
        }
        change.Now = entry.Job;
    }

    private void Save(JobWrite.Save save)
    {
        save.Saved = false;
        if (!_jobs.TryGetValue(save.Job.Row.Seq, out var entry) || entry.Job.Row.Run != save.Run) return;
        entry.Job = entry.Job with { Checkpoint = save.Checkpoint };
        save.Saved = true;
    }

    private void Delete(JobWrite.Delete delete)
    {
        (delete.Deleted, delete.Refusal) = (null, null);
        if (Find(delete.Namespace, delete.Id) is not { } entry) return;
        if (entry.Job.Row.State.IsFinal && Edges.IsNeeded(entry.Job.Row)) delete.Refusal = JobRefusals.Needed(delete.Id);
        else if (entry.Job.Row.State.IsFinal)
        {
            delete.Deleted = entry.Job;
            _jobs.Remove(entry.Job.Row.Seq);
            _ids.Remove((delete.Namespace, delete.Id));
            Edges.Delete(entry.Job.Row);
        }
        else delete.Refusal = JobActions.Conflict(entry.Job.Row, "be deleted");
    }

    private void Reap(JobWrite.Reap reap, DateTimeOffset now)
    {
        reap.Moved.Clear();
        var lost = _jobs.Values.Where(entry => entry.Job.Row is { Run: { } run } row && !reap.Alive.Contains(run.Owner) && !(row.StartedAt >= reap.Before)).Take(reap.Limit).ToArray();
        foreach (var entry in lost)
        {
            Move(entry, (JobDecision.Moved)JobRules.Decide(entry.Job.Row, new JobCommand.Lose(entry.Job.Row.Run!.Value, random.NextDouble()), now), now);
            reap.Moved.Add(entry.Job);
        }
    }

    private void Sweep(JobWrite.Sweep sweep, DateTimeOffset now)
    {
        sweep.Moved.Clear();
        MoveAll(sweep, new JobCommand.Expire(), now);
        MoveAll(sweep, new JobCommand.Release(), now);
        sweep.NextDue = NextDue();
    }

    private void MoveAll(JobWrite.Sweep sweep, JobCommand command, DateTimeOffset now)
    {
        var moves = _jobs.Values.Select(entry => (Entry: entry, Decision: JobRules.Decide(entry.Job.Row, command, now)))
            .Where(move => move.Decision is JobDecision.Moved).Take(sweep.Limit).ToArray();
        foreach (var (entry, decision) in moves)
        {
            Move(entry, (JobDecision.Moved)decision, now);
            sweep.Moved.Add(entry.Job);
        }
    }

    private void Prune(JobWrite.Prune prune, DateTimeOffset now)
    {
        var page = _jobs.Where(job => job.Key > prune.Cursor).Take(prune.Limit).Select(job => job.Value.Job.Row).ToArray();
        prune.Deleted = 0;
        _flow.Prune(now);
        foreach (var row in page)
        {
            if (!row.State.IsFinal || row.Seq == _seq || row.FinishedAt >= now - prune.Rules.Of(row.Queue, row.Task, row.State)) continue;
            if (_idempotency.Values.Any(used => used.Seq == row.Seq && used.ExpiresAt > now)) continue;
            if (Edges.IsNeeded(row) || Edges.IsKeptByRerun(row) || Webhooks.IsOwed(row.Seq)) continue;
            _jobs.Remove(row.Seq);
            _ids.Remove((row.Namespace, row.Id));
            Edges.Delete(row);
            prune.Deleted++;
        }
        prune.Cursor = page.Length < prune.Limit ? 0 : page[^1].Seq;
        foreach (var key in _idempotency.Where(used => used.Value.ExpiresAt <= now).Take(prune.Limit).Select(used => used.Key).ToArray())
            prune.Deleted += _idempotency.Remove(key) ? 1 : 0;
        prune.Deleted += Webhooks.Prune(now, prune.Limit);
        prune.Deleted += _history.Prune(now - prune.Rules.History, prune.Limit);
    }

    private void Move(Entry entry, JobDecision.Moved moved, DateTimeOffset now)
    {
        var was = entry.Job.Row;
        var next = moved.Next with { HistorySeq = _history.Last + 1 };
        _unique.Release(was, next);
        Leave(was, next);
        entry.Job = entry.Job with { Row = next };
        Line(next);
        Graph.Moved(was.State, next);
        Write(next, was.State, now, next.Run ?? was.Run, moved.Detail);
        Webhooks.Moved(was, entry.Job, now);
    }

    private void Write(JobRow row, JobState? from, DateTimeOffset at, Run? run, string? detail) => _history.Add(
        row, new HistoryRow(row.HistorySeq, row.Version, at, from, row.State, row.Attempt, run is null ? null : row.Node, detail), run?.Owner.Value);

    private void Line(JobRow row)
    {
        if (row.State != JobState.Queued) return;
        if (!_lines.TryGetValue(row.Queue, out var line)) _lines.Add(row.Queue, line = []);
        line.Add((JobRules.Rank(row), row.Seq));
    }

    private void Unline(JobRow row)
    {
        if (row.State == JobState.Queued) _lines[row.Queue].Remove((JobRules.Rank(row), row.Seq));
    }

    private DateTimeOffset? NextDue() => _jobs.Values.Select(entry => entry.Job.Row)
        .Where(row => row.State is JobState.Scheduled or JobState.Retrying).Min(row => (DateTimeOffset?)row.RunAt);

    private Entry? Find(Namespace ns, JobId id) => _ids.TryGetValue((ns, id), out var seq) ? _jobs[seq] : null;

    private sealed class Entry(Job job)
    {
        public Job Job { get; set; } = job;

        /// <summary>As it was before a newer submission took its unique key; null when none did.</summary>
        public Job? Replaced { get; set; }

        public ResultMedia? Media { get; set; }

        public SortedDictionary<int, AttemptRecord> Attempts { get; } = [];

        /// <summary>By attempt and number of the first line.</summary>
        public SortedDictionary<(int Attempt, int First), RunNote> Notes { get; } = [];
    }
}
