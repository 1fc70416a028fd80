using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <content>Checkpoints: in mid-run under the run's fence, and with its end.</content>
internal sealed partial class SqliteJobWriter
{
    private void Save(JobWrite.Save save) => save.Saved = _session[$"""
        UPDATE payload SET checkpoint = ? WHERE job_seq = ? AND EXISTS
          (SELECT 1 FROM job WHERE seq = payload.job_seq AND incarnation = ? AND lease = ? AND attempt = ?)
        """].Bind(save.Checkpoint.Span).Bind(save.Job.Row.Seq).Bind(save.Run.Owner.Value).Bind(save.Run.Lease).Bind((long)save.Run.Attempt).Run() == 1;

    private void SetCheckpoint(long seq, ReadOnlyMemory<byte> checkpoint) =>
        _session["UPDATE payload SET checkpoint = ? WHERE job_seq = ?"].Bind(checkpoint.Span).Bind(seq).Run();
}
