using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <content>What runs under way have said, for the other nodes.</content>
internal sealed partial class MemoryJobStore
{
    public ValueTask<IReadOnlyDictionary<long, ProgressReport>> ReadProgressAsync(IReadOnlyList<JobRow> running, CancellationToken ct)
    {
        lock (_gate)
        {
            var found = new Dictionary<long, ProgressReport>();
            foreach (var row in running)
                if (_jobs.TryGetValue(row.Seq, out var entry) && entry.Notes.TryGetValue((row.Attempt, 0), out var note)) found[row.Seq] = note.Progress!;
            return new(found);
        }
    }

    public ValueTask<RunNotes> ReadNotesAsync(DateTimeOffset? since, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(new RunNotes(time.GetUtcNow(), since is null ? [] : [.. _jobs.Values.SelectMany(entry => entry.Notes.Values).Where(note => note.At >= since).OrderBy(note => note.At).Take(limit)]));
        }
    }

    private void Note(JobWrite.Note note)
    {
        note.Noted = false;
        if (!_jobs.TryGetValue(note.Job.Row.Seq, out var entry) || entry.Job.Row.Run != note.Run) return;
        note.Noted = true;
        var (row, attempt) = (entry.Job.Row, note.Run.Attempt);
        if (note.Progress is { } progress) entry.Notes[(attempt, 0)] = new RunNote(row.Namespace, row.Id, attempt, 0, _now, progress, []);
        if (note.Lines.Count > 0) entry.Notes[(attempt, note.First)] = new RunNote(row.Namespace, row.Id, attempt, note.First, _now, null, note.Lines);
    }

    private static void EndNotes(Entry entry, int attempt)
    {
        foreach (var key in entry.Notes.Keys.Where(key => key.Attempt == attempt).ToArray()) entry.Notes.Remove(key);
    }

    private static IEnumerable<(int, int, IReadOnlyList<LogLine>)> LinesOf(Entry entry) => entry.Notes.Where(note => note.Key.First > 0).Select(note => (note.Key.Attempt, note.Key.First, note.Value.Lines));
}
