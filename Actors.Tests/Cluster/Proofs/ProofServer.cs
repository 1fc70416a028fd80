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
    private ProofWorld? _world;

    internal PostgresServer Server => _server ?? throw new InvalidOperationException("The server was not started.");

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is null) _server = await PostgresServer.StartOwnAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        _server?.Dispose();
    }

    /// <summary>Three nodes, whole, that the proofs share; started for the first that asks.</summary>
    internal async Task<ProofWorld> WorldAsync()
    {
        _world ??= await ProofWorld.StartAsync(Server);
        await _world.MakeWholeAsync();
        return _world;
    }

    /// <summary>Options of a cluster on a new database.</summary>
    internal async Task<ProcessOptions> NewAsync() => new() { ConnectionString = await Server.CreateDatabaseAsync() };
}
