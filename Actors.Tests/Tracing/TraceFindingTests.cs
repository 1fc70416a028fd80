using ActorPerf.Tracing;

namespace ActorPerf.Tests.Tracing;

/// <summary>The rules of findings, on spans made by hand: kind, start and end in milliseconds.</summary>
public sealed class TraceFindingTests
{
    [Fact]
    public void Three_calls_of_one_place_one_after_the_other_are_a_staircase_that_saves_all_but_the_longest()
    {
        var found = Find(Call(CallKind.Get, 0, 10), Call(CallKind.Get, 10, 40), Call(CallKind.Get, 41, 51));
        var stairs = Assert.Single(found);
        Assert.Equal((FindingSort.Staircase, 3, "Page.cs:7"), (stairs.Sort, stairs.Count, stairs.CallSite));
        Assert.Equal(Ms(20), stairs.Saving);
    }

    [Fact]
    public void Calls_that_overlap_are_none() =>
        Assert.Empty(Find(Call(CallKind.Get, 0, 20), Call(CallKind.Get, 10, 30), Call(CallKind.Get, 20, 40), Call(CallKind.Get, 30, 50)));

    [Fact]
    public void Two_places_one_after_the_other_are_a_missed_overlap()
    {
        var missed = Assert.Single(Find(Call(CallKind.Get, 0, 30), Call(CallKind.Query, 30, 50, "Page.cs:8")));
        Assert.Equal((FindingSort.MissedOverlap, Ms(20)), (missed.Sort, missed.Saving));
        Assert.Contains("20 ms", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_follows_a_query_in_a_batch_is_not_called_a_missed_overlap() =>
        Assert.Empty(Find(Call(CallKind.Query, 0, 20), Call(CallKind.Get, 20, 40, "Page.cs:9"), Call(CallKind.Get, 20, 40, "Page.cs:9")));

    [Fact]
    public void What_would_hardly_save_anything_is_not_told() =>
        Assert.Empty(TraceFindings.Of([Root, Call(CallKind.Get, 0, 1), Call(CallKind.Get, 1, 2), Call(CallKind.Get, 2, 3)], [], Ms(1_000)));

    [Fact]
    public void Calls_below_different_spans_have_nothing_to_do_with_each_other() =>
        Assert.Empty(Find(Call(CallKind.Get, 0, 10), Call(CallKind.Get, 10, 20) with { Parent = "other" }, Call(CallKind.Get, 20, 30) with { Parent = "third" }));

    [Fact]
    public void Hits_are_no_steps() =>
        Assert.Empty(Find([.. Enumerable.Range(0, 5).Select(i => Call(CallKind.Cache, i, i + 1) with { Tags = [KeyValuePair.Create(SpanTags.Outcome, "hit")] })]));

    [Fact]
    public void Single_keys_under_load_are_told_and_alone_are_not()
    {
        TraceSpan[] lonely = [.. Enumerable.Range(0, 6).Select(i => Call(CallKind.Statement, i, i + 20) with { Shared = new SharedSpan(1, [], 1, 1) })];
        Assert.Equal(FindingSort.BatchOfOne, Assert.Single(Find(lonely)).Sort);
        Assert.Empty(Find([.. Enumerable.Range(0, 6).Select(i => Call(CallKind.Statement, 20 * i, 20 * i + 20) with { Shared = new SharedSpan(1, [], 1, 1) })]));
    }

    [Fact]
    public void Reads_at_the_same_time_share_and_later_ones_are_told()
    {
        TraceSpan[] calls = [Call(CallKind.Get, 0, 10), Call(CallKind.Get, 5, 10, "Page.cs:8"), Call(CallKind.Get, 30, 40, "Page.cs:9")];
        var found = TraceFindings.Of([Root, .. calls], [(calls[0].Id, 1), (calls[1].Id, 1), (calls[2].Id, 1)], Ms(100));
        var again = Assert.Single(found, static finding => finding.Sort == FindingSort.SameReadTwice);
        Assert.Equal(("Page.cs:9", Ms(10)), (again.CallSite, again.Saving));
    }

    [Fact]
    public void Every_kind_and_sort_has_a_word_that_reads_back()
    {
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            Assert.True(CallKinds.TryParse(kind.Word(), out var read));
            Assert.Equal(kind, read);
        }
        foreach (var sort in Enum.GetValues<FindingSort>())
        {
            Assert.True(FindingSorts.TryParse(sort.Word(), out var read));
            Assert.Equal(sort, read);
        }
        Assert.Equal("get-many", CallKind.GetMany.Word());
        Assert.False(FindingSorts.TryParse("nonsense", out _));
    }

    private static TraceSpan Root => new("root", null, 0, CallKind.Request, "GET /page", TimeSpan.Zero, Ms(100));

    private static IReadOnlyList<Finding> Find(params TraceSpan[] calls) => TraceFindings.Of([Root, .. calls], [], Ms(100));

    private static TraceSpan Call(CallKind kind, double from, double to, string site = "Page.cs:7") =>
        new(Guid.NewGuid().ToString(), "root", 1, kind, $"{kind.Word()} Account", Ms(from), Ms(to - from)) { CallSite = site, Target = "Account" };

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
