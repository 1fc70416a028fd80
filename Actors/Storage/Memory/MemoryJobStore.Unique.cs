using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Memory;

/// <content>Unique keys.</content>
internal sealed partial class MemoryJobStore
{
    /// <summary>The keys held against the jobs that say they hold them.</summary>
    public IReadOnlyList<Violation> Verify()
    {
        lock (_gate) return [.. _unique.Verify(_jobs.ToDictionary(job => job.Key, job => job.Value.Job.Row))];
    }

    private SubmitOutcome? Contend(NewJob job, List<(Job Job, JobState? From)> followed, DateTimeOffset now)
    {
        if (_unique.Holder(job.Row) is not { } seq) return null;
        var holder = _jobs[seq];
        if (UniqueRules.Meet(holder.Job, job.Row) is { } met)
        {
            if (met is SubmitOutcome.Deduplicated && job.IdempotencyKey is { } key)
                _idempotency[(job.Row.Namespace, key)] = (job.Row.Digest, seq, now + IdempotencyLife);
            return met;
        }
        var was = holder.Job;
        Move(holder, (JobDecision.Moved)JobRules.Decide(was.Row, new JobCommand.Supersede(job.Row.Id), now), now);
        holder.Replaced = was;
        followed.Add((holder.Job, was.Row.State));
        return null;
    }

    /// <summary>The atomic batch whose jobs took their place did not take place.</summary>
    private void RestoreReplaced(JobWrite.Submit submit)
    {
        for (var i = 0; i < submit.Jobs.Count; i++)
        {
            if (submit.Outcomes[i] is SubmitOutcome.Deduplicated && submit.Jobs[i] is { IdempotencyKey: { } key, Row: var row })
                _idempotency.Remove((row.Namespace, key));
        }
        foreach (var (job, _) in submit.Followed)
        {
            _history.Remove(job.Row.HistorySeq);
            Webhooks.Undo(job.Row);
            // Unless it was one of the batch itself, and so was undone with it.
            if (!_jobs.TryGetValue(job.Row.Seq, out var entry) || entry.Replaced is not { } was) continue;
            Leave(entry.Job.Row, was.Row);
            entry.Job = was;
            Line(was.Row);
            _unique.Take(was.Row);
        }
        submit.Followed.Clear();
    }
}
