using System.Text;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Caching;

/// <summary>Shards and a second level together. What the second level itself does is in the conformance of its stores.</summary>
public sealed class SecondLevelTests
{
    private static readonly CacheOptions Options = new() { Shards = 1, SecondLevel = new SecondLevelOptions { Enabled = true, Threshold = TimeSpan.Zero } };

    [Fact]
    public async Task What_a_call_finds_too_old_in_memory_is_too_old_in_the_second_level_too()
    {
        using var storage = Storage();
        await using var world = await CacheWorld.Start(Options, store: storage.Cache);
        var asked = world.Ask();
        (await world.NextRun()).Return("1");
        await asked;
        await Eventually.Is(async () => await storage.Cache.ReadAsync(world.Key(), world.Time.GetUtcNow(), default) is not null, "it is stored");
        world.Time.Advance(TimeSpan.FromSeconds(20));
        asked = world.Ask(directive: new CacheDirective(MaxAge: TimeSpan.FromSeconds(19)));
        (await world.NextRun()).Return("2");
        Assert.Equal("2", CacheWorld.Text(await asked));
        asked = world.Ask(directive: new CacheDirective { MinFresh = CacheWorld.Life + TimeSpan.FromSeconds(1) });
        (await world.NextRun()).Return("3");
        Assert.Equal("3", CacheWorld.Text(await asked));
    }

    [Fact]
    public async Task What_comes_back_never_takes_the_place_of_what_is_younger()
    {
        using var storage = Storage();
        var store = new Wrapped(storage.Cache) { TakesWrites = false };
        await using var world = await CacheWorld.Start(Options, store: store);
        await storage.Cache.WriteAsync(Stored(world, "\"old\""), default);
        Assert.Equal("\"old\"", CacheWorld.Text(await world.Ask()));
        world.Time.Advance(TimeSpan.FromSeconds(10));
        var asked = world.Ask(directive: new CacheDirective(NoCache: true));
        (await world.NextRun()).Return("\"young\"");
        await asked;
        world.Time.Advance(TimeSpan.FromSeconds(10));
        asked = world.Ask(directive: new CacheDirective(MaxAge: TimeSpan.FromSeconds(9)));
        var run = await world.NextRun();
        Assert.Equal("\"young\"", await world.Peek());
        run.Return("\"new\"");
        Assert.Equal("\"new\"", CacheWorld.Text(await asked));
    }

    [Fact]
    public async Task A_second_level_that_cannot_be_read_has_nothing()
    {
        using var storage = Storage();
        var store = new Wrapped(storage.Cache) { Fault = new InvalidDataException("damaged") };
        await using var world = await CacheWorld.Start(Options, store: store);
        await Computed(world, "1");
        Assert.Equal("1", await world.Peek());
    }

    [Fact]
    public async Task What_was_expired_comes_back_for_errors_alone_and_for_as_long_as_before()
    {
        using var storage = Storage();
        await using var world = await CacheWorld.Start(Options, store: storage.Cache);
        world.Add("full", new Memoization(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(200)));
        var now = world.Time.GetUtcNow();
        await storage.Cache.WriteAsync(
            Stored(world, "1") with { Key = world.Key(task: "full"), FreshUntil = now.AddSeconds(100), RevalidateUntil = now.AddSeconds(150), ErrorUntil = now.AddSeconds(300) }, default);
        await storage.Cache.InvalidateAsync(new CacheInvalidation.OfTask(Namespace.Default, "full") { Expire = true }, above: 0, default);
        var (one, another) = (world.Ask(task: "full"), world.Ask(task: "full"));
        var run = await world.NextRun();
        await Eventually.Is(() => world.Totals.Joined == 1, "both wait for the new one");
        run.Throw(new InvalidOperationException("no"));
        Assert.Equal(CacheSource.Stale, CacheWorld.Found(await one).Source);
        Assert.Equal(CacheSource.Stale, CacheWorld.Found(await another).Source);
        world.Time.Advance(TimeSpan.FromSeconds(250));
        var asked = world.Ask(task: "full");
        (await world.NextRun()).Throw(new InvalidOperationException("no"));
        Assert.Equal((CacheSource.Stale, "1"), (CacheWorld.Found(await asked).Source, CacheWorld.Text(await asked)));
    }

