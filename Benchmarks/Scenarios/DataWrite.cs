using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Callers that each await one put after another through the write pipeline, beside the store's own call for each of them.</summary>
internal sealed class DataWrite : IScenario
{
    private const int Entities = 100_000;
    private const int Callers = 256;

    public string Name => "data-write";

    public string Promises => "256 callers of single puts through the write pipeline, each durable when it returns, beside the store's own call for each; for orientation";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        await using var reads = new SqliteEntityReads(folder.File("entities.db"));
        await reads.FillAsync(pace.Scale(Entities));
        await using var service = new DataService(reads.Store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        var pairs = await Pairs.RunAsync(
            pace,
            window => PutsAsync(window, reads.Count, async write => await service.WriteAsync(write)),
            window => PutsAsync(window, reads.Count, async write => await reads.Store.WriteManyAsync(EntityReads.Namespace, [write], CancellationToken.None)));
        report.Add(pairs.Figures("SQLite, puts", "write", null, null));
    }

    private static async Task<Measurement> PutsAsync(TimeSpan window, int count, Func<EntityWrite, Task> put)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var data = "{\"name\":\"somebody\",\"balance\":12.25,\"city\":\"somewhere\",\"email\":\"someone@example.org\"}"u8.ToArray();
        var writes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            var done = 0L;
            for (; Stopwatch.GetElapsedTime(started) < window; done++) await put(new EntityWrite.Put(Key.Of(EntityReads.Namespace, EntityReads.Kind, random.Next(1, count + 1)), data));
            return done;
        })));
        return new Measurement(writes.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }
}
