using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Data;
using ActorPerf.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>A stream of all entities of a kind, beside one statement whose rows a bare reader walks through on a thread of its own.</summary>
internal sealed class DataStream : IScenario
{
    private const int Entities = 500_000;

    public string Name => "data-stream";

    public string Promises => "rows a second of a query streamed by pages, beside a bare reader of one statement; for orientation";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        var file = folder.File("entities.db");
        await using var reads = new SqliteEntityReads(file);
        var count = pace.Scale(Entities);
        report.Say($"writing {count:#,0} entities");
        await reads.FillAsync(count);
        await using var service = new DataService(reads.Store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        var pairs = await Pairs.RunAsync(pace, window => StreamAsync(service, window), window => Task.Factory.StartNew(
            () => Walk(file, window), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        report.Add(pairs.Figures("SQLite, a stream", "row", null, null));
    }

    private static async Task<Measurement> StreamAsync(DataService service, TimeSpan window)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var rows = 0L;
        await using var scope = service.BeginScope(new ScopeSettings { Namespace = EntityReads.Namespace });
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            await foreach (var _ in ((IData)service).Query(EntityReads.Kind))
                if ((++rows & 0xfff) == 0 && Stopwatch.GetElapsedTime(started) >= window) break;
        }
        return new Measurement(rows, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    private static Measurement Walk(string file, TimeSpan window)
    {
        using var handle = SqliteHandle.Open(file, readOnly: true);
        var walk = handle.Prepare("SELECT id, version, updated_at, data FROM entity WHERE namespace = ? AND kind = ? ORDER BY id");
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var rows = 0L;
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            walk.Bind(EntityReads.Namespace.Name).Bind(EntityReads.Kind);
            while (walk.Step())
            {
                var key = Key.Of(EntityReads.Namespace, EntityReads.Kind, EntityId.FromBytes(walk.Bytes(0)));
                if (new Entity(key, walk.Long(1), walk.Bytes(3).ToArray(), SqliteTime.ToTime(walk.Long(2))).Version == 0) throw new InvalidOperationException("A row without a version.");
                if ((++rows & 0xfff) == 0 && Stopwatch.GetElapsedTime(started) >= window) break;
            }
            walk.Reset();
        }
        return new Measurement(rows, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }
}
