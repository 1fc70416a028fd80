using ActorPerf.Storage;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>The suite of all job stores, on a server.</summary>
public sealed class PostgresJobStoreTests : JobStoreConformance
{
    private string? _database;

    // Reopened, it is the same database.
    protected override INodeStorage Open(TimeProvider time) =>
        PostgresStores.Open(_database ??= Task.Run(PostgresServer.NewMigratedAsync).GetAwaiter().GetResult(), time);
}
