using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Submits: stored with their neighbours, or answered with the job that was there before.</content>
internal sealed partial class SqliteJobWriter
{
    private void Submit(JobWrite.Submit submit)
    {
        submit.AtOnce?.Taken.Clear();
        var atOnce = submit.AtOnce is { } claim && !IsOver(claim.Owner) ? claim : null;
        if (!submit.Atomic)
        {
            for (var i = 0; i < submit.Jobs.Count; i++) submit.Outcomes[i] = Insert(submit.Jobs[i], atOnce, submit.Followed);
            return;
        }
        // Should the batch be taken back, the book is loaded again from what is written.
        if (_flow.Touched) FlushFlow();
        var (seq, historySeq) = (_seq, _history.Seq);
        var deltas = new Dictionary<(Namespace, string, string, JobState), long>(_deltas);
        _session["SAVEPOINT batch"].Run();
        var refused = false;
        for (var i = 0; i < submit.Jobs.Count; i++)
        {
            submit.Outcomes[i] = Insert(submit.Jobs[i], atOnce, submit.Followed);
            refused |= submit.Outcomes[i] is SubmitOutcome.Refused || (submit.Workflow is not null && submit.Outcomes[i] is not SubmitOutcome.Accepted);
        }
        if (refused)
        {
            _session["ROLLBACK TO batch"].Run();
            if (_flow.Touched) LoadFlow();
            submit.AtOnce?.Taken.Clear();
            _graph.Drop();
            submit.Followed.Clear();
            (_seq, _history.Seq) = (seq, historySeq);
            _deltas.Clear();
            foreach (var (key, delta) in deltas) _deltas.Add(key, delta);
            for (var i = 0; i < submit.Outcomes.Length; i++)
                if (submit.Outcomes[i] is SubmitOutcome.Accepted || (submit.Workflow is null && submit.Outcomes[i] is not SubmitOutcome.Refused)) submit.Outcomes[i] = BatchRefused;
        }
        else if (submit.Workflow is { } workflow) _edges.Add(workflow, _now);
        _session["RELEASE batch"].Run();
    }

    private static readonly SubmitOutcome.Refused BatchRefused = new(JobRefusals.BatchRefused);

    private SubmitOutcome Insert(NewJob job, JobWrite.Claim? atOnce, List<(Job Job, JobState? From)> followed, bool waits = false)
    {
        if (job.IdempotencyKey is { } key && Replay(job, key) is { } replay) return replay;
        if (job.DependsOn.Count > 0) return InsertDependent(job, atOnce, followed);
        if (job.Row.UniqueKey is not null && Contend(job, followed) is { } met) return met;
        var row = Complete(job.Row, waits);
        var running = TakenAtOnce(row, atOnce);
        var blocked = row.LimitKey is not null && _flow.StandsBehind(row);
        if (!InsertRow(running ?? row, blocked)) return Existing(row);
        _seq = row.Seq;
        _insertPayload.Bind(row.Seq).Bind(row.Namespace.Name).Bind(job.Args.Span).Run();
        WriteTags(row);
        if (job.Terms.Count > 0 || job.OpenTerms.Count > 0) WriteTerms(row, job.Terms, job.OpenTerms);
        if (row.UniqueKey is not null) TakeKey(running ?? row);
        if (job.IdempotencyKey is { } used) Remember(row, used, row.Seq);
        WriteHistory(row, null, row.HistorySeq, previous: null, run: null, detail: null);
        if (running is not null)
        {
            WriteHistory(running, row.State, running.HistorySeq, row.HistorySeq, running.Run, detail: null);
            atOnce!.Taken.Add(new Job(running, job.Args, null, null));
        }
        Count(row, (running ?? row).State, 1);
        _flow.Added(row, blocked);
        return new SubmitOutcome.Accepted(new Job(row, job.Args, null, null));
    }

    /// <summary>The row as a claim makes it, when the job is the first of its line and the claim has a permit left; else null.</summary>
    private JobRow? TakenAtOnce(JobRow row, JobWrite.Claim? claim)
    {
        if (claim is null || claim.Taken.Count == claim.Count || row.State != JobState.Queued || row.Queue != claim.Queue) return null;
        if (row.LimitKey is not null || claim.Limits is not null || _flow.Concerns(row.Queue)) return null;
        var behind = _isBefore.Bind(row.Queue).Bind(JobRules.Rank(row)).Step();
        _isBefore.Reset();
        if (behind) return null;
        var decision = JobRules.Decide(row, new JobCommand.Claim(claim.Owner, Run.NewLease(_random), claim.Node), _now);
        // One that expired meanwhile is left to the line, which knows how to pass it.
        if (decision is not JobDecision.Moved { Next: { State: JobState.Running } next }) return null;
        next.HistorySeq = row.HistorySeq + 1;
        return next;
    }

    private JobRow Complete(JobRow row, bool waits)
    {
        var runAt = row.RunAt == default ? _now : row.RunAt;
        return row with
        {
            Seq = _seq + 1,
            CreatedAt = _now,
            RunAt = runAt,
            State = JobRules.Initial(runAt, _now, waits),
            Version = 1,
            HistorySeq = _history.Seq + 1,
        };
    }

    private bool InsertRow(JobRow row, bool blocked) => _insertJob
        .Bind(row.Seq).Bind(row.Id.Value).Bind(row.Namespace.Name).Bind(row.Task).Bind(row.Queue).Bind((long)row.Priority).Bind((long)row.State)
        .Bind(JobRules.Rank(row)).Bind(SqliteTime.ToMicroseconds(row.RunAt)).Bind(SqliteTime.ToMicroseconds(row.ExpiresAt))
        .Bind(Microseconds(row.Timeout)).Bind((long)row.MaxAttempts).Bind(Microseconds(row.Backoff.Initial)).Bind(row.Backoff.Factor)
        .Bind(Microseconds(row.Backoff.Max)).Bind(row.UniqueKey).Bind(row.UniqueKey is null ? null : (long)row.UniquePolicy)
        .Bind(row.UniqueKey is null ? null : (long)row.UniqueUntil).Bind(row.LimitKey).Bind(SqliteJobRows.WriteTags(row.Tags)).Bind(row.Meta.Span)
        .Bind(row.Callback).Bind(row.RerunOf?.Value).Bind(row.Workflow).Bind(row.Schedule).Bind(row.Digest).Bind(row.TraceParent)
        .Bind((long)row.WhenLost).Bind((long)row.Attempt).Bind(row.Run?.Owner.Value).Bind(row.Run?.Lease).Bind(row.Node)
        .Bind(SqliteTime.ToMicroseconds(row.CreatedAt)).Bind(SqliteTime.ToMicroseconds(row.StartedAt)).Bind(row.Version).Bind(row.HistorySeq)
        .Bind(blocked ? 1L : null).Run() == 1;

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
        // The job may have been deleted since; then the key is free again.
        if (FindBySeq(seq) is not { } found) return null;
        return digest == job.Row.Digest ? new SubmitOutcome.Replayed(found) : new SubmitOutcome.Refused(JobRefusals.IdempotencyMismatch(key));
    }

    private void Remember(JobRow row, string key, long seq) => _session["""
        INSERT INTO idempotency (namespace, key, digest, job_seq, expires_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET digest = excluded.digest, job_seq = excluded.job_seq, expires_at = excluded.expires_at
        """].Bind(row.Namespace.Name).Bind(key).Bind(row.Digest).Bind(seq).Bind(SqliteTime.ToMicroseconds(_now + IdempotencyLife)).Run();
}
