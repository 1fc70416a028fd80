using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>What runs say while they run, and that they have ended.</content>
internal sealed partial class JobChanges
{
    private static readonly Column<KeyValuePair<(long Seq, int Attempt, int First), (DateTimeOffset At, byte[] Body)>>[] NoteColumns =
    [
        NoteNumber("job_seq", note => note.Key.Seq), NoteNumber("attempt", note => note.Key.Attempt), NoteNumber("first", note => note.Key.First),
        NoteNumber("at", note => PostgresTime.ToMicroseconds(note.Value.At)),
        RowSet.Bytes<KeyValuePair<(long Seq, int Attempt, int First), (DateTimeOffset At, byte[] Body)>>("body", note => note.Value.Body),
    ];

    private static readonly string UpsertNotes = RowSet.Insert("run_note", NoteColumns, "ON CONFLICT (job_seq, attempt, first) DO UPDATE SET at = excluded.at, body = excluded.body");

    private void WriteNotes(RoundTrip trip)
    {
        if (Notes.Count > 0) trip.Run(UpsertNotes, Notes.Count, RowSet.Bind(NoteColumns, [.. Notes]));
        if (EndedNotes.Count == 0) return;
        trip.Run(
            $"DELETE FROM {S}.run_note n USING unnest($1::bigint[], $2::integer[]) AS w (seq, attempt) WHERE n.job_seq = w.seq AND n.attempt = w.attempt", null,
            Numbers(EndedNotes.Select(run => run.Seq)), Smalls(EndedNotes.Select(run => run.Attempt)));
    }

    private static Column<KeyValuePair<(long Seq, int Attempt, int First), (DateTimeOffset At, byte[] Body)>> NoteNumber(
        string name, Func<KeyValuePair<(long Seq, int Attempt, int First), (DateTimeOffset At, byte[] Body)>, long> of) => RowSet.Number(name, of);
}
