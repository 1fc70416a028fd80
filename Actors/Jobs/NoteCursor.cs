namespace ActorPerf.Jobs;

/// <summary>Up to where the notes of runs were heard. A transaction may become visible a little after the time that stands in its rows, so the last seconds are
/// read again, and what was heard of them is passed over.</summary>
/// <param name="From">Notes of before are not told: who begins to listen is told how things stand in another way.</param>
/// <param name="Since">Where the next look begins.</param>
/// <param name="Heard">Notes at or after <paramref name="Since"/> that were told.</param>
internal sealed record NoteCursor(DateTimeOffset From, DateTimeOffset Since, IReadOnlySet<(Tasks.Namespace, JobId, int, int, DateTimeOffset)> Heard)
{
    /// <summary>Notes in one look. Who says more than so much is heard a look later.</summary>
    public const int Page = 1_000;

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    public static NoteCursor At(DateTimeOffset now) => new(now, now, new HashSet<(Tasks.Namespace, JobId, int, int, DateTimeOffset)>());

    /// <summary>What is new among the notes, and the cursor behind them.</summary>
    public (IReadOnlyList<RunNote> Fresh, NoteCursor Next) Hear(RunNotes notes)
    {
        RunNote[] fresh = [.. notes.All.Where(note => note.At >= From && !Heard.Contains(note.Key))];
        // A full page ends where it ends, or a crowd would be read over and over.
        var since = notes.All.Count >= Page ? notes.All[^1].At : Later(Since, notes.Now - Slack);
        var heard = Heard.Concat(fresh.Select(note => note.Key)).Where(key => key.Item5 >= since).ToHashSet();
        return (fresh, this with { Since = since, Heard = heard });
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
