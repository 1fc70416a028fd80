using ActorPerf.TestKit.MultiNode;
using ActorPerf.Tests.Storage.PostgreSql;
using Npgsql;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Proofs with nodes that are processes: one after the other and beside no others, for they load the machine and time what happens.</summary>
[CollectionDefinition(nameof(ProofCollection), DisableParallelization = true)]
public sealed class ProofCollection : ICollectionFixture<ProofServer>;

/// <summary>A database server that belongs to the proofs: they stop and kill it.</summary>
public sealed class ProofServer : IAsyncLifetime
{
    private PostgresServer? _server;

    internal PostgresServer Server => _server ?? throw new InvalidOperationException("The server was not started.");

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is null) _server = await PostgresServer.StartOwnAsync();
    }

    public ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Options of a cluster on a new database.</summary>
    internal async Task<ProcessOptions> NewAsync() => new() { ConnectionString = await Server.CreateDatabaseAsync() };
}
