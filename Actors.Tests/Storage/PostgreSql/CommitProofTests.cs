using ActorPerf.Cluster;
using ActorPerf.Storage.PostgreSql;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>What became of a commit whose answer was lost: told by what it wrote, for a server that crashed gives out numbers of transactions once more.</summary>
public sealed class CommitProofTests
{
    [PostgresFact]
    public async Task A_commit_took_place_when_what_it_alone_wrote_is_there_whoever_has_its_number_now()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        using var lane = new LaneConnection(source, TimeProvider.System);
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);

        var (open, its) = await BeginAsync(connection);
        Assert.Null(lane.TookPlace(open, its));
        await DoAsync(connection, "COMMIT");
        Assert.True(lane.TookPlace(open, its));
        // Another transaction has come to have the number: the server says that it was committed, and it is not the one that is asked about.
        Assert.False(lane.TookPlace(open, new CommitProof.Marker(Guid.NewGuid())));
        Assert.False(lane.TookPlace(open, new CommitProof.Line(1, open, 1, DateTimeOffset.UnixEpoch)));
        // What left nothing may be run again, and is.
        Assert.False(lane.TookPlace(open, null));

        var (undone, proof) = await BeginAsync(connection);
        await DoAsync(connection, "ROLLBACK");
        Assert.False(lane.TookPlace(undone, proof));
        // The crash took along even that there was such a number.
        Assert.False(lane.TookPlace(undone + 1_000_000, proof));
    }

    [PostgresFact]
    public async Task A_reader_goes_on_from_a_row_and_never_from_a_number_that_may_be_given_out_again()
    {
        var connectionString = await PostgresServer.NewMigratedAsync();
        using var storage = await PostgresStores.OpenAsync(connectionString);
        await storage.Feed.AppendAsync(new(FeedKind.Cache, "shop", ""), TestContext.Current.CancellationToken);
        var end = FeedPlace.Start;
        await Eventually.Is(async () =>
        {
            var slice = await storage.Feed.ReadAsync(FeedPlace.Start, null, 1_000, default);
            end = slice.Complete;
            return slice.Rows.Count > 0 && slice.Rows[^1].Place <= slice.Horizon;      // other databases' transactions hold it, too
        }, "the row is decided");
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 5; i++)
        {
            var (number, _) = await BeginAsync(connection);
            await DoAsync(connection, "ROLLBACK");
            Assert.True(number > end.Tx);
        }
        Assert.Equal(end, await storage.Feed.EndAsync(default));
        Assert.Equal(end, (await storage.Feed.ReadAsync(end, storage.Feed.Origin, 100, default)).Complete);
    }

    private static async Task<(long Tx, CommitProof Proof)> BeginAsync(NpgsqlConnection connection)
    {
        await DoAsync(connection, "BEGIN");
        var proof = CommitProof.Marker.Write(connection);
        await using var command = new NpgsqlCommand("SELECT pg_current_xact_id()::text::bigint", connection);
        return ((long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!, proof);
    }

    private static async Task DoAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
