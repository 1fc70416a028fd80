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
        var shard = new MemoShard(maxEntries: 50, maxBytes: 100_000, maxEntryBytes: 20_000);
        for (var i = 0; i < 20_000; i++)
        {
            var entry = Entry(random.Next(200), freshUntil: random.Next(1, 30_000), bytes: random.Next(4) == 0 ? random.Next(19_000) : random.Next(100));
            if (shard.Fits(entry.Bytes)) shard.Store(entry);
            if (random.Next(3) == 0) shard.Find(Key(random.Next(200)), i, long.MinValue)?.Touch();
            if (random.Next(50) == 0) shard.Sweep(i, 10);
            if (random.Next(20) == 0) shard.Remove(Key(random.Next(200)));
            Assert.InRange(shard.Count, 0, 50);
            Assert.InRange(shard.Bytes, 0, 100_000);
            Assert.Equal(shard.Count, _book.Totals.Entries);
            Assert.Equal(shard.Bytes, _book.Totals.Bytes);
        }
        Assert.Equal(shard.Count, shard.Entries.Count());
        Assert.Equal(shard.Bytes, shard.Entries.Sum(entry => entry.Bytes));
    }

    [Fact]
    public void What_is_asked_for_survives_a_scan()
    {
        var shard = new MemoShard(100, long.MaxValue, long.MaxValue);
        for (var i = 0; i < 50; i++) shard.Store(Entry(i));
        for (var scan = 1_000; scan < 3_000; scan++)
        {
            for (var i = 0; i < 50; i++) shard.Find(Key(i), 0, long.MinValue)?.Touch();
            shard.Store(Entry(scan));
        }
        Assert.Equal(50, Enumerable.Range(0, 50).Count(i => shard.Find(Key(i), 0, long.MinValue) is not null));
    }

    [Fact]
    public void A_skewed_load_hits_about_as_often_as_the_best_choice_would()
    {
        var random = new Random(5);
        var shard = new MemoShard(100, long.MaxValue, long.MaxValue);
        var hits = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var key = (int)(1_000 * Math.Pow(random.NextDouble(), 4)); // the 100 most wanted of 1,000 get 56 % of the calls
            if (shard.Find(Key(key), 0, long.MinValue) is { } entry)
            {
                entry.Touch();
                hits++;
            }
            else
            {
                shard.Store(Entry(key));
            }
        }
        Assert.InRange(hits / 50_000.0, 0.47, 0.57);
    }

    [Fact]
    public void A_key_has_one_entry_and_the_newest_counts()
    {
        var shard = new MemoShard(10, long.MaxValue, long.MaxValue);
        shard.Store(Entry(1));
        var newest = Entry(1);
        shard.Store(newest);
        Assert.Same(newest, shard.Find(Key(1), 0, long.MinValue));
        Assert.Equal(1, shard.Count);
        Assert.Equal(0, _book.Totals.Evictions);
    }

    [Fact]
    public void The_dead_are_swept_in_order_a_few_at_a_time()
    {
        var shard = new MemoShard(100, long.MaxValue, long.MaxValue);
        for (var i = 0; i < 10; i++) shard.Store(Entry(i, freshUntil: 10 + i));
        Assert.Equal(3, shard.Sweep(now: 15, most: 3));
        Assert.Equal(3, shard.Sweep(now: 15, most: 100));
        Assert.Equal(4, shard.Count);
        Assert.Null(shard.Find(Key(6), 16, long.MinValue));
        Assert.NotNull(shard.Find(Key(7), 16, long.MinValue));
    }

    private MemoEntry Entry(int key, long freshUntil = long.MaxValue, int bytes = 10) => new(
        ++_id, Key(key), new ComputedResult(new byte[bytes], default, default, null), 0, freshUntil, _book.Capture(), _book);

    private static CacheKey Key(int key) => new(Namespace.Default, "t", 1, Encoding.UTF8.GetBytes($"{key}"));
}
