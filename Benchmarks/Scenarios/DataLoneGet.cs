using ActorPerf.Benchmarks.Harness;
using ActorPerf.Data;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What the chance of company costs one who has none: a single get on an idle node, against the same statement of the bare driver, and over a store that costs nothing, against its call.</summary>
internal sealed class DataLoneGet : IScenario
{
    private const int Entities = 10_000;
    private const int Most = 60;

    public string Name => "data-lone-get";

    public string Promises => "one get at a time through the read pipeline: p50 at most 60 µs above the bare driver's call (SQLite, PostgreSQL), or above that of a store that costs nothing";

    public async Task RunAsync(Pace pace, Report report)
    {
        await OverNothingAsync(pace, report);
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
        await reads.FillAsync(Entities);
        await using var service = new DataService(reads.Store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        var random = new Random(2);
        await LoneCalls.CompareAsync(
            pace, report, name, reads.OneAtATimeAsync,
            async _ => Found(await service.GetAsync(Key.Of(EntityReads.Namespace, EntityReads.Kind, random.Next(1, reads.Count + 1)))), Most);
    }

    private static async Task OverNothingAsync(Pace pace, Report report)
    {
        var store = new BareEntities();
        await using var service = new DataService(store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        Key[] keys = [.. Enumerable.Range(1, 1_000).Select(id => Key.Of(Namespace.Default, "Thing", id))];
        foreach (var some in keys.Chunk(500)) await service.WriteManyAsync([.. some.Select(key => new EntityWrite.Put(key, "{}"u8.ToArray()))]);
        await LoneCalls.CompareAsync(
            pace, report, "a store that costs nothing",
            samples => LoneCalls.SampleAsync(samples, async i => Found((await store.ReadManyAsync(Namespace.Default, [keys[i % keys.Length]], CancellationToken.None))[0])),
            async i => Found(await service.GetAsync(keys[i % keys.Length])), Most);
    }

    private static void Found(Entity? entity)
    {
        if (entity is null) throw new InvalidOperationException("An entity is missing.");
    }
}
