using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tests.Caching;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryCacheStoreTests : CacheStoreConformance
{
    protected override INodeStorage Open() => new MemoryStorage(Time, new Random(1));
}

public sealed class SqliteCacheStoreTests : DurableCacheStoreConformance
{
    protected override INodeStorage Open() => SqliteStorage.Open($"Data Source={Path.Combine(Folder, "jobs.db")}", Time, new Random(1), _ => { });
}

/// <summary>What every second level that outlives its process does besides.</summary>
public abstract class DurableCacheStoreConformance : CacheStoreConformance
{
    [Fact]
    public async Task Results_and_invalidations_survive_a_restart()
    {
        await Store.WriteAsync(Entry("kept"), default);
        await Store.WriteAsync(Entry("forgotten"), default);
        await Store.InvalidateAsync(new CacheInvalidation.OfKey(Key("forgotten")), above: 0, default);
        Reopen();
        Assert.Equal("1", await Text("kept"));
        Assert.Null(await Text("forgotten"));
        Assert.Equal(1, await Store.PositionAsync(default));
        Assert.Equal(2, await Store.InvalidateAsync(new CacheInvalidation.Everything(), above: 0, default));
    }

    [Fact]
    public async Task A_node_that_starts_again_answers_what_was_computed_before()
    {
        var options = new CacheOptions { Shards = 1, SecondLevel = new SecondLevelOptions { Enabled = true, Threshold = TimeSpan.Zero } };
        await using (var world = await CacheWorld.Start(options, store: Store))
        {
            var asked = world.Ask();
            (await world.NextRun()).Return("7");
            await asked;
            await Eventually.Is(async () => await Store.ReadAsync(world.Key(), Time.GetUtcNow(), default) is not null, "it is stored");
        }
        Reopen();
        await using (var world = await CacheWorld.Start(options, store: Store))
        {
            var found = CacheWorld.Found(await world.Ask());
            Assert.Equal((CacheSource.Hit, "7", 0), (found.Source, CacheWorld.Text(found), world.Started));
            Assert.Equal((1, 1L), (world.Totals.Misses, world.Totals.Recalled));
            world.Time.Advance(CacheWorld.Life);
            Assert.Null(await world.Peek());                      // it lives no longer than it was given
            await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default);
        }
        await using (var world = await CacheWorld.Start(options, store: Store))
        {
            var asked = world.Ask();                               // what was forgotten does not come back
            (await world.NextRun()).Return("8");
            Assert.Equal("8", CacheWorld.Text(await asked));
        }
    }

    [Fact]
    public async Task A_load_that_began_before_an_invalidation_stores_what_nobody_sees()
    {
        var options = new CacheOptions { Shards = 1, SecondLevel = new SecondLevelOptions { Enabled = true, Threshold = TimeSpan.Zero } };
        await using var world = await CacheWorld.Start(options, store: Store);
        var dispatcher = await JobFlightTests.Dispatcher(world, permits: 1);
        JobFlightTests.Run(world, dispatcher, "job");
        (await world.NextRun()).Return("7");
        var ended = await dispatcher.Next<CacheReply.Ended>();
        Assert.NotNull(ended.Remember);                            // goes with the job's finish, and by no other way
        Assert.Null(await Store.ReadAsync(world.Key(), Time.GetUtcNow(), default));
        await world.Compute.InvalidateAsync(new Invalidation(Namespace.Default, "held"), default);
        await Store.WriteAsync(ended.Remember, default);
        Assert.Null(await Store.ReadAsync(world.Key(), Time.GetUtcNow(), default));
    }

    [Fact]
    public async Task A_job_is_answered_from_the_second_level_and_gives_its_permit_back()
    {
        var options = new CacheOptions { Shards = 1, SecondLevel = new SecondLevelOptions { Enabled = true } };
        await using var world = await CacheWorld.Start(options, store: Store, routees: 1);
        await Store.WriteAsync(Entry("x") with { Key = world.Key() }, default);
        var dispatcher = await JobFlightTests.Dispatcher(world, permits: 1);
        JobFlightTests.Run(world, dispatcher, "job");
        Assert.Equal(CacheSource.Hit, (await dispatcher.Next<CacheReply.Ended>()).Source);
        world.Pool.Gate.Tell(new GateCommand.Want(1), dispatcher.Ref);
        Assert.Equal(1, (await dispatcher.Next<GateReply.Granted>()).Count);
    }
}

/// <summary>What every second level of the cache does. Each store runs all of it.</summary>
public abstract class CacheStoreConformance : IDisposable
{
    protected static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private INodeStorage _storage;

    protected CacheStoreConformance() => _storage = Open();

