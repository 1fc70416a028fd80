using System.Diagnostics;
using System.Text;
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
        Assert.Same(there, key.Kept.Place);                                  // of the table that stored last
        Assert.Same(here, one.Get(key));
        Assert.Same(there, two.Get(key));
        Assert.Null(one.Kept(key));
        Assert.Same(there.Hit, two.Kept(key));
        Assert.Equal(1, there.Hits);
        Assert.Same(there, two.Get(Key()));                             // an equal key finds it too
        two.ShardOf(key).Remove(key);
        Assert.Null(key.Kept.Place);
        Assert.Null(two.Get(key));
        Assert.Same(here, one.Get(key));
        var again = Key();
        var younger = Store(one, again);
        Assert.Same(younger, one.Get(key));
        Assert.Same(younger, again.Kept.Place);
        Assert.Null(key.Kept.Place);
    }

    [Fact]
    public async Task A_kept_key_never_answers_with_a_mixture_of_what_two_tables_hold()
    {
        const int stores = 3_000;
        var key = Key();
        MemoTable[] tables = [Table(), Table()];
        var writing = tables.Select((table, number) => Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < stores; i++) Store(table, key, $"{number}");
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        while (!Array.TrueForAll(writing, static task => task.IsCompleted))
        {
            for (var number = 0; number < tables.Length; number++)
                if (tables[number].Kept(key) is { } hit) Assert.Equal((byte)('0' + number), hit.Result.Json.Span[0]);
        }
        await Task.WhenAll(writing);
        Assert.Single(tables, table => table.Kept(key) is not null);
    }

    [Fact]
    public async Task A_coarse_clock_says_only_what_is_sure()
    {
        Assert.True(CoarseClock.IsSurelyBefore(Stopwatch.GetTimestamp() + (60 * Stopwatch.Frequency)));
        var past = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
        await Eventually.Is(() => !CoarseClock.IsSurelyBefore(past), "its thread may have had no processor for a while");
        Assert.True(CoarseClock.Tells(TimeProvider.System));
        Assert.False(CoarseClock.Tells(new ManualTime()));                  // another clock: it must be read
    }

    [Fact]
    public async Task A_coarse_clock_goes_on()
    {
        var near = Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency);
        Assert.True(CoarseClock.IsSurelyBefore(near + (60 * Stopwatch.Frequency)));
        await Eventually.Is(() => !CoarseClock.IsSurelyBefore(near), "what was two seconds ahead is nearer than one");
        Assert.True(Stopwatch.GetTimestamp() < near + (60 * Stopwatch.Frequency));
    }

    [Fact]
    public void A_kept_key_answers_after_invalidations_of_others_and_not_after_its_own()
    {
        var (table, books) = (Table(), new CacheBooks(10));
        var book = books.Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1"), "t"));
        var tag = books.Find(Namespace.Default)!.Tag("of-its-own");
        var (plain, tagged) = (Key(), new CacheKey(Namespace.Default, "t", 1, "[]"u8.ToArray()));
        var stamp = book.Capture();
        var entries = new[] { Store(table, plain, "1", book, stamp), Store(table, tagged, "2", book, stamp.With([tag])) };
        Assert.Same(entries[0].Hit, table.Kept(plain));
        Assert.Same(entries[1].Hit, table.Kept(tagged));
        books.Add(Namespace.Parse("other")).Whole.Remove(books.Clock.Next());
        Assert.Same(entries[0].Hit, table.Kept(plain));
        Assert.Same(entries[1].Hit, table.Kept(tagged));
        tag.Remove(books.Clock.Next());
        Assert.Same(entries[0].Hit, table.Kept(plain));
        Assert.Null(table.Kept(tagged));
    }

    /// <summary>That is no invalidation, and yet nothing of the namespace counts; also where nothing was ever invalidated, so that hits need not look at what was.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_kept_key_answers_no_more_once_its_namespace_made_room_for_another(bool afterInvalidations)
    {
        var (table, books, key) = (Table(), new CacheBooks(10), Key());
        var book = books.Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1"), "t"));
        var entry = Store(table, key, "1", book, book.Capture());
        if (afterInvalidations) books.Add(Namespace.Parse("other")).Whole.Remove(books.Clock.Next());
        Assert.Same(entry.Hit, table.Kept(key));
        books.Find(Namespace.Default)!.Close();
        Assert.Null(table.Kept(key));
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

    private static MemoEntry Store(MemoTable table, CacheKey key, string json = "1")
    {
        var book = new CacheBooks(1).Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1")));
        return Store(table, key, json, book, book.Capture());
    }

    private static MemoEntry Store(MemoTable table, CacheKey key, string json, TaskBook book, VersionStamp stamp)
    {
        var memoize = new Memoization(TimeSpan.FromMinutes(10));
        var entry = table.Make(key, new ComputedResult(Encoding.UTF8.GetBytes(json), default, default, null), TimeSpan.Zero, memoize.Duration, memoize, stamp, book, null);
        table.ShardOf(key).Store(entry);
        return entry;
    }
}
