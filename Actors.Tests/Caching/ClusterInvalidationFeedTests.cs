using System.Text;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

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
    public async Task Numbers_of_the_second_level_raise_the_position_and_places_of_rows_do_not()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(storage.Cache, default), storage.Cache, storage.Feed);
        feed.Attach(new Sink());
        await feed.HearAsync(Row(9, """{"number":41,"task":"report"}"""), default);
        await feed.HearAsync(Row(10, """{"number":40,"task":"report"}"""), default);
        Assert.Equal(41, feed.Position);
        await feed.HearAsync(Row(100, """{"task":"report"}"""), default);      // a node without a second level: this one gives it a number there
        Assert.Equal(42, feed.Position);
    }

    [Fact]
    public async Task A_node_that_missed_some_forgets_what_it_holds_and_leaves_the_second_level_to_the_others()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var (sink, now) = (new Sink(), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var second = storage.Cache;
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(second, default), second, storage.Feed);
        feed.Attach(sink);
        await second.InvalidateAsync(new CacheInvalidation.OfTag(Key.Namespace, "eu"), above: 0, default);      // another node's, pruned from the feed
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

    [Fact]
    public async Task A_gap_is_forgotten_in_memory_even_where_the_second_level_cannot_be_reached_and_counts_there_later()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var (sink, second) = (new Sink(), new Unreachable(storage.Cache));
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(second, default), second, storage.Feed);
        feed.Attach(sink);
        await storage.Cache.InvalidateAsync(new CacheInvalidation.OfTag(Key.Namespace, "eu"), above: 0, default);

        second.Away = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await feed.ForgetAsync(default));
        Assert.Equal([new CacheInvalidation.Everything()], sink.Applied);
        Assert.Equal((true, 0), (feed.Owes, feed.Position));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await feed.SettleAsync(default));
        Assert.True(feed.Owes);

        second.Away = false;
        await feed.SettleAsync(default);
        Assert.Equal((false, 1), (feed.Owes, feed.Position));
        // What was computed while the position was not known may rest on nothing older than what was forgotten first: it goes once more.
        Assert.Equal([new CacheInvalidation.Everything(), .. Enumerable.Repeat(new CacheInvalidation.Everything(), 2)], sink.Applied);
    }

    [Fact]
    public async Task What_the_second_level_could_not_be_told_is_gone_from_memory_at_once_and_told_later()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var (sink, second, now) = (new Sink(), new Unreachable(storage.Cache), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await storage.Cache.WriteAsync(new StoredEntry(Key, "1"u8.ToArray(), now, default, now.AddHours(1), now, now, [], AsOf: 0), default);
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(second, default), second, storage.Feed);
        feed.Attach(sink);

        second.Away = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await feed.HearAsync(Row(1, """{"task":"report"}"""), default));
        Assert.Equal([new CacheInvalidation.OfTask(Key.Namespace, "report")], sink.Applied);
        Assert.True(feed.Owes);
        Assert.NotNull(await storage.Cache.ReadAsync(Key, now, default));

        second.Away = false;
        await feed.SettleAsync(default);
        Assert.Null(await storage.Cache.ReadAsync(Key, now, default));
        Assert.Equal((false, 1), (feed.Owes, feed.Position));
        Assert.Equal(2, sink.Applied.Count);      // memory once more: it may have been filled from the second level in between
    }

    [Fact]
    public async Task What_is_owed_is_bounded_by_forgetting_everything()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var second = new Unreachable(storage.Cache) { Away = true };
        var feed = new ClusterInvalidationFeed(new LocalInvalidationFeed(), second, storage.Feed);
        feed.Attach(new Sink());
        for (var at = 1; at <= 1_500; at++)
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await feed.HearAsync(Row(at, $$"""{"task":"report-{{at}}"}"""), default));
        second.Away = false;
        await feed.SettleAsync(default);
        Assert.False(feed.Owes);
        Assert.Equal([new CacheInvalidation.Everything()], second.Told);
    }

    [Fact]
    [Trait("Kind", "Simulation")]
    public async Task The_listener_tells_the_second_level_again_every_second_until_it_was_told()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var second = new Unreachable(storage.Cache) { Away = true };
        var sink = new Sink();
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(storage.Cache, default), second, storage.Feed);
        feed.Attach(sink);
        ActorSimulation.ForEachSeed(1, 1, simulation =>
        {
            simulation.System.ActorOf(Props.Create(() => new InvalidationListener(feed, NullLogger.Instance)), "listener");
            simulation.RunUntilIdle();
            simulation.System.EventStream.Publish(FeedNews.Gap.Instance);
            simulation.System.EventStream.Publish(new FeedNews.Rows([Row(1, """{"task":"report"}""")]));
            simulation.RunFor(InvalidationListener.Again * 3);
            Assert.Equal(2, sink.Applied.Distinct().Count());
            Assert.Empty(second.Told);

            second.Away = false;
            simulation.RunFor(InvalidationListener.Again * 2);
            Assert.Equal([new CacheInvalidation.OfTask(Key.Namespace, "report")], second.Told);
            Assert.False(feed.Owes);
        });
    }

    [Fact]
    [Trait("Kind", "Simulation")]
    public async Task A_row_that_fails_for_whatever_reason_keeps_no_other_from_being_heard()
    {
        using var storage = new MemoryStorage(new ManualTime(), new Random(1), shared: true);
        var sink = new Sink { Fault = new InvalidDataException("damaged") };
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(storage.Cache, default), storage.Cache, storage.Feed);
        feed.Attach(sink);
        ActorSimulation.ForEachSeed(1, 1, simulation =>
        {
            simulation.System.ActorOf(Props.Create(() => new InvalidationListener(feed, NullLogger.Instance)), "listener");
            simulation.RunUntilIdle();
            simulation.System.EventStream.Publish(new FeedNews.Rows([Row(1, """{"number":1,"task":"first"}"""), Row(2, """{"number":2,"task":"second"}""")]));
            simulation.RunUntilIdle();
            Assert.Equal([new CacheInvalidation.OfTask(Key.Namespace, "second")], sink.Applied);
        });
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
        public List<CacheInvalidation> Applied { get; } = [];

        /// <summary>Thrown once.</summary>
        public Exception? Fault { get; set; }

        public ValueTask<long> ApplyAsync(CacheInvalidation what, CancellationToken ct)
        {
            if (Fault is { } fault)
            {
                Fault = null;
                throw fault;
            }
            Applied.Add(what);
            return new(0L);
        }
    }

    /// <summary>A second level that can be away.</summary>
    private sealed class Unreachable(ICacheStore store) : ICacheStore
    {
        public bool Away { get; set; }

        public List<CacheInvalidation> Told { get; } = [];

        public ValueTask<RecalledEntry?> ReadAsync(CacheKey key, DateTimeOffset now, CancellationToken ct) => Here.ReadAsync(key, now, ct);

        public ValueTask WriteAsync(StoredEntry entry, CancellationToken ct) => Here.WriteAsync(entry, ct);

        public async ValueTask<long> InvalidateAsync(CacheInvalidation what, long above, CancellationToken ct)
        {
            var number = await Here.InvalidateAsync(what, above, ct);
            Told.Add(what);
            return number;
        }

        public ValueTask<long> PositionAsync(CancellationToken ct) => Here.PositionAsync(ct);

        public ValueTask<int> SweepAsync(DateTimeOffset now, long maxEntries, int most, CancellationToken ct) => Here.SweepAsync(now, maxEntries, most, ct);

        private ICacheStore Here => Away ? throw new StoreUnavailableException() : store;
    }
}
