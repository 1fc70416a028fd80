using System.Text;
using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

/// <summary>Which entries stay: traces against the order of use alone (LRU) and against who knows the future (Belady).</summary>
public sealed class EvictionTests
{
    private const int Capacity = 500;

    public static TheoryData<string> Traces => ["zipf", "scan", "loop", "mixed"];

    [Theory]
    [MemberData(nameof(Traces))]
    public void A_trace_hits_more_often_than_by_order_of_use(string name)
    {
        var trace = Trace(name, 60_000, new Random(7));
        var (ours, lru, best) = (Ours(trace), Lru(trace), Belady(trace));
        TestContext.Current.SendDiagnosticMessage($"{name}: {ours:0.0000}, by order of use {lru:0.0000}, at best {best:0.0000}");
        Assert.True(ours > lru, $"{name}: {ours:0.0000} against {lru:0.0000} by order of use; at best {best:0.0000}");
        Assert.InRange(ours, 0, best + 1e-9);
        if (name == "loop") Assert.InRange(ours, best / 2, 1);
    }

    [Fact]
    public void Pitfall_17_keys_of_an_attacker_do_not_count_as_others_and_cannot_keep_others_out()
    {
        // Hashes are seeded per process, so a chosen key lands anywhere; and where a key is held against one that is asked for as often, now and then it wins.
        var shard = Shard(Capacity);
        var own = new TaskBookMaker();
        for (var flood = 0; flood < 20; flood++)
            for (var i = 0; i < Capacity; i++) Ask(shard, own, i);
        var served = 0;
        for (var round = 0; round < 400; round++)
            for (var i = 0; i < 20; i++) served += Ask(shard, own, 1_000_000 + i) ? 1 : 0;
        Assert.InRange(served, 4_000, 8_000);
    }

    [Fact]
    public void The_window_moves_where_the_load_wants_it()
    {
        var (shard, own) = (Shard(Capacity), new TaskBookMaker());
        var random = new Random(3);
        var first = shard.WindowShare;
        // Each key a few times in a row and never again: only the order of use helps.
        for (var i = 0; i < 200_000; i++) Ask(shard, own, i / 4 - random.Next(100));
        Assert.True(shard.WindowShare > 2 * first, $"the window stayed at {shard.WindowShare}");
    }

    private static double Ours(int[] trace)
    {
        var (shard, own) = (Shard(Capacity), new TaskBookMaker());
        return trace.Count(key => Ask(shard, own, key)) / (double)trace.Length;
    }

    private static bool Ask(MemoShard shard, TaskBookMaker own, int key)
    {
        if (shard.Get(own.Key(key)) is { } entry)
        {
            shard.Touch(entry);
            return true;
        }
        shard.Store(own.Entry(key));
        Assert.True(shard.Count <= Capacity);
        return false;
    }

    private static double Lru(int[] trace)
    {
        var (order, places, hits) = (new LinkedList<int>(), new Dictionary<int, LinkedListNode<int>>(), 0);
        foreach (var key in trace)
        {
            if (places.TryGetValue(key, out var place))
            {
                hits++;
                order.Remove(place);
            }
            else if (order.Count == Capacity && order.First is { } oldest)
            {
                order.RemoveFirst();
                places.Remove(oldest.Value);
            }
            places[key] = order.AddLast(key);
        }
        return hits / (double)trace.Length;
    }

    /// <summary>Evicts whoever is asked for last from now.</summary>
    private static double Belady(int[] trace)
    {
        var next = new int[trace.Length];
        var seen = new Dictionary<int, int>();
        for (var i = trace.Length - 1; i >= 0; i--)
        {
            next[i] = seen.GetValueOrDefault(trace[i], int.MaxValue);
            seen[trace[i]] = i;
        }
        var (held, farthest, hits) = (new Dictionary<int, int>(), new SortedSet<(int Next, int Key)>(), 0);
        for (var i = 0; i < trace.Length; i++)
        {
            if (held.Remove(trace[i], out var due))
            {
                hits++;
                farthest.Remove((due, trace[i]));
            }
            else if (held.Count == Capacity)
            {
                // A miss need not be kept: the newcomer goes where it is needed last.
                if (farthest.Max.Next <= next[i]) continue;
                held.Remove(farthest.Max.Key);
                farthest.Remove(farthest.Max);
            }
            held[trace[i]] = next[i];
            farthest.Add((next[i], trace[i]));
        }
        return hits / (double)trace.Length;
    }

    private static int[] Trace(string name, int length, Random random)
    {
        var zipf = new Zipf(10 * Capacity, 0.9, random);
        return name switch
        {
            "zipf" => [.. Enumerable.Range(0, length).Select(_ => zipf.Next())],
            // Every tenth stretch reads a thousand keys once.
            "scan" => [.. Enumerable.Range(0, length).Select(i => i % 10_000 < 2 * Capacity ? 1_000_000 + i : zipf.Next())],
            "loop" => [.. Enumerable.Range(0, length).Select(static i => i % (2 * Capacity))],
            // Favourites, a loop longer than the table, and keys that come a few times in a row.
            _ => [.. Enumerable.Range(0, length).Select(i => random.Next(3) switch { 0 => zipf.Next(), 1 => 500_000 + i / 3 % (2 * Capacity), _ => 2_000_000 + i / 12 })],
        };
    }

    private static MemoShard Shard(int entries) => new(entries, long.MaxValue / 4, 1 << 20, seed: 11, now: 0, second: 1);

    /// <summary>Ranks by a power law.</summary>
    private sealed class Zipf
    {
        private readonly double[] _upTo;
        private readonly Random _random;

        public Zipf(int keys, double skew, Random random)
        {
            _random = random;
            _upTo = new double[keys];
            var sum = 0.0;
            for (var i = 0; i < keys; i++) _upTo[i] = sum += 1 / Math.Pow(i + 1, skew);
        }

        public int Next()
        {
            var place = Array.BinarySearch(_upTo, _random.NextDouble() * _upTo[^1]);
            return place < 0 ? ~place : place;
        }
    }

    private sealed class TaskBookMaker
    {
        private readonly TaskBook _book = new CacheBooks(10).Of(Namespace.Default, A.Lambda((_, _) => Task.FromResult("1"), memoize: new Memoization(TimeSpan.FromMinutes(1))));
        private readonly Dictionary<int, CacheKey> _keys = [];
        private long _id;

        public CacheKey Key(int key) => _keys.TryGetValue(key, out var known) ? known : _keys[key] = new CacheKey(Namespace.Default, "t", 1, Encoding.UTF8.GetBytes($"{key}"));

        public MemoEntry Entry(int key) => new(
            ++_id, Key(key), new ComputedResult(default, default, default, null), new EntryLife(0, long.MaxValue / 8, long.MaxValue / 8, long.MaxValue / 8, long.MaxValue / 8), _book.Capture(), _book);
    }
}
