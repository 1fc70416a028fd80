using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs;

/// <summary>What is new among the notes of runs elsewhere.</summary>
public sealed class NoteCursorTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JobId Job = new(Guid.NewGuid());

    [Fact]
    public void A_note_is_heard_once_also_when_it_becomes_visible_late()
    {
        var cursor = NoteCursor.At(Noon);
        (var fresh, cursor) = cursor.Hear(new RunNotes(Noon.AddSeconds(2), [Note(-1), Note(2)]));
        Assert.Equal([Note(2).Key], fresh.Select(note => note.Key));
        (fresh, cursor) = cursor.Hear(new RunNotes(Noon.AddSeconds(3), [Note(1), Note(2), Note(3)]));
        Assert.Equal([Note(1).Key, Note(3).Key], fresh.Select(note => note.Key));
        (fresh, cursor) = cursor.Hear(new RunNotes(Noon.AddSeconds(30), [Note(1), Note(2), Note(3)]));
        Assert.Empty(fresh);
        Assert.Equal((Noon.AddSeconds(27), 0), (cursor.Since, cursor.Heard.Count));
    }

    [Fact]
    public void A_full_page_is_left_behind()
    {
        var (fresh, cursor) = NoteCursor.At(Noon).Hear(new RunNotes(Noon.AddSeconds(1), [.. Enumerable.Range(1, NoteCursor.Page).Select(i => Note(i / 10_000.0))]));
        Assert.Equal(NoteCursor.Page, fresh.Count);
        Assert.Equal((fresh[^1].At, 1), (cursor.Since, cursor.Heard.Count));
    }

    private static RunNote Note(double seconds) => new(Namespace.Default, Job, 1, 0, Noon.AddSeconds(seconds), new ProgressReport(1, null, Noon), []);
}
