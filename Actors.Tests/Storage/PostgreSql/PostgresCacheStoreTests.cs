using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using ActorPerf.Tests.Caching;

namespace ActorPerf.Tests.Storage.PostgreSql;

public sealed class PostgresCacheStoreTests : DurableCacheStoreConformance
{
    private static readonly CacheOptions Stored = new() { Shards = 1, SecondLevel = new SecondLevelOptions { Enabled = true, Threshold = TimeSpan.Zero } };

    private readonly Lazy<string> _database = new(static () => Task.Run(PostgresServer.NewMigratedAsync).GetAwaiter().GetResult());

    protected override INodeStorage Open() => PostgresStores.Open(_database.Value, Time);

    [Fact]
    public async Task Nodes_answer_with_what_another_computed_and_forget_what_another_forgets()
    {
        using var storage = Open();
        var (feedA, feedB) = (await FeedAsync(Storage), await FeedAsync(storage));
        await using var a = await CacheWorld.Start(Stored, feed: feedA, store: Storage.Cache);
        await using var b = await CacheWorld.Start(Stored, feed: feedB, store: storage.Cache);
        var start = await storage.Feed.EndAsync(default);

        var asked = a.Ask(task: "tagged");
        (await a.NextRun()).Return("1");
        await asked;
        await Eventually.Is(async () => await Store.ReadAsync(a.Key(task: "tagged"), Time.GetUtcNow(), default) is not null, "it is stored");
        Assert.Equal((CacheSource.Hit, "1"), (CacheWorld.Found(await b.Ask(task: "tagged")) is var found ? found.Source : default, CacheWorld.Text(found)));
        Assert.Equal(0, b.Started);

        // Begun on the other node before it hears of the invalidation: what it writes is never seen.
        var late = b.Ask(task: "tagged", directive: new CacheDirective(NoCache: true));
        var run = await b.NextRun();
        await a.Compute.InvalidateAsync(new Invalidation(Namespace.Default, Tags: ["blue"]), default);
        run.Return("2");
        await late;
        await Eventually.Is(async () => await StoredAtAllAsync(2), "the late one is stored");
        Assert.Null(await Store.ReadAsync(a.Key(task: "tagged"), Time.GetUtcNow(), default));

        foreach (var row in (await storage.Feed.ReadAsync(start, storage.Feed.Origin, 100, default)).Rows) await feedB.HearAsync(row, default);
        Assert.Equal(feedA.Position, feedB.Position);
        var again = b.Ask(task: "tagged");
        (await b.NextRun()).Return("3");
        Assert.Equal("3", CacheWorld.Text(await again));
        await Eventually.Is(async () => await Store.ReadAsync(a.Key(task: "tagged"), Time.GetUtcNow(), default) is not null, "it is stored");
        Assert.Equal("3", CacheWorld.Text(await a.Ask(task: "tagged")));
        Assert.Equal((1, 2), (a.Started, b.Started));
    }

    [Fact]
    public async Task Nodes_that_sweep_at_a_time_delete_each_row_once()
    {
        using var storage = Open();
        for (var i = 0; i < 40; i++) await Store.WriteAsync(Entry($"{i}") with { FreshUntil = Noon.AddSeconds(i), RevalidateUntil = Noon, ErrorUntil = Noon }, default);
        var swept = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? Store : storage.Cache).SweepAsync(Noon.AddSeconds(29), 100, 10, default).AsTask()));
        var rest = await Store.SweepAsync(Noon.AddSeconds(29), 100, 100, default);
        Assert.Equal(30, swept.Sum() + rest);
    }

    [Fact]
    public async Task Numbers_of_invalidations_at_a_time_are_each_given_once_and_the_largest_is_the_position()
    {
        using var storage = Open();
        var numbers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? Store : storage.Cache).InvalidateAsync(new CacheInvalidation.OfTag(Namespace.Default, $"{i % 3}"), above: 0, default).AsTask()));
        Assert.Equal(Enumerable.Range(1, 40).Select(static i => (long)i), numbers.Order());
        Assert.Equal(40, await Store.PositionAsync(default));
    }

    private static async Task<ClusterInvalidationFeed> FeedAsync(INodeStorage storage) =>
        new(await StoredInvalidationFeed.OpenAsync(storage.Cache, default), storage.Cache, storage.Feed);

    private async Task<bool> StoredAtAllAsync(int value)
    {
        await using var connection = new Npgsql.NpgsqlConnection(_database.Value);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand($"SELECT convert_from(value, 'UTF8') FROM actorperf.cache_entry WHERE task = 'tagged'", connection);
        return await command.ExecuteScalarAsync() is string text && text == $"{value}";
    }
}
