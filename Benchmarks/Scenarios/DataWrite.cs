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
    private const int Most = 60;

    private static readonly byte[] Data = [.. "{\"name\":\"somebody\",\"balance\":12.25,\"city\":\"somewhere\",\"email\":\"someone@example.org\"}"u8];

    public string Name => "data-write";

    public string Promises => "one put at a time through the write pipeline, durable when it returns: p50 at most 60 µs above the store's own call; 256 callers beside the store's own call for each, for orientation";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        await using (var sqlite = new SqliteEntityReads(folder.File("entities.db"))) await CompareAsync("SQLite", sqlite, pace, report);
        if (PostgresEntityReads.ConnectionString is not { } connectionString)
        {
            report.Say(PostgresEntityReads.LeftOut);
            return;
        }
        await using var postgres = await PostgresEntityReads.OpenAsync(connectionString);
        await CompareAsync("PostgreSQL", postgres, pace, report);
    }

    private static async Task CompareAsync(string name, EntityReads reads, Pace pace, Report report)
    {
        await reads.FillAsync(pace.Scale(Entities));
        await using var service = new DataService(reads.Store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        var random = new Random(2);
        await LoneCalls.CompareAsync(
            pace, report, $"{name}, a lone put",
            samples => LoneCalls.SampleAsync(samples, async _ => await reads.Store.WriteManyAsync(EntityReads.Namespace, [Put(random, reads.Count)], CancellationToken.None)),
            async _ => await service.WriteAsync(Put(random, reads.Count)), Most);
        var pairs = await Pairs.RunAsync(
            pace,
            window => PutsAsync(window, reads.Count, async write => await service.WriteAsync(write)),
            window => PutsAsync(window, reads.Count, async write => await reads.Store.WriteManyAsync(EntityReads.Namespace, [write], CancellationToken.None)));
        report.Add(pairs.Figures($"{name}, puts", "write", null, null));
    }

    private static async Task<Measurement> PutsAsync(TimeSpan window, int count, Func<EntityWrite, Task> put)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var writes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            var done = 0L;
            for (; Stopwatch.GetElapsedTime(started) < window; done++) await put(Put(random, count));
            return done;
        })));
        return new Measurement(writes.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    private static EntityWrite.Put Put(Random random, int count) => new(Key.Of(EntityReads.Namespace, EntityReads.Kind, random.Next(1, count + 1)), Data);
}
