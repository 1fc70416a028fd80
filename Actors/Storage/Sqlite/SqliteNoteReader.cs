using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads what runs under way have said, on a reader's thread.</summary>
internal static class SqliteNoteReader
{
    public static IReadOnlyDictionary<long, ProgressReport> Progress(SqliteSession session, IReadOnlyList<JobRow> running)
    {
        var found = new Dictionary<long, ProgressReport>();
        foreach (var row in running)
        {
            var s = session["SELECT body FROM run_note WHERE job_seq = ? AND attempt = ? AND first = 0"].Bind(row.Seq).Bind((long)row.Attempt);
            if (s.Step()) found[row.Seq] = RunNoteBody.ReadProgress(s.Bytes(0));
            s.Reset();
        }
        return found;
    }

    public static RunNotes Notes(SqliteSession session, DateTimeOffset? since, int limit, DateTimeOffset now)
    {
        var notes = new List<RunNote>();
        if (since is { } from)
        {
            var s = session["""
                SELECT j.namespace, j.id, r.attempt, r.first, r.at, r.body FROM run_note r INDEXED BY run_note_at JOIN job j ON j.seq = r.job_seq WHERE r.at >= ?
                ORDER BY r.at, r.job_seq, r.attempt, r.first LIMIT ?
                """].Bind(SqliteTime.ToMicroseconds(from)).Bind((long)limit);
            while (s.Step()) notes.Add(RunNoteBody.Read(Namespace.FromStore(s.Text(0)), new JobId(s.Guid(1)), s.Int(2), s.Int(3), SqliteTime.ToTime(s.Long(4)), s.Bytes(5)));
        }
        return new RunNotes(now, notes);
    }

    /// <summary>Lines of a job's runs, in order of attempt and number.</summary>
    public static List<(int Attempt, int First, IReadOnlyList<LogLine> Lines)> Lines(SqliteSession session, long seq)
    {
        var lines = new List<(int, int, IReadOnlyList<LogLine>)>();
        var s = session["SELECT attempt, first, body FROM run_note WHERE job_seq = ? AND first > 0 ORDER BY attempt, first"].Bind(seq);
        while (s.Step()) lines.Add((s.Int(0), s.Int(1), RunNoteBody.ReadLines(s.Bytes(2))));
        return lines;
    }
}
