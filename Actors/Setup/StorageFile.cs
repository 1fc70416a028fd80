using ActorPerf.Cluster;
using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Setup;

/// <summary>A node's database while no node has it open.</summary>
public static class StorageFile
{
    /// <summary>The file that holds everything; null for a store without one.</summary>
    /// <exception cref="StorageSetupException">The connection string names no file.</exception>
    public static string? PathOf(StorageOptions options) => options.Provider == StorageProvider.Sqlite ? SqliteDatabase.PathOf(options.ConnectionString) : null;

    /// <summary>Checks every invariant, read-only. Takes as long as reading everything does. Nodes may have a database on a server open meanwhile.</summary>
    /// <exception cref="StorageSetupException">There is no such file, or it is no database.</exception>
    public static Task<VerifyReport> VerifyAsync(StorageOptions options, CancellationToken ct) => options.Provider switch
    {
        StorageProvider.Memory => throw new StorageSetupException("The memory store has no file. Ask the running node: actorperf verify"),
        StorageProvider.Postgresql => PostgresStorage.VerifyDatabaseAsync(options.ConnectionString, ct),
        _ => Task.Factory.StartNew(() => SqliteStorage.VerifyFile(options.ConnectionString), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default),
    };
}
