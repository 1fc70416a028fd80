using System.Diagnostics;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Caching;

/// <summary>Short cuts of hits, and that none of them answers what is no hit any more.</summary>
public sealed class HitPathTests
{
    [Fact]
    public async Task The_bytes_of_a_hit_are_known_until_something_happens_to_the_entry()
    {
        var system = ActorSystem.Create("hits");
        var pools = await ComputePools.StartAsync(system, ["default"], new ComputeOptions(), TimeProvider.System, NullLogger<ComputePools>.Instance);
        var options = new CacheOptions();
        using var shards = await CachingShards.StartAsync(system, pools, options, TimeProvider.System, NullLogger<CachingShards>.Instance);
        var task = A.Lambda((_, _) => Task.FromResult("1"), "t", memoize: new Memoization(TimeSpan.FromHours(1)));
        var compute = new ComputeService(new TaskCatalog([task]), shards, options, TimeProvider.System, NullLogger<ComputeService>.Instance);
        var request = new ComputeRequest(Namespace.Default, "t", """{"b": 1, "a": 2}"""u8.ToArray(), default, TimeSpan.FromSeconds(30));

        Assert.Null(Hit());
        await compute.ComputeAsync(request, default);
        Assert.Null(Hit());                                             // computed, not yet asked for again
        await compute.ComputeAsync(request, default);
        Assert.Equal("1"u8, Hit()!.Result.Json.Span);
        Assert.Equal(2, compute.Statistics(Namespace.Default).Total.Hits);
        await compute.InvalidateAsync(new Invalidation(Namespace.Default, "t"), default);
        Assert.Null(Hit());
        await system.Terminate();

        ComputeOutcome.Found? Hit() => compute.TryHit(Namespace.Default, "t", request.Args.Span);
    }

    [Fact]
    public async Task A_clock_that_is_not_the_systems_is_read_for_every_hit()
    {
        await using var world = await CacheWorld.Start();
        var asked = world.Ask();
        (await world.NextRun()).Return("1");
        await asked;
        Assert.Equal("1", await world.Peek());
        await world.Ask();
        Assert.Null(world.Compute.TryHit(Namespace.Default, "held", "{}"u8));
    }

    [Fact]
    public void Known_bytes_are_of_one_namespace_and_task_and_lead_to_nothing_that_was_forgotten()
    {
        var known = new KnownCalls();
        var key = new CacheKey(Namespace.Default, "t", 1, "{}"u8.ToArray());
        known.Keep("t", "{ }"u8, key);
        Assert.Same(key, known.Find(Namespace.Default, "t", "{ }"u8));
        Assert.Null(known.Find(Namespace.Parse("other"), "t", "{ }"u8));
        Assert.Null(known.Find(Namespace.Default, "u", "{ }"u8));
        Assert.Null(known.Find(Namespace.Default, "t", "{}"u8));
        var large = new byte[10_000];
        known.Keep("t", large, key);
        Assert.Null(known.Find(Namespace.Default, "t", large));
    }

    [Fact]
    public void A_key_that_is_kept_leads_to_its_entry_for_as_long_as_that_is_held()
    {
        var (one, two) = (Table(), Table());
        var key = Key();
        var (here, there) = (Store(one, key), Store(two, key));
        Assert.Same(there, key.Place);                                  // of the table that stored last
        Assert.Same(here, one.Get(key));
        Assert.Same(there, two.Get(key));
        Assert.Same(there, two.Get(Key()));                             // an equal key finds it too
        two.ShardOf(key).Remove(key);
        Assert.Null(key.Place);
        Assert.Null(two.Get(key));
        Assert.Same(here, one.Get(key));
        var again = Key();
        var younger = Store(one, again);
        Assert.Same(younger, one.Get(key));
        Assert.Same(younger, again.Place);
        Assert.Null(key.Place);
    }

    [Fact]
    public void A_coarse_clock_says_only_what_is_sure()
    {
        var system = new CoarseClock(TimeProvider.System);
        Assert.True(system.IsSurelyBefore(Stopwatch.GetTimestamp() + (60 * Stopwatch.Frequency)));
        Assert.False(system.IsSurelyBefore(Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 2)));
        Assert.False(system.IsSurelyBefore(Stopwatch.GetTimestamp() - Stopwatch.Frequency));
        Assert.False(new CoarseClock(new ManualTime()).IsSurelyBefore(long.MaxValue));      // another clock: it must be read
    }

    [Fact]
    public async Task A_count_of_many_threads_loses_none()
    {
        const int threads = 8, each = 50_000;
        var counter = new ThreadedCounter();
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(() =>
        {
            var own = Environment.CurrentManagedThreadId;
            for (var i = 0; i < each; i++) counter.Add(own);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(threads * each, counter.Value);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < each; i++) counter.Add(5_000);          // more threads than have a place of their own
        })));
        Assert.Equal((threads + 4) * each, counter.Value);
    }

    private static MemoTable Table() => new(new CacheOptions { Shards = 1, Jitter = 0 }, TimeProvider.System, seed: 1);

    private static CacheKey Key() => new(Namespace.Default, "t", 1, "{}"u8.ToArray());

    private static MemoEntry Store(MemoTable table, CacheKey key)
    {
        var book = new CacheBooks(1).Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1")));
        var memoize = new Memoization(TimeSpan.FromMinutes(10));
        var entry = table.Make(key, new ComputedResult("1"u8.ToArray(), default, default, null), TimeSpan.Zero, memoize.Duration, memoize, book.Capture(), book, null);
        table.ShardOf(key).Store(entry);
        return entry;
    }
}
