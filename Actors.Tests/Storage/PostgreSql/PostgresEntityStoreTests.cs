using System.Text;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>The suite of all entity stores, on a server, and what only a server can get wrong.</summary>
public sealed class PostgresEntityStoreTests : EntityStoreConformance
{
    private static readonly Namespace Shop = Namespace.Parse("shop");

    private string _connectionString = "";
    private PostgresDatabase? _database;
    private PostgresEntityStore? _store;

    protected override async Task<IEntityStore> OpenAsync(TimeProvider time)
    {
        _connectionString = await PostgresServer.NewMigratedAsync();
        _database = await PostgresDatabase.OpenAsync(_connectionString, default);
        return _store = new PostgresEntityStore(_database);
    }

    protected override Task AgeAsync(TimeSpan time) =>
        ExecuteAsync($"UPDATE actorperf.entity_commit SET at = at - {time.Ticks / TimeSpan.TicksPerMicrosecond}");

    [Fact]
    public async Task Entities_are_stamped_by_the_servers_clock_and_in_the_order_of_their_versions()
    {
        var before = await ServerTimeAsync();
        var key = Key.Of(Shop, "Account", 1);
        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await _store!.WriteManyAsync(Shop, [new EntityWrite.Put(key, "{}"u8.ToArray())], default))[0]));
        var after = await ServerTimeAsync();
        Assert.All(written, outcome => Assert.InRange(outcome.At, before, after));
        Assert.Equal(written.OrderBy(outcome => outcome.At).Select(outcome => outcome.Version), written.Select(outcome => outcome.Version).Order());
        Assert.Equal(written.Max(outcome => outcome.At), (await _store!.ReadManyAsync(Shop, [key], default))[0]!.UpdatedAt);
    }

    [Fact]
    public async Task A_job_in_a_transaction_of_a_store_that_has_entities_alone_is_refused_in_plain_words_and_nothing_takes_place()
    {
        var key = Key.Of(Shop, "Account", 1);
        var commit = new EntityCommit(Guid.NewGuid(), [], [new EntityWrite.Put(key, "{}"u8.ToArray())]) { Attached = [new JobWrite.Submit([], atomic: true)] };
        var refused = await Assert.ThrowsAsync<NotSupportedException>(async () => await _store!.CommitAsync(Shop, commit, default));
        Assert.Contains("This store has entities alone", refused.Message, StringComparison.Ordinal);
        Assert.Null((await _store!.ReadManyAsync(Shop, [key], default))[0]);
    }

    private async Task<DateTimeOffset> ServerTimeAsync()
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!);
    }

    protected override async Task<bool> TryExecuteAsync(string sql)
    {
        await ExecuteAsync($"SET search_path = actorperf; {sql}");
        return true;
    }

    protected override async ValueTask CloseAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_the_same_is_left_alone()
    {
        await using (await PostgresDatabase.OpenAsync(_connectionString, default))
        {
            await ExecuteAsync("UPDATE actorperf.schema_version SET version = 99");
        }
        var refused = await Assert.ThrowsAsync<StorageSetupException>(async () => await PostgresDatabase.OpenAsync(_connectionString, default));
        Assert.Contains("schema 99", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Username", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_start_together_make_one_schema()
    {
        var fresh = await PostgresServer.NewDatabaseAsync();
        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostgresDatabase.OpenAsync(fresh, default)));
        foreach (var database in databases) await database.DisposeAsync();
    }

    [Fact]
    public async Task Writers_of_the_same_keys_never_deadlock_and_lose_no_write()
    {
        const int writers = 8;
        const int rounds = 15;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var random = new Random(writer);
            for (var round = 0; round < rounds; round++)
            {
                var ids = Enumerable.Range(1, 10).OrderBy(_ => random.Next()).Take(6);
                await _store!.WriteManyAsync(Shop, [.. ids.Select(id => new EntityWrite.Put(Key.Of(Shop, id % 2 == 0 ? "Even" : "Odd", id), "{}"u8.ToArray()))], default);
            }
        }));

        long versions = 0;
        foreach (var kind in new[] { "Even", "Odd" })
            versions += (await _store!.QueryAsync(new EntityQuery(Shop, kind), default)).Items.Sum(entity => entity.Version);
        Assert.Equal(writers * rounds * 6, versions);
    }

    [Fact]
    public async Task Of_commits_that_count_up_each_counts_once()
    {
        var key = Key.Of(Shop, "Counter", 1);
        var conflicts = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (var done = 0; done < 10;)
            {
                var now = (await _store!.ReadManyAsync(Shop, [key], default))[0];
                var value = now is null ? 0 : int.Parse(Encoding.UTF8.GetString(now.Data.Span)[5..^1], System.Globalization.CultureInfo.InvariantCulture);
                var commit = new EntityCommit(
                    Guid.NewGuid(), [new EntityRead(key, now?.Version ?? 0)], [new EntityWrite.Put(key, Encoding.UTF8.GetBytes($"{{\"n\":{value + 1}}}")) { IfVersion = now?.Version ?? 0 }]);
                if ((await _store.CommitAsync(Shop, commit, default)).Committed) done++;
                else Interlocked.Increment(ref conflicts);
            }
        }));
        Assert.Equal("{\"n\":60}", Encoding.UTF8.GetString((await _store!.ReadManyAsync(Shop, [key], default))[0]!.Data.Span));
    }

    [Fact]
    public async Task Deletes_and_inserts_of_one_key_at_once_never_bring_a_version_back()
    {
        var key = Key.Of(Shop, "Account", 1);
        var seen = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async writer =>
        {
            for (var round = 0; round < 20; round++)
            {
                EntityWrite write = (writer + round) % 2 == 0 ? new EntityWrite.Delete(key) : new EntityWrite.Insert(key, "{}"u8.ToArray());
                var outcome = (await _store!.WriteManyAsync(Shop, [write], default))[0];
                if (write is EntityWrite.Insert && outcome.Status == WriteStatus.Written) seen.Add(outcome.Version);
            }
        }));
        Assert.NotEmpty(seen);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task Two_commits_that_each_rely_on_the_others_absence_do_not_both_take_place()
    {
        for (var round = 1; round <= 10; round++)
        {
            var (left, right) = (Key.Of(Shop, "Left", round), Key.Of(Shop, "Right", round));
            var outcomes = await Task.WhenAll(TryAsync(left, right), TryAsync(right, left));
            Assert.Equal(1, outcomes.Count(outcome => outcome));
        }

        Task<bool> TryAsync(Key seen, Key written) => Task.Run(async () => (await _store!.CommitAsync(
            Shop, new EntityCommit(Guid.NewGuid(), [new EntityRead(seen, 0)], [new EntityWrite.Insert(written, "{}"u8.ToArray())]), default)).Committed);
    }

    [Fact]
    public async Task Nodes_that_start_together_make_each_index_once()
    {
        for (var round = 1; round <= 5; round++)
        {
            string[] indexes = [$"m{round}", $"m{round},-at"];
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _store!.EnsureIndexesAsync("Account", indexes, default))));
        }
        Assert.Equal(10, await IndexesAsync("indisvalid"));
        var dropped = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await _store!.DropOtherIndexesAsync([], default))));
        Assert.Equal(10, dropped.Sum(names => names.Count));
        Assert.Equal(0, await IndexesAsync("true"));
    }

    [Fact]
    public async Task An_index_whose_building_was_broken_off_is_made_anew()
    {
        await _store!.EnsureIndexesAsync("Account", ["email"], default);
        await ExecuteAsync("UPDATE pg_index SET indisvalid = false WHERE indexrelid IN (SELECT oid FROM pg_class WHERE relname ~ '^entity_[0-9a-f]{16}$')");
        Assert.Equal(1, await IndexesAsync("NOT indisvalid"));
        await _store.EnsureIndexesAsync("Account", ["email"], default);
        Assert.Equal((1, 0), (await IndexesAsync("indisvalid"), await IndexesAsync("NOT indisvalid")));
    }

    [Fact]
    public async Task While_an_index_is_built_writes_go_on()
    {
        await _store!.WriteManyAsync(Shop, [new EntityWrite.Put(Key.Of(Shop, "Account", 1), "{}"u8.ToArray())], default);
        await using var holder = new NpgsqlConnection(_connectionString);
        await holder.OpenAsync();
        await using var held = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("UPDATE actorperf.entity SET version = version + 1", holder)) await hold.ExecuteNonQueryAsync();
        var building = _store.EnsureIndexesAsync("Account", ["email"], default).AsTask();
        await Eventually.Is(async () => await CountAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'") == 1, "an index that waits for the writer before it");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _store.WriteManyAsync(Shop, [new EntityWrite.Put(Key.Of(Shop, "Account", 2), "{}"u8.ToArray())], patience.Token);
        Assert.False(building.IsCompleted);
        await held.RollbackAsync();
        await building;
        Assert.Equal(1, await IndexesAsync("indisvalid"));
    }

    private Task<long> IndexesAsync(string condition) =>
        CountAsync($"SELECT count(*) FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname ~ '^entity_[0-9a-f]{{16}}$' AND {condition}");

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    [Fact]
    public async Task A_text_too_long_for_its_index_is_that_entitys_fault()
    {
        await _store!.EnsureIndexesAsync("Account", ["email"], default);
        var random = new Random(5);
        var text = string.Concat(Enumerable.Range(0, 6000).Select(_ => (char)random.Next(0x4e00, 0x9fff)));
        await Assert.ThrowsAsync<EntityFaultException>(async () =>
            await _store.WriteManyAsync(Shop, [new EntityWrite.Put(Key.Of(Shop, "Account", 1), Encoding.UTF8.GetBytes($"{{\"email\":\"{text}\"}}"))], default));
    }

    [Fact]
    public async Task A_server_that_is_away_is_transient_and_a_commit_it_broke_off_is_unknown()
    {
        var away = new NpgsqlConnectionStringBuilder(_connectionString) { Port = 1, Timeout = 2 };
        await Assert.ThrowsAsync<StorageSetupException>(async () => await PostgresDatabase.OpenAsync(away.ConnectionString, default));
        // The counters' row is held, so the second round trip waits, and its connection is cut there.
        await _store!.WriteManyAsync(Shop, [new EntityWrite.Put(Key.Of(Shop, "Account", 1), "{}"u8.ToArray())], default);
        await using var holder = new NpgsqlConnection(_connectionString);
        await holder.OpenAsync();
        await using var held = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE actorperf.entity_counter IN ACCESS EXCLUSIVE MODE", holder)) await hold.ExecuteNonQueryAsync();
        var commit = new EntityCommit(Guid.NewGuid(), [], [new EntityWrite.Put(Key.Of(Shop, "Account", 2), "{}"u8.ToArray())]);
        var committing = Task.Run(async () => await _store.CommitAsync(Shop, commit, default));
        for (var cut = false; !cut;)
        {
            await using var cutter = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()", holder);
            cut = (long)(await cutter.ExecuteScalarAsync())! > 0;
        }
        await Assert.ThrowsAsync<CommitUnknownException>(() => committing);
        await held.RollbackAsync();
        Assert.False(await _store.FindCommitAsync(Shop, commit.Marker, default));
        Assert.Null((await _store.ReadManyAsync(Shop, [Key.Of(Shop, "Account", 2)], default))[0]);
    }

    [Fact]
    public async Task A_number_of_JSON_has_the_same_key_on_the_server_as_here()
    {
        string[] spelled =
        [
            "0", "-0", "-0.0", "1", "1.0", "1e0", "0.1", "1.7976931348623157e308", "5e-324", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "-9223372036854775809", "1152921504606846976", "1.152921504606847e18", "123456789012345678901234567890", "0.1000000000000000055511151231257827",
        ];
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        foreach (var number in spelled)
        {
            await using var command = new NpgsqlCommand("SELECT actorperf.entity_key($1, '{v}')", connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{{\"v\":{number}}}" });
            var there = (byte[])(await command.ExecuteScalarAsync())!;
            using var document = System.Text.Json.JsonDocument.Parse(number);
            var here = ActorPerf.Storage.Entities.SortValue.Of(document.RootElement);
            Assert.Equal((number, Convert.ToHexString(here.ToBytes())), (number, Convert.ToHexString(there)));
            Assert.Equal(here, ActorPerf.Storage.Entities.SortValue.FromBytes(there));
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
