using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Callers that each await one get after another, joined into statements by the read pipeline; beside a statement for each key, and beside
/// hand-written statements of the mean size that the pipeline came to.</summary>
internal sealed class DataBatch : IScenario
{
    private const int Entities = 1_000_000;
    private const int Callers = 256;

    public string Name => "data-batch";

    public string Promises => "256 callers of single gets: at least 1.3 times (SQLite) and 4 times (PostgreSQL) a statement a key, and 0.6 of hand-written statements of the same size";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        await using (var sqlite = new SqliteEntityReads(folder.File("entities.db"))) await CompareAsync("SQLite", sqlite, 1.3, pace, report);
        if (PostgresEntityReads.ConnectionString is not { } connectionString)
        {
            report.Say(PostgresEntityReads.LeftOut);
            return;
        }
        await using var postgres = await PostgresEntityReads.OpenAsync(connectionString);
        await CompareAsync("PostgreSQL", postgres, 4, pace, report);
    }

    private static async Task CompareAsync(string name, EntityReads reads, double least, Pace pace, Report report)
    {
        var count = pace.Scale(Entities);
        report.Say($"writing {count:#,0} entities");
        await reads.FillAsync(count);
        await using var service = new DataService(reads.Store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        var single = await Pairs.RunAsync(pace, window => GetsAsync(service, reads.Count, window), window => reads.OneByOneAsync(Callers, window));
        report.Add(single.Figures($"{name}, gets beside a statement a key", "read", null, new Promise.AtLeast(least)));
        var mean = (int)Math.Max(1, Math.Round(service.Statistics.Reads.MeanBatch));
        report.Say($"{name}: a statement had {mean} keys on average");
        var batches = await Pairs.RunAsync(pace, window => GetsAsync(service, reads.Count, window), window => reads.BatchesAsync(mean, window));
        report.Add(batches.Figures($"{name}, gets beside hand-written statements of {mean}", "read", null, new Promise.AtLeast(0.6)));
    }

    private static async Task<Measurement> GetsAsync(DataService service, int count, TimeSpan window)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var reads = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            var done = 0L;
            for (; Stopwatch.GetElapsedTime(started) < window; done++) await service.GetAsync(Key.Of(EntityReads.Namespace, EntityReads.Kind, random.Next(1, count + 1)));
            return done;
        })));
        return new Measurement(reads.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }
}
