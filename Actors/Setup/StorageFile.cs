using ActorPerf.Cluster;
using ActorPerf.Storage;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Setup;

/// <summary>A node's database while no node has it open.</summary>
public static class StorageFile
{
    /// <summary>The file that holds everything; null for a store without one.</summary>
    /// <exception cref="StorageSetupException">The connection string names no file.</exception>
    public static string? PathOf(StorageOptions options) => options.Provider == StorageProvider.Memory ? null : SqliteDatabase.PathOf(options.ConnectionString);

    /// <summary>Checks every invariant, read-only. Blocks for as long as reading everything takes.</summary>
    /// <exception cref="StorageSetupException">There is no such file, or it is no database.</exception>
    public static VerifyReport Verify(StorageOptions options) => options.Provider == StorageProvider.Memory
        ? throw new StorageSetupException("The memory store has no file. Ask the running node: actorperf verify")
        : SqliteStorage.VerifyFile(options.ConnectionString);
}
