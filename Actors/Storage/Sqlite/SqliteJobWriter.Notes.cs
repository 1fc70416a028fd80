using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <content>What runs say while they run, under the run's fence; gone with its end.</content>
internal sealed partial class SqliteJobWriter
{
    // Where only one node is there, nobody writes any, and a job that is deleted is not looked up there.
    private bool _hasNotes;

    private void LoadNotes() => _hasNotes = _session.Handle.Scalar("SELECT EXISTS (SELECT 1 FROM run_note)") == "1";

    private void Note(JobWrite.Note note)
    {
        note.Noted = _session["SELECT 1 FROM job WHERE seq = ? AND incarnation = ? AND lease = ? AND attempt = ?"]
            .Bind(note.Job.Row.Seq).Bind(note.Run.Owner.Value).Bind(note.Run.Lease).Bind((long)note.Run.Attempt).Step();
        if (!note.Noted) return;
        _hasNotes = true;
        foreach (var (first, body) in RunNoteBody.Parts(note))
        {
            _session["INSERT INTO run_note (job_seq, attempt, first, at, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body"]
                .Bind(note.Job.Row.Seq).Bind((long)note.Run.Attempt).Bind((long)first).Bind(SqliteTime.ToMicroseconds(_now)).Bind(body).Run();
        }
    }

    private void EndNotes(JobRow was) => _session["DELETE FROM run_note WHERE job_seq = ? AND attempt = ?"].Bind(was.Seq).Bind((long)was.Attempt).Run();
}
