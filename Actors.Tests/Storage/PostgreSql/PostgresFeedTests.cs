using ActorPerf.Cluster;
using ActorPerf.Storage;
using ActorPerf.TestKit;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>The feed where transactions commit in another order than that in which they began.</summary>
public sealed class PostgresFeedTests
{
    private static readonly FeedNote Note = new(FeedKind.Cache, "shop", "");

    [Fact]
    public async Task A_transaction_that_commits_last_is_skipped_by_no_reader_although_its_rows_come_first()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        using var storage = await PostgresStores.OpenAsync(connectionString);
        var feed = storage.Feed;
        var start = await feed.EndAsync(default);
        await using var other = new NpgsqlConnection(connectionString);
        await other.OpenAsync();
        await using var late = await other.BeginTransactionAsync();
        await InsertAsync(other, "late");
        await feed.AppendAsync(Note with { Detail = "early" }, default);

        // Whoever is only to be woken sees what is there; whoever reads in order stops in front of what is not decided.
        var open = await feed.ReadAsync(start, null, 100, default);
        Assert.Equal(["early"], open.Rows.Select(row => row.Detail));
        Assert.True(open.Rows[0].Place > open.Horizon);
        Assert.Equal(open.Horizon, open.Complete);
        Assert.True(open.Rows[0].Place > await feed.EndAsync(default));

        await late.CommitAsync();
        var done = await DecidedAsync(feed, open.Complete);
        Assert.Equal(["late", "early"], done.Rows.Select(row => row.Detail));
    }

    [Fact]
    public async Task A_place_that_the_database_has_not_come_to_is_a_gap()
    {
        using var storage = await PostgresStores.OpenAsync(await PostgresServer.NewMigratedAsync());
        var end = await storage.Feed.EndAsync(default);
        Assert.False((await storage.Feed.ReadAsync(end, storage.Feed.Origin, 100, default)).Pruned);
        var ahead = await storage.Feed.ReadAsync(new FeedPlace(end.Tx + 1_000, long.MaxValue), storage.Feed.Origin, 100, default);
        Assert.True(ahead.Pruned);
        Assert.True(ahead.Complete.Tx < end.Tx + 1_000);
    }

    [Fact]
    public async Task What_was_rolled_back_holds_nobody()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        using var storage = await PostgresStores.OpenAsync(connectionString);
        await using (var other = new NpgsqlConnection(connectionString))
        {
            await other.OpenAsync();
            await using var lost = await other.BeginTransactionAsync();
            await InsertAsync(other, "lost");
            await lost.RollbackAsync();
        }
        await storage.Feed.AppendAsync(Note with { Detail = "kept" }, default);
        Assert.Equal("kept", Assert.Single((await DecidedAsync(storage.Feed, FeedPlace.Start)).Rows).Detail);
    }

    [Fact]
    public async Task Readers_of_many_writers_see_each_row_once_and_in_one_order()
    {
        const int writers = 4, each = 25;
        var connectionString = await PostgresServer.NewMigratedAsync();
        using var storage = await PostgresStores.OpenAsync(connectionString);
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            for (var i = 0; i < each; i++)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await InsertAsync(connection, $"{writer}/{i}");
                await InsertAsync(connection, $"{writer}/{i}+");
                await transaction.CommitAsync();
            }
        }));
        var ordered = new List<FeedRow>();
        var place = FeedPlace.Start;
        while (ordered.Count < writers * each * 2)
        {
            var slice = await storage.Feed.ReadAsync(place, null, 7, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            ordered.AddRange(slice.Rows.Where(row => row.Place <= slice.Horizon));
            place = slice.Complete;
        }
        await writing;
        var all = (await storage.Feed.ReadAsync(FeedPlace.Start, null, 10_000, default)).Rows;
        Assert.Equal(all.Select(row => row.Detail), ordered.Select(row => row.Detail));
        Assert.Equal(writers * each * 2, all.DistinctBy(row => row.Detail).Count());
    }

    [Fact]
    public async Task A_commit_of_another_node_is_a_hint_even_after_the_listening_connection_broke()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        using var one = await PostgresStores.OpenAsync(connectionString, TimeProvider.System);
        using var two = await PostgresStores.OpenAsync(connectionString, TimeProvider.System);
        using var heard = new SemaphoreSlim(0);
        two.Feed.Changed = () => heard.Release();
        await HeardAsync();
        await ExecuteAsync(connectionString, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%')");
        await HeardAsync();
        await HeardAsync();

        async Task HeardAsync()
        {
            // A hint may be lost with its connection; the next commit gives another.
            do await one.Feed.AppendAsync(Note, default);
            while (!await heard.WaitAsync(TimeSpan.FromMilliseconds(500)));
        }
    }

    [Fact]
    public async Task A_node_gets_no_hint_of_its_own_rows()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        using var one = await PostgresStores.OpenAsync(connectionString, TimeProvider.System);
        using var two = one.Another();
        var own = 0;
        using var heard = new SemaphoreSlim(0);
        two.Feed.Changed = () => heard.Release();
        await HeardAsync();
        one.Feed.Changed = () => own++;
        await HeardAsync();
        Assert.Equal(0, own);

        async Task HeardAsync()
        {
            do await one.Feed.AppendAsync(Note, default);
            while (!await heard.WaitAsync(TimeSpan.FromMilliseconds(500)));
        }
    }

    /// <summary>The slice once the horizon has passed its rows: transactions of other databases of the server hold it too.</summary>
    private static async Task<FeedSlice> DecidedAsync(IFeedStore feed, FeedPlace after)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var slice = await feed.ReadAsync(after, null, 100, patience.Token);
            if (slice.Rows is [.., var last] && last.Place <= slice.Horizon) return slice;
        }
    }

    private static async Task InsertAsync(NpgsqlConnection connection, string detail)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO actorperf.history (namespace, kind, subject, version, at, attempt, detail) VALUES ('shop', 4, 0, 1, 0, 0, $1)", connection);
        command.Parameters.AddWithValue(detail);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
