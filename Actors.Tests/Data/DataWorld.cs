using System.Text;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Data;

/// <summary>Data over a scripted store, on a seeded scheduler or on real threads.</summary>
internal sealed class DataWorld
{
    private DataWorld(TimeProvider time, TaskScheduler? scheduler, DataOptions? options, EntityStoreLimits? limits, ILogger<DataService>? log)
    {
        Store = new ScriptedEntityStore(new PlainEntities(time) { Limits = limits ?? new EntityStoreLimits("plain", Slots: 4) }, time);
        Service = new DataService(Store, options ?? new DataOptions(), time, new Random(1), log ?? NullLogger<DataService>.Instance, scheduler);
    }

    public ScriptedEntityStore Store { get; }

    public DataService Service { get; }

    public IData Data => Service;

    public static DataWorld In(TaskSimulation simulation, DataOptions? options = null, EntityStoreLimits? limits = null, ILogger<DataService>? log = null) =>
        new(simulation.Time, simulation.Scheduler, options, limits, log);

    public static DataWorld OnThreads(DataOptions? options = null, EntityStoreLimits? limits = null) => new(TimeProvider.System, null, options, limits, null);

    public static Key Key(int id, string ns = "default", string kind = "Thing") => ActorPerf.Data.Key.Of(Namespace.Parse(ns), kind, id);

    public static Key[] Keys(int count, string ns = "default") => [.. Enumerable.Range(1, count).Select(id => Key(id, ns))];

    public static EntityWrite Put(Key key, long value, long? ifVersion = null) => new EntityWrite.Put(key, Json(value)) { IfVersion = ifVersion };

    public static byte[] Json(long value) => Encoding.UTF8.GetBytes($$"""{"value":{{value}}}""");

    /// <summary>Null where there is no entity.</summary>
    public static long? Value(Entity? entity) =>
        entity is null ? null : System.Text.Json.JsonDocument.Parse(entity.Data).RootElement.GetProperty("value").GetInt64();

    /// <summary>Writes things 1 to n, each with its number as value, and forgets the statements.</summary>
    public async Task FillAsync(int count, string ns = "default")
    {
        foreach (var some in Keys(count, ns).Chunk(500)) await Data.WriteManyAsync([.. some.Select(key => Put(key, key.Id.Number!.Value))]);
        Store.Forget();
    }

    public IEnumerable<int> ReadSizes => Store.Statements.Where(statement => statement.Sort == ScriptedSort.Read).Select(statement => statement.Keys.Count);

    public IEnumerable<int> WriteSizes => Store.Statements.Where(statement => statement.Sort == ScriptedSort.Write).Select(statement => statement.Keys.Count);
}
