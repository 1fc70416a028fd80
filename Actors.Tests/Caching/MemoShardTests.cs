using System.Text;
using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

public sealed class MemoShardTests
{
    private readonly TaskBook _book = new CacheBooks(10).Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1"), memoize: new Memoization(TimeSpan.FromMinutes(1))));
    private long _id;

    [Fact]
    public void Bounds_hold_whatever_is_stored()
    {
        var random = new Random(3);
        var shard = Shard(maxEntries: 50, maxBytes: 100_000, maxEntryBytes: 20_000);
        for (var i = 0; i < 20_000; i++)
        {
            var entry = Entry(random.Next(200), dead: random.Next(1, 30_000), bytes: random.Next(4) == 0 ? random.Next(19_000) : random.Next(100));
            if (shard.Fits(entry.Bytes)) shard.Store(entry);
            if (random.Next(3) == 0 && shard.Get(Key(random.Next(200))) is { } found) shard.Touch(found);
            if (random.Next(50) == 0) shard.Sweep(i, 10);
            if (random.Next(20) == 0) shard.Remove(Key(random.Next(200)));
            if (random.Next(100) == 0) shard.Reclaim(random.Next(1_000), 10);
            Assert.InRange(shard.Count, 0, 50);
            Assert.InRange(shard.Bytes, 0, 100_000);
            Assert.Equal(shard.Count, _book.Totals.Entries);
            Assert.Equal(shard.Bytes, _book.Totals.Bytes);
        }
        Assert.Equal(shard.Count, All(shard).Count());
        Assert.Equal(shard.Bytes, All(shard).Sum(entry => entry.Bytes));
    }

    [Fact]
    public void A_key_has_one_entry_and_the_newest_counts()
    {
        var shard = Shard(10);
        shard.Store(Entry(1));
        var newest = Entry(1);
        shard.Store(newest);
        Assert.Same(newest, shard.Get(Key(1)));
        Assert.Equal(1, shard.Count);
        Assert.Equal(0, _book.Totals.Evictions);
    }

    [Fact]
    public void The_dead_are_swept_a_few_at_a_time_and_nobody_else()
    {
        var shard = Shard(100);
        for (var i = 0; i < 10; i++) shard.Store(Entry(i, dead: 10 + i));
        Assert.Equal((3, false), shard.Sweep(now: 17, most: 3));
        Assert.Equal((3, false), shard.Sweep(now: 17, most: 3));
        Assert.Equal((1, true), shard.Sweep(now: 17, most: 100)); // who dies this very tick is seen dead by readers, and goes with the next
        Assert.Equal(Enumerable.Range(7, 3), Enumerable.Range(0, 10).Where(i => shard.Get(Key(i)) is not null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_the_steps_of_the_clock_the_dead_go_and_the_living_stay(int seed)
    {
        var random = new Random(seed);
        var shard = Shard(5_000);
        var deaths = new Dictionary<int, long>();
        var now = 0L;
        for (var i = 0; i < 3_000; i++)
        {
            deaths[i] = now + 1 + (long)Math.Pow(10, random.NextDouble() * 9); // a second to thirty years
            shard.Store(Entry(i, dead: deaths[i]));
            if (random.Next(10) > 0) continue;
            now += (long)Math.Pow(10, random.NextDouble() * 7);
            while (!shard.Sweep(now, 100).Done) Assert.InRange(shard.Count, 0, 5_000);
            // The wheel may be late by a tick; readers look at the entry's own time.
            Assert.DoesNotContain(deaths, death => death.Value > now && shard.Get(Key(death.Key)) is null);
            Assert.DoesNotContain(deaths, death => death.Value < now - 1 && shard.Get(Key(death.Key)) is not null);
            foreach (var gone in deaths.Where(death => death.Value <= now).ToList()) deaths.Remove(gone.Key);
        }
    }

    [Fact]
    public void What_was_invalidated_leaves_its_place_when_the_table_is_walked()
    {
        var shard = Shard(1_000);
        for (var i = 0; i < 500; i++) shard.Store(Entry(i));
        Assert.Equal(500, _book.Version.Remove(1));
        Assert.Equal(500, shard.Count);
        var from = 0;
        for (var walked = 0; walked < shard.Slots; walked += 64) from = shard.Reclaim(from, 64);
        Assert.Equal((0, 0L), (shard.Count, shard.Bytes));
    }

    [Fact]
    public async Task Readers_beside_the_writer_see_whole_entries_or_none()
    {
        var shard = Shard(64);
        using var stop = new CancellationTokenSource();
        var keys = Enumerable.Range(0, 200).Select(Key).ToArray();
        var wrong = 0;
        var readers = Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!stop.IsCancellationRequested)
            {
                var at = random.Next(keys.Length);
                if (shard.Get(keys[at]) is not { } entry) continue;
                shard.Touch(entry);
                if (!entry.Key.Equals(keys[at]) || entry.Result.Json.Length != 10) Interlocked.Increment(ref wrong);
            }
        }, TestContext.Current.CancellationToken)).ToArray();
        var own = new Random(9);
        for (var i = 0; i < 50_000; i++)
        {
            if (own.Next(10) == 0) shard.Remove(keys[own.Next(keys.Length)]);
            else shard.Store(Entry(own.Next(keys.Length)));
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(0, wrong);
        Assert.InRange(shard.Count, 1, 64);
    }

    private static MemoShard Shard(int maxEntries, long maxBytes = 1 << 30, long maxEntryBytes = 1 << 30) => new(maxEntries, maxBytes, maxEntryBytes, seed: 1, now: 0, second: 1);

    private static IEnumerable<MemoEntry> All(MemoShard shard) => Enumerable.Range(0, shard.Slots).SelectMany(shard.At);

    private MemoEntry Entry(int key, long dead = long.MaxValue / 8, int bytes = 10) => new(
        ++_id, Key(key), new ComputedResult(new byte[bytes], default, default, null), new EntryLife(0, dead, dead, dead, dead), _book.Capture(), _book);

    private static CacheKey Key(int key) => new(Namespace.Default, "t", 1, Encoding.UTF8.GetBytes($"{key}"));
}
