using System.Diagnostics.CodeAnalysis;
using ActorPerf.Data;
using ActorPerf.Storage.Memory;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Data;

/// <summary>Data over the memory store behind a script, so that commits conflict as they do in a database.</summary>
internal sealed class TransactionWorld
{
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "A simulated service has nothing to give back.")]
    private TransactionWorld(TimeProvider time, TaskScheduler? scheduler, ILogger<DataService>? log, Lookups? lookups, EntityStoreLimits? limits = null)
    {
        var store = new MemoryEntityStore(time, _ => { });
        Store = new ScriptedEntityStore(store, time) { Limits = limits ?? store.Limits };
        Service = new DataService(Store, new DataOptions(), time, new Random(1), log ?? NullLogger<DataService>.Instance, scheduler, lookups);
    }

    public ScriptedEntityStore Store { get; }

    public DataService Service { get; }

    public IData Data => Service;

    public int Commits => Store.Statements.Count(statement => statement.Sort == ScriptedSort.Commit);

    public static TransactionWorld In(TaskSimulation simulation, Lookups? lookups = null, EntityStoreLimits? limits = null) => new(simulation.Time, simulation.Scheduler, null, lookups, limits);

    public static TransactionWorld OnThreads(ILogger<DataService>? log = null, Lookups? lookups = null) => new(TimeProvider.System, null, log, lookups);

    /// <summary>What the store holds, past every scope.</summary>
    public async Task<long?> StoredAsync(int id) => DataWorld.Value((await Store.ReadManyAsync(DataWorld.Key(id).Namespace, [DataWorld.Key(id)], CancellationToken.None))[0]);

    public async Task AddAsync(int id, TransactionOptions? options = null, Func<Task>? between = null) => await Data.TransactAsync(
        async tx =>
        {
            var value = DataWorld.Value(await tx.GetAsync(DataWorld.Key(id))) ?? 0;
            if (between is not null) await between();
            await tx.WriteAsync(DataWorld.Put(DataWorld.Key(id), value + 1));
        },
        options);
}
