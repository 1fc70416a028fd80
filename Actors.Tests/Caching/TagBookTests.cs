using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

/// <summary>The tags of a namespace, where there are very many.</summary>
public sealed class TagBookTests
{
    private const int Many = 100_000;

    [Fact]
    public void Among_many_tags_that_live_new_ones_count_and_nobody_looks_at_all_of_them_again_and_again()
    {
        var books = new CacheBooks(10);
        var book = books.Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1"), "t"));
        var names = books.Find(Namespace.Default)!;
        for (var i = 0; i < Many; i++) names.Tag($"{i}").Hold(books.Clock.Now);
        var loads = new List<VersionStamp>();
        for (var i = 0; i < 2_000; i++) loads.Add(book.Capture().With([names.Tag($"customer-{i}"), names.Tag($"order-{i}")]));
        Assert.All(loads, static load => Assert.True(load.IsCurrent));      // a look at all of them would have dropped those that nothing holds yet
    }

    [Fact]
    public void Tags_that_nothing_holds_any_more_leave_room_for_others()
    {
        var books = new CacheBooks(10);
        var book = books.Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1"), "t"));
        var names = books.Find(Namespace.Default)!;
        var old = book.Capture().With([names.Tag("old")]);
        for (var i = 0; i < Many; i++) names.Tag($"{i}");
        Assert.False(old.IsCurrent);                                        // nobody would tell it of an invalidation
        Assert.True(book.Capture().With([names.Tag("old")]).IsCurrent);
    }
}
