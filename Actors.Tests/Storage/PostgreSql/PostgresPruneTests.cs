using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Deleting what is old, on a server: in pieces, beside other nodes that do the same, and without waiting for what they hold.</summary>
public sealed class PostgresPruneTests : IAsyncLifetime
{
    private readonly SteppedTime _time = new();
    private string _database = "";
    private INodeStorage _storage = null!;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is not null) return;
        _database = await PostgresServer.NewMigratedAsync();
        _storage = await PostgresStores.OpenAsync(_database, _time);
    }

    public ValueTask DisposeAsync()
    {
        _storage?.Dispose();
        return ValueTask.CompletedTask;
    }

    [PostgresFact]
    public async Task What_an_unfinished_job_depends_on_is_kept() => await PruneWorld.KeepsWhatIsNeededAsync(_storage, _time);

    [PostgresFact]
    public async Task A_prune_looks_at_no_more_than_its_limit_and_the_next_goes_on_where_it_stopped()
    {
        await PruneWorld.FillAsync(_storage.Jobs, 100);
        var young = await PruneWorld.PruneAsync(_storage.Jobs, 30, 0);
        Assert.Equal((0, 0L), (young.Deleted, young.Cursor));
        _time.Shift += TimeSpan.FromDays(31);
        var left = new List<long>();
        var cursor = 0L;
        do
        {
            var prune = await PruneWorld.PruneAsync(_storage.Jobs, 30, cursor);
            Assert.True(prune.Cursor == 0 || prune.Cursor > cursor, $"{prune.Cursor} behind {cursor}");
            Assert.True(prune.Took > TimeSpan.Zero);
            cursor = prune.Cursor;
            left.Add(await CountAsync());
        }
        while (cursor > 0);
        Assert.Equal([70, 40, 10, 0], left);
        Assert.Empty((await _storage.VerifyAsync(default)).Violations);
    }

    [PostgresFact]
    public async Task Two_nodes_that_prune_at_once_leave_nothing_old_and_nothing_by_half()
    {
        using var other = await PostgresStores.OpenAsync(_database, _time);
        for (var i = 0; i < 3; i++) await PruneWorld.FillAsync(_storage.Jobs, 500);
        _time.Shift += TimeSpan.FromDays(31);
        var young = PruneWorld.New(PruneWorld.Row());
        await PruneWorld.PostAsync(_storage.Jobs, new JobWrite.Submit([young]));
        for (var walks = 0; await CountAsync() > 1; walks++)
        {
            // What one of them held is met in the next walk.
            Assert.True(walks < 20, $"{await CountAsync()} jobs are left after {walks} walks");
            await Task.WhenAll(WalkAsync(_storage.Jobs), WalkAsync(other.Jobs));
        }
        Assert.NotNull((await _storage.Jobs.ReadManyAsync(Namespace.Default, [young.Row.Id], default))[0]);
        Assert.Empty((await other.VerifyAsync(default)).Violations);
    }

    [PostgresFact]
    public async Task A_job_that_somebody_holds_is_passed_over_and_goes_with_the_next_walk()
    {
        await PruneWorld.FillAsync(_storage.Jobs, 10);
        _time.Shift += TimeSpan.FromDays(31);
        var rows = (await _storage.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 50 }, default)).Rows;
        await using (var holder = new NpgsqlConnection(_database + ";Pooling=False"))
        {
            await holder.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("SELECT 1 FROM actorperf.job WHERE id = $1 FOR UPDATE", holder, transaction) { Parameters = { new() { Value = rows[5].Row.Id.Value } } };
            await hold.ExecuteScalarAsync(TestContext.Current.CancellationToken);
            await PruneWorld.PruneAsync(_storage.Jobs, 1_000, 0);
            Assert.Equal(1, await CountAsync());
        }
        await PruneWorld.PruneAsync(_storage.Jobs, 1_000, 0);
        Assert.Equal(0, await CountAsync());
        Assert.Empty((await _storage.VerifyAsync(default)).Violations);
    }

    [PostgresFact]
    public async Task Starts_of_every_limit_key_are_looked_at_in_turn()
    {
        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        await AskAsync($"INSERT INTO actorperf.limit_key SELECT 'default', 'busy' || i, 0, 0, NULL, '{now},{now},1' FROM generate_series(1, 20) i");
        await AskAsync("INSERT INTO actorperf.limit_key VALUES ('default', 'idle', 0, 0, NULL, '1,1,1')");
        for (var i = 0; i < 3; i++) await PruneWorld.PruneAsync(_storage.Jobs, 10, 0);
        Assert.Equal(20L, await AskAsync("SELECT count(*) FROM actorperf.limit_key"));
    }

    private async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database + ";Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task WalkAsync(IJobStore store)
    {
        var cursor = 0L;
        do cursor = (await PruneWorld.PruneAsync(store, 100, cursor)).Cursor;
        while (cursor > 0);
    }

    private async Task<long> CountAsync() => (await _storage.Jobs.CountAsync(null, default)).Sum(count => count.Count);
}
