using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Data;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What the chance of company costs one who has none: a single get on an idle node, against the same call of the store.</summary>
internal sealed class DataLoneGet : IScenario
{
    private const int Entities = 1_000;
    private const int WarmUp = 5_000;

    public string Name => "data-lone-get";

    public string Promises => "one get at a time through the read pipeline: p50 at most 60 µs above the bare call of the store";

    public async Task RunAsync(Pace pace, Report report)
    {
        var store = new BareEntities();
        await using var service = new DataService(store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        Key[] keys = [.. Enumerable.Range(1, Entities).Select(id => Key.Of(Namespace.Default, "Thing", id))];
        foreach (var some in keys.Chunk(500)) await service.WriteManyAsync([.. some.Select(key => new EntityWrite.Put(key, "{}"u8.ToArray()))]);
        var samples = pace.Scale(20_000);
        var (bare, lone) = (new List<double>(), new List<double>());
        var used = Usage.Here();
        for (var pair = 0; pair < pace.Pairs; pair++)
        {
            bare.AddRange(await SampleAsync(samples / pace.Pairs, keys, async key => (await store.ReadManyAsync(key.Namespace, [key], CancellationToken.None))[0]));
            var before = Usage.Here();
            lone.AddRange(await SampleAsync(samples / pace.Pairs, keys, key => service.GetAsync(key)));
            used = Usage.Here() - before;
        }
        var over = Spread.Percentile(lone, 50) - Spread.Percentile(bare, 50);
        report.Add(new Figure("p50 above the bare call", Spread.Of(over), "µs") { Promised = new Promise.Within(60) });
        report.Add(new Figure("p99 above the bare call", Spread.Of(Spread.Percentile(lone, 99) - Spread.Percentile(bare, 99)), "µs"));
        report.Add(new Figure("processor", Spread.Of(used.Cpu.TotalMicroseconds / (samples / pace.Pairs + WarmUp)), "µs/get"));
        report.Add(new Figure("allocated", Spread.Of((double)used.AllocatedBytes / (samples / pace.Pairs + WarmUp)), "bytes/get"));
    }

    private static async Task<double[]> SampleAsync(int samples, Key[] keys, Func<Key, ValueTask<Entity?>> get)
    {
        for (var i = 0; i < WarmUp; i++) await get(keys[i % keys.Length]);
        var times = new double[samples];
        for (var i = 0; i < samples; i++)
        {
            var started = Stopwatch.GetTimestamp();
            if (await get(keys[i % keys.Length]) is null) throw new InvalidOperationException("An entity is missing.");
            times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }
        return times;
    }
}
