using ActorPerf.Cluster;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.TestKit;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Members where their rows are a server's: its clock decides, and nobody who stops holds up the others.</summary>
public sealed class PostgresMemberTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Leases_are_by_the_servers_clock_however_wrong_the_nodes_is()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        var machine = new ManualTime();      // years from now
        var clock = new PostgresClock(machine);
        using var store = new PostgresMemberStore(database.Reserved, clock);
        var before = await ServerTimeAsync(connectionString);
        await store.ApplyAsync(new MemberCommand.Join(Self("a"), Lease), default);
        var view = await store.ReadAsync(default);
        var after = await ServerTimeAsync(connectionString);
        Assert.InRange(view.Members[0].LastHeartbeat, before, after);
        Assert.Equal(view.Members[0].LastHeartbeat + Lease, view.Members[0].LeaseUntil);
        Assert.InRange(view.Now, before, after);
        // The reading sets the clock, which goes on with the machine's monotonic one.
        Assert.Equal(view.Now, clock.GetUtcNow());
        machine.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(view.Now.AddSeconds(5), clock.GetUtcNow());
    }

    [Fact]
    public async Task A_connection_that_broke_is_replaced()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        using var store = new PostgresMemberStore(database.Reserved, TimeProvider.System);
        await store.ApplyAsync(new MemberCommand.Join(Self("a"), Lease), default);
        await ExecuteAsync(connectionString, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadAsync(default));
        Assert.Equal("a", Assert.Single((await store.ReadAsync(default)).Members).Name);
    }

    [Fact]
    public async Task A_node_that_freezes_under_the_lock_of_all_members_loses_it()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        await using var frozen = await database.Reserved.OpenConnectionAsync();
        await using var transaction = await frozen.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({PostgresMemberStore.Lock})", frozen)) await command.ExecuteNonQueryAsync();
        using var store = new PostgresMemberStore(database.Reserved, TimeProvider.System);
        // Longer than the pause that is allowed, shorter than an answer may take.
        Assert.IsType<MemberReply.Done>(await store.ApplyAsync(new MemberCommand.Join(Self("a"), Lease), default));
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await transaction.CommitAsync());
    }

    private static Member Self(string name) => new(name, $"http://{name}", ["web"], MemberStatus.Joining, false, "1.0.0", Guid.NewGuid(), default, default, 0, 0, 0, []);

    private static async Task<DateTimeOffset> ServerTimeAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