    protected ManualTime Time { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    protected INodeStorage Storage => _storage;

    protected ICacheStore Store => _storage.Cache;

    protected abstract INodeStorage Open();

    protected void Reopen()
    {
        _storage.Dispose();
        _storage = Open();
    }

    [Fact]
    public async Task A_result_is_read_back_whole()
    {
        var entry = Entry("a") with { Json = Encoding.UTF8.GetBytes($"\"{new string('é', 100_000)}\""), Tags = ["red", "ü"], Took = TimeSpan.FromSeconds(1.5), AsOf = 7 };
        await Store.WriteAsync(entry, default);
        var read = await Store.ReadAsync(Key("a"), Noon, default);
        Assert.False(read!.Expired);
        Assert.Equal(entry.Json.ToArray(), read.Entry.Json.ToArray());
        Assert.Equal(entry.Tags, read.Entry.Tags);
        Assert.Equal(entry with { Json = default, Tags = [] }, read.Entry with { Json = default, Tags = [] });
        Assert.Null(await Store.ReadAsync(Key("b"), Noon, default));
    }

    [Fact]
    public async Task What_is_over_is_not_read_and_the_sweep_deletes_it()
    {
        for (var i = 0; i < 10; i++) await Store.WriteAsync(Entry($"{i}") with { FreshUntil = Noon.AddSeconds(i), RevalidateUntil = Noon.AddSeconds(i), ErrorUntil = Noon.AddSeconds(i) }, default);
        Assert.Null(await Store.ReadAsync(Key("3"), Noon.AddSeconds(3), default));
        Assert.NotNull(await Store.ReadAsync(Key("4"), Noon.AddSeconds(3), default));
        Assert.Equal(2, await Store.SweepAsync(Noon.AddSeconds(3), 100, most: 2, default));
        Assert.Equal(2, await Store.SweepAsync(Noon.AddSeconds(3), 100, most: 100, default));
        Assert.Equal(4, await Store.SweepAsync(Noon.AddSeconds(3), maxEntries: 2, most: 100, default));
        Assert.Null(await Store.ReadAsync(Key("7"), Noon, default));
        Assert.NotNull(await Store.ReadAsync(Key("8"), Noon, default));
    }

    [Fact]
    public async Task An_invalidation_concerns_what_was_loaded_before_it_and_nothing_else()
    {
        var other = new CacheKey(Namespace.Parse("other"), "t", 1, "\"a\""u8.ToArray());
        CacheInvalidation[] all = [new CacheInvalidation.OfKey(Key("a")), new CacheInvalidation.OfTag(Namespace.Default, "red"), new CacheInvalidation.OfTask(Namespace.Default, "t"), new CacheInvalidation.OfNamespace(Namespace.Default), new CacheInvalidation.Everything()];
        foreach (var what in all)
        {
            var before = await Store.PositionAsync(default);
            await Store.WriteAsync(Entry("a") with { Tags = ["red"], AsOf = before, ComputedAt = Noon.AddSeconds(before) }, default);
            await Store.WriteAsync(Entry("a") with { Key = other, Tags = ["red"], AsOf = before, ComputedAt = Noon.AddSeconds(before) }, default);
            await Store.InvalidateAsync(what with { Expire = true }, above: 0, default);
            Assert.True((await Store.ReadAsync(Key("a"), Noon, default))!.Expired);
            var number = await Store.InvalidateAsync(what, above: 0, default);
            Assert.Null(await Text("a"));
            Assert.Equal(what is CacheInvalidation.Everything, await Store.ReadAsync(other, Noon, default) is null);
            await Store.WriteAsync(Entry("a") with { Tags = ["red"], AsOf = number, ComputedAt = Noon.AddSeconds(number) }, default);
            Assert.Equal("1", await Text("a"));
        }
    }

    [Fact]
    public async Task Numbers_go_on_above_what_is_known()
    {
        Assert.Equal(8, await Store.InvalidateAsync(new CacheInvalidation.Everything(), above: 7, default));
        Assert.Equal(9, await Store.InvalidateAsync(new CacheInvalidation.Everything(), above: 3, default));
        Assert.Equal(21, await Store.InvalidateAsync(new CacheInvalidation.Everything(), above: 20, default));
        Assert.Equal(21, await Store.PositionAsync(default));
    }

    [Fact]
    public async Task The_younger_result_of_a_key_stays()
    {
        await Store.WriteAsync(Entry("a") with { ComputedAt = Noon.AddSeconds(5), Json = "2"u8.ToArray() }, default);
        await Store.WriteAsync(Entry("a") with { ComputedAt = Noon.AddSeconds(4) }, default);
        Assert.Equal("2", await Text("a"));
    }

    public void Dispose()
    {
        _storage.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static CacheKey Key(string key) => new(Namespace.Default, "t", 1, Encoding.UTF8.GetBytes($"\"{key}\""));

    protected static StoredEntry Entry(string key) => new(
        Key(key), "1"u8.ToArray(), Noon, TimeSpan.FromSeconds(1), Noon.AddMinutes(5), Noon.AddMinutes(6), Noon.AddMinutes(7), [], AsOf: 0);

    protected async Task<string?> Text(string key) => await Store.ReadAsync(Key(key), Noon, default) is { } read ? Encoding.UTF8.GetString(read.Entry.Json.Span) : null;
}
