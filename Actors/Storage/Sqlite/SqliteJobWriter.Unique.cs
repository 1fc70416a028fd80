using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Unique keys: taken in the transaction of the submit, released in that of the move that ends the hold.</content>
internal sealed partial class SqliteJobWriter
{
    /// <summary>What a submission with a unique key is answered with; null when it is to be stored. A holder that makes way is cancelled here.</summary>
    private SubmitOutcome? Contend(NewJob job, List<(Job Job, JobState? From)> followed)
    {
        var row = job.Row;
        // The id speaks first: a repeat of the submission that holds the key is that job, and no conflict.
        if (Find(row.Namespace, row.Id) is not null) return Existing(row);
        if (Holder(row.Namespace, row.UniqueKey!) is not { } holder) return null;
        if (UniqueRules.Meet(holder, row) is { } met)
        {
            if (met is SubmitOutcome.Deduplicated && job.IdempotencyKey is { } key) Remember(row, key, holder.Row.Seq);
            return met;
        }
        var moved = (JobDecision.Moved)JobRules.Decide(holder.Row, new JobCommand.Supersede(row.Id), _now);
        var next = Store(holder.Row, moved) ?? throw new InvalidOperationException($"Job {holder.Row.Id} changed inside its own transaction.");
        followed.Add((holder with { Row = next }, holder.Row.State));
        return null;
    }

    private Job? Holder(Namespace ns, string key)
    {
        var s = _session["SELECT job_seq FROM unique_key WHERE namespace = ? AND key = ?"].Bind(ns.Name).Bind(key);
        long? seq = s.Step() ? s.Long(0) : null;
        s.Reset();
        return seq is { } held ? FindBySeq(held) : null;
    }

    private void TakeKey(JobRow row)
    {
        if (!UniqueRules.Holds(row)) return;
        _session["INSERT INTO unique_key (namespace, key, job_seq, until) VALUES (?, ?, ?, ?)"]
            .Bind(row.Namespace.Name).Bind(row.UniqueKey).Bind(row.Seq).Bind((long)row.UniqueUntil).Run();
    }

    private void ReleaseKey(JobRow was, JobRow next)
    {
        if (!UniqueRules.Holds(was) || UniqueRules.Holds(next)) return;
        _session["DELETE FROM unique_key WHERE namespace = ? AND key = ? AND job_seq = ?"].Bind(was.Namespace.Name).Bind(was.UniqueKey).Bind(was.Seq).Run();
    }
}
