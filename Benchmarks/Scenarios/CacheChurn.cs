using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What admission costs: a full table in which nine asks of ten find nothing, and each of them evicts.</summary>
internal sealed class CacheChurn : IScenario
{
    private const int Capacity = 100_000, Asks = 1_000_000;

    public string Name => "cache-churn";

    public string Promises => "a full table of 100,000 entries, nine misses in ten: the cost of entering, of the policy's choice and of leaving";

    public async Task RunAsync(Pace pace, Report report)
    {
        var (capacity, asks) = (pace.Scale(Capacity), pace.Scale(Asks));
        await using var rig = await CacheRig.StartAsync(capacity, capacity);
        var costs = new List<double>();
        var stores = new List<double>();
        var bytes = new List<double>();
        var ratios = new List<double>();
        var fresh = capacity;
        for (var i = 0; i < (pace.IsShort ? pace.Pairs : 7); i++)
        {
            var keys = Enumerable.Range(0, asks).Select(ask => ask % 10 == 0 ? rig.Keys[ask % 1_000] : CacheRig.Key(fresh++)).ToArray();
            var hits = 0;
            // The policy is the shard's alone: one thread asks and stores, as its actor does.
            var measured = await Stretch.MeasureAsync(asks, () => Stretch.OnThreadsAsync(1, _ => hits = Churn(rig, keys)));
            costs.Add(measured.Cpu * 1_000);
            stores.Add(measured.Cpu * 1_000 * asks / (asks - hits));
            bytes.Add((double)measured.Used.AllocatedBytes / (asks - hits));
            ratios.Add(hits / (asks / 10.0));
        }
        report.Add(new Figure("processor", Spread.Of(costs), "ns an ask"));
        report.Add(new Figure("processor", Spread.Of(stores), "ns a miss: look, store, admit, evict"));
        report.Add(new Figure("allocated", Spread.Of(bytes), "bytes a miss: the entry itself"));
        report.Add(new Figure("of the tenth that comes again", Spread.Of(ratios), "share of hits") { Promised = new Promise.AtLeast(0.9) });
    }

    private static int Churn(CacheRig rig, Caching.CacheKey[] keys)
    {
        var hits = 0;
        foreach (var key in keys)
        {
            var shard = rig.Table.ShardOf(key);
            if (shard.Get(key) is { } entry)
            {
                shard.Touch(entry);
                hits++;
            }
            else
            {
                rig.Store(key);
            }
        }
        return hits;
    }
}
