using ActorPerf.Tracing;

namespace ActorPerf.Tests.Tracing;

public sealed class TimelineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly long Slot = TimeSlots.Of(Noon);

    [Fact]
    public void A_total_becomes_what_it_grew_by_in_each_slot()
    {
        var book = new TimelineBook();
        book.Total("a", "hits", 0, Slot - 2);
        book.Total("a", "hits", 7, Slot - 1);
        book.Total("a", "hits", 9, Slot);
        Assert.Equal([7, 2], book.Read("a", Noon).Of("hits").TakeLast(2));
        Assert.Equal(TimeSlots.Count, book.Read("a", Noon).Of("hits").Count);
    }

    [Fact]
    public void A_total_that_was_begun_anew_counts_from_its_beginning()
    {
        var book = new TimelineBook();
        book.Total("a", "hits", 100, Slot - 1);
        book.Total("a", "hits", 4, Slot);
        Assert.Equal([100, 4], book.Read("a", Noon).Of("hits").TakeLast(2));
    }

    [Fact]
    public void A_scope_sees_its_own_lines_only()
    {
        var book = new TimelineBook();
        book.Total("mine", "hits", 5, Slot);
        book.Total("yours", "hits", 6, Slot);
        book.Value(Timelines.Node, "depth", 3, Slot);
        Assert.Equal(["hits"], book.Read("mine", Noon).Lines.Keys);
        Assert.Equal(5, book.Read("mine", Noon).Of("hits")[^1]);
        Assert.Equal(3, book.Read(Timelines.Node, Noon).Of("depth")[^1]);
        Assert.All(book.Read("mine", Noon).Of("never noted"), point => Assert.Equal(0, point));
    }

    [Fact]
    public void What_is_older_than_fifteen_minutes_is_gone_and_gaps_are_zero()
    {
        var book = new TimelineBook();
        book.Value("a", "depth", 1, Slot);
        book.Value("a", "depth", 2, Slot + 3);
        Assert.Equal([1, 0, 0, 2], book.Read("a", Noon.AddSeconds(3 * TimeSlots.Seconds)).Of("depth").TakeLast(4));
        Assert.Equal([1, 0], book.Read("a", Noon.AddSeconds(TimeSlots.Seconds)).Of("depth").TakeLast(2));
        Assert.Equal(2, book.Read("a", Noon.AddMinutes(15)).Of("depth")[2]);
        book.Prune(Slot + 3 + TimeSlots.Count);
        Assert.Equal(0, book.Lines);
        Assert.Empty(book.Read("a", Noon.AddMinutes(16)).Lines);
    }

    [Fact]
    public void Lines_are_bounded()
    {
        var book = new TimelineBook();
        for (var i = 0; i <= TimelineBook.MaxLines; i++) book.Total($"ns-{i}", "hits", i, Slot);
        Assert.Equal(TimelineBook.MaxLines, book.Lines);
        Assert.Empty(book.Read($"ns-{TimelineBook.MaxLines}", Noon).Lines);
    }

    [Fact]
    public void A_ring_takes_what_comes_late_and_leaves_what_comes_too_late()
    {
        var ring = new SlotRing();
        ring.Add(Slot, 1);
        ring.Add(Slot - 2, 4);
        ring.Add(Slot - TimeSlots.Count, 9);
        Assert.Equal([4, 0, 1], ring.Read(Slot).TakeLast(3));
        Assert.Equal(5, ring.Read(Slot).Sum());
        ring.Set(Slot + 1_000, 2);
        Assert.Equal(2, ring.Read(Slot + 1_000).Sum());
    }
}
