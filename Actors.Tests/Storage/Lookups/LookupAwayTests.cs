using System.Net;
using System.Net.Sockets;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Storage;
using ActorPerf.Storage.Lookups;
using ActorPerf.TestKit;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Tests.Storage.Lookups;

/// <summary>A user's database that is away when the node starts: the node's own work does not wait for it.</summary>
public sealed class LookupAwayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_table_that_nobody_could_look_for_at_the_start_is_found_by_a_read()
    {
        await using var owner = new SqliteConnection($"Data Source={Path.Combine(_folder, "own.db")};Pooling=False");
        await owner.OpenAsync();
        Execute(owner, "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO product VALUES (7, 'Lamp'); BEGIN EXCLUSIVE");
        await using var product = await OpenAsync("product");
        await using var later = await OpenAsync("later");
        Assert.Contains("locked", product.Away, StringComparison.Ordinal);
        Assert.Contains("locked", later.Away, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await product.ReadManyAsync([7], default));

        Execute(owner, "COMMIT");
        var row = Assert.Single(await product.ReadManyAsync([7], default))!.Value;
        Assert.Equal("""{"id":7,"name":"Lamp"}"""u8, row.Span);
        var missing = await Assert.ThrowsAsync<StorageSetupException>(async () => await later.ReadManyAsync([7], default));
        Assert.StartsWith("actorperf.data.lookups.thing.table: there is no table 'later'.", missing.Message, StringComparison.Ordinal);
        Execute(owner, "CREATE TABLE later (id INTEGER PRIMARY KEY)");
        Assert.Null(Assert.Single(await later.ReadManyAsync([7], default)));
    }

    [Fact]
    public async Task A_server_that_nobody_reaches_is_away()
    {
        await using var source = await LookupSource.OpenAsync(Postgres(port: 1), TimeProvider.System, default);
        Assert.NotNull(source.Away);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await source.ReadManyAsync([7], default));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_waited_for_five_seconds()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new ManualTime();
        var opening = LookupSource.OpenAsync(Postgres(((IPEndPoint)silent.LocalEndpoint).Port), time, default);
        using var caller = await silent.AcceptTcpClientAsync();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(opening.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await using var source = await opening.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("it did not answer within 5 s", source.Away);
    }

    [Fact]
    public async Task Whoever_stops_waiting_for_the_start_ends_it()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var stop = new CancellationTokenSource();
        var opening = LookupSource.OpenAsync(Postgres(((IPEndPoint)silent.LocalEndpoint).Port), new ManualTime(), stop.Token);
        using var caller = await silent.AcceptTcpClientAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private Task<LookupSource> OpenAsync(string table) =>
        LookupSource.OpenAsync(new LookupTable("thing", "sqlite", $"Data Source={Path.Combine(_folder, "own.db")};Default Timeout=1", table, "id", []), new ManualTime(), default);

    private static LookupTable Postgres(int port) => new("thing", "postgresql", $"Host=127.0.0.1;Port={port};Username=u;Password=p;Database=d", "product", "id", []);

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