    [Fact]
    public async Task A_cache_of_ones_own_that_this_node_has_not_used_is_forgotten_all_the_same()
    {
        using var storage = Storage();
        await using var world = await CacheWorld.Start(Options, store: storage.Cache);
        var key = CacheKey.Of("rates", "EUR/USD");
        await storage.Cache.WriteAsync(Stored(world, "1") with { Key = key }, default);
        Assert.IsType<InvalidateOutcome.Done>(await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "@rates"), default));
        Assert.Null(await storage.Cache.ReadAsync(key, world.Time.GetUtcNow(), default));
        Assert.IsType<InvalidateOutcome.Refused>(await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "@Ra tes"), default));
    }

    [Fact]
    public async Task A_window_without_end_is_stored_as_one_that_ends_with_time()
    {
        using var storage = Storage();
        await using var world = await CacheWorld.Start(Options, store: storage.Cache);
        var asked = world.Ask();
        var run = await world.NextRun();
        run.Context.Cache.StaleFor(null, TimeSpan.MaxValue);
        run.Return("1");
        Assert.Equal("1", CacheWorld.Text(await asked));
        await Eventually.Is(async () => (await storage.Cache.ReadAsync(world.Key(), world.Time.GetUtcNow(), default))?.Entry.ErrorUntil == DateTimeOffset.MaxValue, "it is stored");
    }

    [Fact]
    public async Task Who_wants_a_new_result_gets_one_whoever_waits_behind()
    {
        using var storage = Storage();
        await using var world = await CacheWorld.Start(Options, store: storage.Cache);
        using var leaving = new CancellationTokenSource();
        var leaver = world.Ask(ct: leaving.Token);
        var run = await world.NextRun();
        await CacheWorld.Leave(leaving, leaver);
        await run.Cancelled.Task;
        var anew = world.Ask(directive: new CacheDirective(NoCache: true));
        var plain = world.Ask();
        await storage.Cache.WriteAsync(Stored(world, "\"old\""), default);        // another node's
        run.FollowToken();
        (await world.NextRun()).Return("2");
        Assert.Equal(("2", "2"), (CacheWorld.Text(await anew), CacheWorld.Text(await plain)));
    }

    [Fact]
    public async Task F_48_an_older_database_that_hands_numbers_out_again_loses_no_invalidation()
    {
        using var before = Storage();
        using var older = Storage();
        var store = new Wrapped(before.Cache);
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(store, default), store, before.Feed);
        await using var world = await CacheWorld.Start(Options, feed: feed, store: store);
        for (var i = 0; i < 3; i++) await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "tagged"), default);
        Assert.Equal(3, feed.Position);

        store.Inner = older.Cache;                // which knows of none of them
        await Computed(world, "1");
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default));
        Assert.Equal(4, feed.Position);           // above what was known: else the row as of 3, which that memory was stored with, would come back
        await Computed(world, "2");
        await feed.HearAsync(Row(1, """{"number":2,"task":"held"}"""), default);      // another node's, that has counted anew; this one had a second one before
        Assert.Null(await world.Peek());
    }

    [Fact]
    public async Task F_48_a_gap_before_an_older_database_forgets_that_too_and_counts_on()
    {
        using var before = Storage();
        using var older = Storage();
        var store = new Wrapped(before.Cache);
        var feed = new ClusterInvalidationFeed(await StoredInvalidationFeed.OpenAsync(store, default), store, before.Feed);
        await using var world = await CacheWorld.Start(Options, feed: feed, store: store);
        for (var i = 0; i < 3; i++) await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "tagged"), default);
        store.Inner = older.Cache;
        await older.Cache.WriteAsync(Stored(world, "1"), default);        // who knows of what it was to be forgotten by
        await feed.ForgetAsync(default);
        Assert.Equal(4, feed.Position);
        Assert.Null(await older.Cache.ReadAsync(world.Key(), world.Time.GetUtcNow(), default));
        await feed.ForgetAsync(default);                                  // the usual gap forgets nothing there
        Assert.Equal(4, feed.Position);
    }

    [Fact]
    public async Task Nodes_with_and_without_a_second_level_lose_none_of_each_others_invalidations()
    {
        using var storage = Storage();
        var feed = new ClusterInvalidationFeed(new LocalInvalidationFeed(), null, storage.Feed);
        await using var world = await CacheWorld.Start(feed: feed);
        await feed.HearAsync(Row(9, """{"number":1,"task":"tagged"}"""), default);      // numbered by the other's second level
        await Computed(world, "1");
        Assert.Equal(new InvalidateOutcome.Done(1), await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default));
        await Computed(world, "2");
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "tagged"), default);
        await feed.HearAsync(Row(10, """{"number":2,"task":"held"}"""), default);
        Assert.Null(await world.Peek());
    }

    private static MemoryStorage Storage() => new(new ManualTime(), new Random(1), shared: true);

    private static FeedRow Row(long seq, string detail) => new() { Place = FeedPlace.Of(seq), Namespace = "default", Kind = FeedKind.Cache, Detail = detail };

    private static StoredEntry Stored(CacheWorld world, string json)
    {
        var (now, until) = (world.Time.GetUtcNow(), world.Time.GetUtcNow().AddHours(1));
        return new StoredEntry(world.Key(), Encoding.UTF8.GetBytes(json), now, TimeSpan.FromSeconds(1), until, until, until, [], AsOf: 0);
    }

    private static async Task Computed(CacheWorld world, string result)
    {
        var asked = world.Ask();
        (await world.NextRun()).Return(result);
        await asked;
    }

    /// <summary>A second level that may be exchanged for another, and need not take what is written.</summary>
    private sealed class Wrapped(ICacheStore store) : ICacheStore
    {
        public ICacheStore Inner { get; set; } = store;

        public bool TakesWrites { get; init; } = true;

        /// <summary>What reading throws; null: nothing.</summary>
        public Exception? Fault { get; init; }

        public ValueTask<RecalledEntry?> ReadAsync(CacheKey key, DateTimeOffset now, CancellationToken ct) => Fault is null ? Inner.ReadAsync(key, now, ct) : throw Fault;

        public ValueTask WriteAsync(StoredEntry entry, CancellationToken ct) => TakesWrites ? Inner.WriteAsync(entry, ct) : throw new StoreUnavailableException();

        public ValueTask<long> InvalidateAsync(CacheInvalidation what, long above, CancellationToken ct) => Inner.InvalidateAsync(what, above, ct);

        public ValueTask<long> PositionAsync(CancellationToken ct) => Inner.PositionAsync(ct);

        public ValueTask<int> SweepAsync(DateTimeOffset now, long maxEntries, int most, CancellationToken ct) => Inner.SweepAsync(now, maxEntries, most, ct);
    }
}
