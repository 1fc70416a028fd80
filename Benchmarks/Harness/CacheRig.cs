using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>A cache in this process with as many entries as wanted, and keys to ask for them.</summary>
internal sealed class CacheRig : IAsyncDisposable
{
    private const string Cache = "bench";
    private static readonly Memoization Life = new(TimeSpan.FromHours(1), Tags: ["all"]);

    private readonly ActorSystem _system;
    private readonly CachingShards _shards;

    private CacheRig(ActorSystem system, CachingShards shards, ComputeService compute, CacheKey[] keys) => (_system, _shards, Compute, Keys, Kept) = (system, shards, compute, keys, new CacheKey[keys.Length]);

    public ComputeService Compute { get; }

    /// <summary>Equal to those of the entries, and other objects.</summary>
    public CacheKey[] Keys { get; }

    /// <summary>The very objects with which the entries were computed, as of a caller who makes a key once and keeps it.</summary>
    public CacheKey[] Kept { get; }

    public MemoTable Table => _shards.Table;

    public static CacheCallOptions Options { get; } = new() { Memoize = Life };

    public static async Task<CacheRig> StartAsync(int entries, int capacity)
    {
        var system = ActorSystem.Create("cache");
        var pools = await ComputePools.StartAsync(system, ["default"], new ComputeOptions(), TimeProvider.System, NullLogger<ComputePools>.Instance);
        var options = new CacheOptions { MaxEntries = capacity, MaxBytes = 4L << 30 };
        var shards = await CachingShards.StartAsync(system, pools, options, TimeProvider.System, NullLogger<CachingShards>.Instance);
        var rig = new CacheRig(system, shards, new ComputeService(new TaskCatalog([]), shards, options, TimeProvider.System, NullLogger<ComputeService>.Instance), [.. Enumerable.Range(0, entries).Select(Key)]);
        // Nobody else knows the table yet, so this thread may write it.
        for (var i = 0; i < entries; i++) rig.Store(rig.Kept[i] = Key(i));
        return rig;
    }

    /// <summary>As the shard does it for a landed flight.</summary>
    public void Store(CacheKey key)
    {
        var book = _shards.Books.Of(Namespace.Default, Describe(key));
        var result = new ComputedResult("{\"price\":1.0842}"u8.ToArray(), DateTimeOffset.UnixEpoch, TimeSpan.FromMilliseconds(5), null);
        Table.ShardOf(key).Store(Table.Make(key, result, TimeSpan.Zero, Life.Duration, Life, book.Capture(), book, Life.Tags));
    }

    public static CacheKey Key(int number) => new(Namespace.Default, CacheKey.OwnPrefix + Cache, 1, Encoding.UTF8.GetBytes($"\"item-{number:00000000}\""));

    /// <summary>Which key is asked for when: ranks by a power law, from a seed.</summary>
    public static int[] Zipf(int keys, int asks, double skew)
    {
        var (random, upTo, sum) = (new Random(1), new double[keys], 0.0);
        for (var i = 0; i < keys; i++) upTo[i] = sum += 1 / Math.Pow(i + 1, skew);
        // Which keys are favourites has nothing to do with the order in which they came.
        var places = Enumerable.Range(0, keys).ToArray();
        random.Shuffle(places);
        var order = new int[asks];
        for (var i = 0; i < asks; i++)
        {
            var place = Array.BinarySearch(upTo, random.NextDouble() * sum);
            order[i] = places[place < 0 ? ~place : place];
        }
        return order;
    }

    public static ValueTask<ReadOnlyMemory<byte>> Computed(TaskContext context, CancellationToken ct) => new("{\"price\":1.0842}"u8.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _shards.Dispose();
    }

    private static TaskDescriptor Describe(CacheKey key) => _described ??= FactoryRunner.Describe(key, Computed, Options);

    private static TaskDescriptor? _described;
}
