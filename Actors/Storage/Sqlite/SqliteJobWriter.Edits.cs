using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <content>What clients change of a job beside its state: the members that no move touches, and the end of the row itself.</content>
internal sealed partial class SqliteJobWriter
{
    /// <summary>Writes the members that <see cref="JobCommand.Edit"/> changes and the statement of a move does not.</summary>
    private void WriteEdit(JobRow was, JobRow next)
    {
        if (next.Queue != was.Queue || next.Priority != was.Priority)
            _session["UPDATE job SET queue = ?, priority = ? WHERE seq = ?"].Bind(next.Queue).Bind((long)next.Priority).Bind(next.Seq).Run();
        if (ReferenceEquals(next.Tags, was.Tags)) return;
        _session["UPDATE job SET tags = ? WHERE seq = ?"].Bind(SqliteJobRows.WriteTags(next.Tags)).Bind(next.Seq).Run();
        DeleteTags(was);
        WriteTags(next);
    }

    private void WriteTags(JobRow row)
    {
        foreach (var tag in row.Tags)
            _session["INSERT INTO tag (namespace, tag, job_seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"].Bind(row.Namespace.Name).Bind(tag).Bind(row.Seq).Run();
    }

    private void DeleteTags(JobRow row)
    {
        foreach (var tag in row.Tags)
            _session["DELETE FROM tag WHERE namespace = ? AND tag = ? AND job_seq = ?"].Bind(row.Namespace.Name).Bind(tag).Bind(row.Seq).Run();
    }

    private void Delete(JobWrite.Delete delete)
    {
        (delete.Deleted, delete.Refusal) = (null, null);
        if (Find(delete.Namespace, delete.Id) is not { } job) return;
        if (!job.Row.State.IsFinal)
        {
            delete.Refusal = JobActions.Conflict(job.Row, "be deleted");
            return;
        }
        if (HasDependents(job.Row.Seq))
        {
            delete.Refusal = JobRefusals.Needed(job.Row.Id);
            return;
        }
        // The next number is taken from the rows that are there; that of the newest would be given twice, and history with it.
        if (job.Row.Seq == _seq)
            _session["INSERT INTO sequence (name, value) VALUES ('job', ?) ON CONFLICT DO UPDATE SET value = excluded.value"].Bind(_seq).Run();
        Delete(job.Row);
        delete.Deleted = job;
    }
}
