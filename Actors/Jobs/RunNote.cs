using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A piece of what a run under way has said, stored for the other nodes: its newest progress, or lines of its log. docs/formats/database.md.</summary>
/// <param name="Attempt">The run.</param>
/// <param name="First">Number of the first of <paramref name="Lines"/> in the run's log, from 1; 0 for progress.</param>
/// <param name="At">When it was stored, by the store's clock.</param>
/// <param name="Progress">Null for lines.</param>
/// <param name="Lines">Empty for progress.</param>
public sealed record RunNote(Namespace Namespace, JobId Job, int Attempt, int First, DateTimeOffset At, ProgressReport? Progress, IReadOnlyList<LogLine> Lines)
{
    /// <summary>What makes it another note than one that was heard.</summary>
    public (Namespace, JobId, int, int, DateTimeOffset) Key => (Namespace, Job, Attempt, First, At);

    /// <summary>Attempts as they ended, and those that left nothing but notes: runs under way, and runs whose node was lost.</summary>
    /// <param name="ended">In their order.</param>
    /// <param name="notes">Lines of runs, each with the number of its first; in order of attempt and number. They may overlap, for a note whose commit was in doubt is written again.</param>
    public static IReadOnlyList<AttemptRecord> Join(IReadOnlyList<AttemptRecord> ended, IEnumerable<(int Attempt, int First, IReadOnlyList<LogLine> Lines)> notes)
    {
        var said = new SortedDictionary<int, List<LogLine>>();
        foreach (var (attempt, first, lines) in notes)
        {
            if (ended.Any(record => record.Attempt == attempt)) continue;
            if (!said.TryGetValue(attempt, out var all)) said[attempt] = all = [];
            all.AddRange(lines.Skip(all.Count + 1 - first));
        }
        if (said.Count == 0) return ended;
        return [.. ended.Concat(said.Select(run => new AttemptRecord(run.Key, null, run.Value, 0))).OrderBy(record => record.Attempt)];
    }
}

/// <summary>Notes in order of their time, and what time it is.</summary>
/// <param name="Now">By the store's clock.</param>
/// <param name="All">At most as many as were asked for.</param>
public sealed record RunNotes(DateTimeOffset Now, IReadOnlyList<RunNote> All);
