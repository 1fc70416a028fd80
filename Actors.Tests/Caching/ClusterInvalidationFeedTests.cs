using System.Text;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Caching;

/// <summary>Invalidations as rows of the feed of all changes, from one node of a database to another.</summary>
public sealed class ClusterInvalidationFeedTests
{
    private static readonly CacheKey Key = new(Namespace.Parse("shop"), "report", 2, Encoding.UTF8.GetBytes("""{"year":2026,"name":"\"ä"}"""));

    public static TheoryData<CacheInvalidation> Scopes =>
    [
        new CacheInvalidation.OfKey(Key), new CacheInvalidation.OfKey(Key) { Expire = true }, new CacheInvalidation.OfTask(Key.Namespace, "report"),
        new CacheInvalidation.OfTag(Key.Namespace, "eu") { Expire = true }, new CacheInvalidation.OfNamespace(Key.Namespace), new CacheInvalidation.Everything(),
    ];

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task What_one_node_forgets_the_others_forget(CacheInvalidation what)
    {
        using var one = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        using var two = one.Another();
        var (here, there) = (new Sink(), new Sink());
        var publisher = Feed(one.Feed, here);
        var listener = Feed(two.Feed, there);

        await publisher.PublishAsync(what, here, default);
        Assert.Empty((await one.Feed.ReadAsync(FeedPlace.Start, one.Feed.Origin, 10, default)).Rows);      // its own row is no news to it
        var row = Assert.Single((await two.Feed.ReadAsync(FeedPlace.Start, two.Feed.Origin, 10, default)).Rows);
        Assert.Equal(FeedKind.Cache, row.Kind);
        await listener.HearAsync(row, default);

        Assert.Equal([what], there.Applied);
        Assert.Empty(here.Applied);
    }

    [Fact]
    public async Task Arguments_that_are_too_long_for_a_row_forget_their_whole_task_elsewhere()
    {
        using var one = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        using var two = one.Another();
        var there = new Sink();
        var key = new CacheKey(Key.Namespace, "report", 2, Encoding.UTF8.GetBytes($"\"{new string('x', 70_000)}\""));
        await Feed(one.Feed, new Sink()).PublishAsync(new CacheInvalidation.OfKey(key) { Expire = true }, new Sink(), default);
        await Feed(two.Feed, there).HearAsync((await two.Feed.ReadAsync(FeedPlace.Start, two.Feed.Origin, 10, default)).Rows[0], default);
        Assert.Equal([new CacheInvalidation.OfTask(Key.Namespace, "report") { Expire = true }], there.Applied);
    }

    [Fact]
    public async Task A_row_of_a_later_version_and_rows_that_were_pruned_forget_everything()
    {
        var sink = new Sink();
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var feed = Feed(storage.Feed, sink);
        await feed.HearAsync(new FeedRow { Place = FeedPlace.Of(7), Namespace = "shop", Kind = FeedKind.Cache, Detail = "v9:???" }, default);
        await feed.ForgetAsync(default);
        Assert.Equal([new CacheInvalidation.Everything(), new CacheInvalidation.Everything()], sink.Applied);
    }

    [Fact]
    public async Task Numbers_of_the_second_level_raise_the_position_and_others_do_not()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var feed = Feed(storage.Feed, new Sink());
        await feed.HearAsync(Row(9, """{"number":41,"task":"report"}"""), default);
        await feed.HearAsync(Row(10, """{"number":40,"task":"report"}"""), default);
        Assert.Equal(41, feed.Position);
        await feed.HearAsync(Row(100, """{"task":"report"}"""), default);
        Assert.Equal(41, feed.Position);
    }

    [Fact]
    public async Task A_node_that_missed_some_forgets_what_it_holds_and_leaves_the_second_level_to_the_others()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var (sink, now) = (new Sink(), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var second = storage.Cache;
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(second, default), second, storage.Feed);
        feed.Attach(sink);
        await second.InvalidateAsync(new CacheInvalidation.OfTag(Key.Namespace, "eu"), default);      // another node's, pruned from the feed
        await second.WriteAsync(new StoredEntry(Key, "1"u8.ToArray(), now, default, now.AddHours(1), now, now, [], AsOf: 1), default);
        await feed.ForgetAsync(default);
        Assert.Equal([new CacheInvalidation.Everything()], sink.Applied);
        Assert.Equal(1, feed.Position);      // so that what it computes from here on is seen
        Assert.NotNull(await second.ReadAsync(Key, now, default));
    }

    [Fact]
    public async Task What_a_node_without_a_second_level_forgets_is_forgotten_there_too()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await storage.Cache.WriteAsync(new StoredEntry(Key, "1"u8.ToArray(), now, default, now.AddHours(1), now, now, [], AsOf: 0), default);
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(storage.Cache, default), storage.Cache, storage.Feed);
        feed.Attach(new Sink());
        await feed.HearAsync(Row(1, """{"task":"report"}"""), default);
        Assert.Null(await storage.Cache.ReadAsync(Key, now, default));
        Assert.Equal(1, feed.Position);
    }

    private static FeedRow Row(long seq, string detail) => new() { Place = FeedPlace.Of(seq), Namespace = "shop", Kind = FeedKind.Cache, Detail = detail };

    private static ClusterInvalidationFeed Feed(IFeedStore store, IInvalidationSink sink)
    {
        var feed = new ClusterInvalidationFeed(new LocalInvalidationFeed(), null, store);
        feed.Attach(sink);
        return feed;
    }

    private sealed class Sink : IInvalidationSink
    {
        private readonly HashSet<long> _numbers = [];

        public List<CacheInvalidation> Applied { get; } = [];

        public ValueTask<long> ApplyAsync(long number, CacheInvalidation what, CancellationToken ct)
        {
            if (_numbers.Add(number)) Applied.Add(what);
            return new(0L);
        }
    }
}
