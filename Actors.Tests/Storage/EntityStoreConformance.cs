using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryEntityStoreTests : EntityStoreConformance
{
    private MemoryStorage? _storage;

    protected override Task<IEntityStore> OpenAsync(TimeProvider time) => Task.FromResult((_storage = new MemoryStorage(time, new Random(1))).Entities);

    protected override Task<VerifyReport> VerifyAsync() => _storage!.VerifyAsync(default);

    protected override ValueTask CloseAsync()
    {
        _storage?.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class SqliteEntityStoreTests : EntityStoreConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;
    private SqliteStorage? _storage;

    protected override Task<IEntityStore> OpenAsync(TimeProvider time) =>
        Task.FromResult((_storage = SqliteStorage.Open($"Data Source={Path.Combine(_folder, "entities.db")}", time, new Random(1), _ => { })).Entities);

    protected override Task<VerifyReport> VerifyAsync() => _storage!.VerifyAsync(default);

    protected override async Task<bool> TryExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "entities.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return true;
    }

    protected override async ValueTask CloseAsync()
    {
        if (_storage is not null)
        {
            // Every case of the suite leaves counters that agree with the rows, and rows that hold JSON.
            Assert.Empty((await _storage.VerifyAsync(default)).Violations);
            _storage.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>What every entity store does. Each store runs all of it.</summary>
public abstract class EntityStoreConformance : IAsyncLifetime
{
    private static readonly Namespace Shop = Namespace.Parse("shop");
    private static readonly Namespace Other = Namespace.Parse("other");

    private readonly ManualTime _time = new();
    private IEntityStore? _store;

    private IEntityStore Store => _store!;

    protected abstract Task<IEntityStore> OpenAsync(TimeProvider time);

    protected abstract ValueTask CloseAsync();

    /// <summary>Checks what is stored.</summary>
    protected virtual Task<VerifyReport> VerifyAsync() => throw new NotSupportedException("No node keeps its jobs here yet, so none checks it.");

    /// <summary>Lets time pass for what is stored.</summary>
    protected virtual Task AgeAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>Runs a statement past the store; false where there is no database.</summary>
    protected virtual Task<bool> TryExecuteAsync(string sql) => Task.FromResult(false);

    public async ValueTask InitializeAsync() => _store = await OpenAsync(_time);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    [Fact]
    public async Task What_was_written_is_read_back_byte_for_byte()
    {
        const string json = "{ \"n\" : 9007199254740993.10, \"s\":\"\\u00fc ü \\\"\", \"list\":[1, 2 ,{}] }";
        var outcome = await PutAsync(At("Account", 1), json);
        var read = await ReadAsync(At("Account", 1));

        Assert.NotNull(read);
        Assert.Equal(json, Text(read));
        Assert.Equal((At("Account", 1), 1L), (read.Key, read.Version));
        Assert.Equal(new WriteOutcome(WriteStatus.Written, 1, read.UpdatedAt) { Created = true }, outcome);
    }

    [Fact]
    public async Task Items_come_in_the_order_of_their_keys_with_nulls_for_what_is_missing_and_repeats_answered()
    {
        await PutAsync(At("Account", 1), "{\"a\":1}");
        await PutAsync(At("Cart", "x"), "{\"a\":2}");
        var guid = Guid.CreateVersion7();
        await PutAsync(At("Cart", guid), "{\"a\":3}");

        var read = await Store.ReadManyAsync(Shop, [At("Cart", guid), At("Account", 9), At("Account", 1), At("Cart", "x"), At("Account", 1)], default);

        Assert.Equal(["{\"a\":3}", null, "{\"a\":1}", "{\"a\":2}", "{\"a\":1}"], read.Select(entity => entity is null ? null : Text(entity)));
    }

    [Fact]
    public async Task A_full_batch_of_reads_and_writes_keeps_its_order()
    {
        var count = Store.Limits.MaxWriteBatch;
        var keys = Enumerable.Range(1, count).Select(n => At("Account", (n * 7919 % 100_003) + 1)).ToArray();
        var outcomes = await Store.WriteManyAsync(Shop, [.. keys.Select((key, i) => new EntityWrite.Put(key, Json($"{{\"i\":{i}}}")))], default);
        Assert.All(outcomes, outcome => Assert.Equal(WriteStatus.Written, outcome.Status));

        var read = await Store.ReadManyAsync(Shop, keys, default);

        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{{\"i\":{i}}}"), read.Select(entity => Text(entity!)));
    }

    [Fact]
    public async Task Another_namespace_sees_nothing()
    {
        await PutAsync(At("Account", 1), "{}");
        var there = Key.Of(Other, "Account", 1);

        Assert.Null((await Store.ReadManyAsync(Other, [there], default))[0]);
        Assert.Empty((await Store.QueryAsync(new EntityQuery(Other, "Account"), default)).Items);
        Assert.Equal(0, await Store.CountAsync(Other, "Account", null, long.MaxValue, default));
        Assert.Empty(await Store.KindsAsync(Other, default));
        await Store.WriteManyAsync(Other, [new EntityWrite.Delete(there)], default);
        Assert.NotNull(await ReadAsync(At("Account", 1)));
    }

    [Fact]
    public async Task A_key_of_another_namespace_or_a_batch_too_large_is_the_callers_fault()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ReadManyAsync(Other, [At("Account", 1)], default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.ReadManyAsync(Shop, [], default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await Store.ReadManyAsync(Shop, [.. Enumerable.Range(1, Store.Limits.MaxReadBatch + 1).Select(n => At("Account", n))], default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await Store.WriteManyAsync(Shop, [new EntityWrite.Delete(At("Account", 1)), new EntityWrite.Delete(At("Account", 1))], default));
    }

    [Fact]
    public async Task Each_write_of_a_batch_stands_on_its_own_terms()
    {
        await PutAsync(At("Account", 1), "{\"v\":1}");
        await PutAsync(At("Account", 2), "{\"v\":1}");

        var outcomes = await Store.WriteManyAsync(
            Shop,
            [
                new EntityWrite.Insert(At("Account", 1), Json("{\"v\":2}")),
                new EntityWrite.Update(At("Account", 9), Json("{\"v\":2}")),
                new EntityWrite.Put(At("Account", 2), Json("{\"v\":2}")) { IfVersion = 7 },
                new EntityWrite.Insert(At("Account", 3), Json("{\"v\":2}")),
                new EntityWrite.Delete(At("Account", 8)),
            ],
            default);

        Assert.Equal(
            [(WriteStatus.Exists, 1L), (WriteStatus.Missing, 0), (WriteStatus.Conflict, 1), (WriteStatus.Written, 1), (WriteStatus.Written, 0)],
            outcomes.Select(outcome => (outcome.Status, outcome.Version)));
        var read = await Store.ReadManyAsync(Shop, [At("Account", 1), At("Account", 2), At("Account", 3), At("Account", 9)], default);
        Assert.Equal(["{\"v\":1}", "{\"v\":1}", "{\"v\":2}", null], read.Select(entity => entity is null ? null : Text(entity)));
    }

    [Fact]
    public async Task A_version_rises_by_one_at_every_write_and_is_what_a_conditional_write_names()
    {
        var key = At("Account", 1);
        Assert.Equal(1, (await WriteAsync(new EntityWrite.Put(key, Json("{}")) { IfVersion = 0 })).Version);
        Assert.Equal(2, (await WriteAsync(new EntityWrite.Put(key, Json("{}")))).Version);
        Assert.Equal(3, (await WriteAsync(new EntityWrite.Update(key, Json("{}")) { IfVersion = 2 })).Version);
        Assert.Equal((WriteStatus.Conflict, 3L), Pair(await WriteAsync(new EntityWrite.Put(key, Json("{}")) { IfVersion = 0 })));
        Assert.Equal((WriteStatus.Conflict, 3L), Pair(await WriteAsync(new EntityWrite.Delete(key) { IfVersion = 2 })));
        Assert.Equal((WriteStatus.Written, 0L), Pair(await WriteAsync(new EntityWrite.Delete(key) { IfVersion = 3 })));
        Assert.Null(await ReadAsync(key));
    }

    [Fact]
    public async Task A_write_says_whether_it_made_the_entity_also_above_the_versions_of_deleted_ones()
    {
        var key = At("Account", 1);
        EntityWrite put = new EntityWrite.Put(key, Json("{}")), delete = new EntityWrite.Delete(key), insert = new EntityWrite.Insert(key, Json("{}")), update = new EntityWrite.Update(key, Json("{}"));
        foreach (var (write, creates) in new[] { (put, true), (put, false), (insert, false), (delete, false), (delete, false), (update, false), (insert, true), (update, false), (delete, false), (put, true) })
            Assert.Equal((write, creates), (write, (await WriteAsync(write)).Created));
        var other = new EntityWrite.Put(At("Account", 2), Json("{}"));
        Assert.Equal([true, false], (await Store.WriteManyAsync(Shop, [other, put], default)).Select(outcome => outcome.Created));
        var commit = await Store.CommitAsync(Shop, new EntityCommit(Guid.NewGuid(), [], [other, new EntityWrite.Put(At("Account", 3), Json("{}"))]), default);
        Assert.Equal([false, true], commit.Outcomes.Select(outcome => outcome.Created));
    }

    [Theory]
    [InlineData(2_500, 3, 3, 1)]
    [InlineData(1, 1, 1, 1, 1, 1, 1, 1)]
    [InlineData(7_000, 7)]
    [InlineData(long.MaxValue, 5, 2)]
    public async Task A_page_ends_with_the_entity_that_brings_it_to_its_bytes_and_the_next_goes_on_behind_it(long bytes, params int[] sizes)
    {
        foreach (var n in Enumerable.Range(1, 7)) await PutAsync(At("Account", n), $$"""{"n":{{n}},"t":"{{new string('x', 986)}}"}""");      // 1,000 bytes
        var limit = bytes == long.MaxValue ? 5 : 100;
        foreach (var query in new[] { new EntityQuery(Shop, "Account"), new EntityQuery(Shop, "Account") { Order = [new EntityOrder("n", Descending: true)], Select = ["n"] } })
        {
            var pages = new List<IReadOnlyList<Entity>>();
            QueryPlace? after = null;
            do
            {
                var page = await Store.QueryAsync(query with { MaxBytes = bytes, Limit = limit, After = after }, default);
                pages.Add(page.Items);
                after = page.Next;
            }
            while (after is not null);
            Assert.Equal(sizes, pages.Select(page => page.Count));
            var ids = pages.SelectMany(page => page).Select(entity => entity.Key.Id.Number!.Value);
            Assert.Equal(query.Order.Count == 0 ? Enumerable.Range(1, 7) : Enumerable.Range(1, 7).Reverse(), ids.Select(id => (int)id));
        }
        Assert.Equal(7, (await Store.QueryAsync(new EntityQuery(Shop, "Account") { KeysOnly = true, MaxBytes = bytes }, default)).Items.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Store.QueryAsync(new EntityQuery(Shop, "Account") { MaxBytes = 0 }, default); });
    }

    [Fact]
    public async Task A_version_never_comes_back_after_a_delete()
    {
        var key = At("Account", 1);
        var seen = new List<long>();
        for (var round = 0; round < 3; round++)
        {
            for (var write = 0; write < 3; write++) seen.Add((await PutAsync(key, "{}")).Version);
            await WriteAsync(new EntityWrite.Delete(key));
        }
        Assert.Equal(seen.Distinct().Order(), seen);
        Assert.True((await WriteAsync(new EntityWrite.Insert(key, Json("{}")))).Version > seen.Max());
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":\"\\u0000\"}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":1e400}")]
    [InlineData("{\"a\":1e-400}")]
    [InlineData("")]
    public async Task What_is_no_sound_object_is_refused_by_itself(string json)
    {
        await Assert.ThrowsAsync<EntityFaultException>(async () => await PutAsync(At("Account", 1), json));
        await Assert.ThrowsAsync<EntityFaultException>(async () =>
            await Store.WriteManyAsync(Shop, [new EntityWrite.Put(At("Account", 1), Json(json)), new EntityWrite.Put(At("Account", 2), Json("{}"))], default));
        Assert.Null(await ReadAsync(At("Account", 2)));
    }

    [Fact]
    public async Task The_largest_filters_are_answered_and_larger_ones_are_faults_of_the_call()
    {
        for (var i = 1; i <= 3; i++) await PutAsync(At("Account", i), $"{{\"v\":{i}}}");
        EntityFilter one = new EntityFilter.Compare("v", EntityOperator.Eq, new EntityValue.Integer(1));
        var values = Enumerable.Range(1, EntityFilter.MaxValues).Select(EntityValue (i) => new EntityValue.Integer(i)).ToList();
        var nested = Enumerable.Range(0, EntityFilter.MaxDepth - 1).Aggregate(one, (inner, _) => new EntityFilter.Not(inner));
        Assert.Equal(2, await CountAsync(new EntityFilter.And([.. Enumerable.Repeat(nested, EntityFilter.MaxConditions)])));
        Assert.Equal(3, await CountAsync(new EntityFilter.Or([.. Enumerable.Repeat(new EntityFilter.In("v", values), EntityFilter.MaxConditions)])));
        Assert.Equal(1, (await Store.QueryAsync(new EntityQuery(Shop, "Account") { Filter = new EntityFilter.And([.. Enumerable.Repeat(one, EntityFilter.MaxConditions)]) }, default)).Items.Count);

        await RefusedAsync(new EntityFilter.Not(new EntityFilter.Not(nested)));
        await RefusedAsync(new EntityFilter.And([.. Enumerable.Repeat(one, EntityFilter.MaxConditions + 1)]));
        await RefusedAsync(new EntityFilter.And([.. Enumerable.Repeat(new EntityFilter.Or([]), EntityFilter.MaxConditions + 1)]));
        await RefusedAsync(new EntityFilter.In("v", [.. values, values[0]]));

        async Task<long> CountAsync(EntityFilter filter) => await Store.CountAsync(Shop, "Account", filter, long.MaxValue, default);
        async Task RefusedAsync(EntityFilter filter) => await Assert.ThrowsAsync<ArgumentException>(async () => await CountAsync(filter));
    }

    [Fact]
    public async Task A_large_entity_comes_back_whole_and_a_larger_one_is_refused()
    {
        var large = $"{{\"s\":\"{new string('x', (1024 * 1024) - 8)}\"}}";
        await PutAsync(At("Account", 1), large);
        Assert.Equal(large, Text((await ReadAsync(At("Account", 1)))!));
        await Assert.ThrowsAsync<EntityFaultException>(async () => await PutAsync(At("Account", 2), $"{{\"s\":\"{new string('x', 1024 * 1024)}\"}}"));
    }

    [Fact]
    public async Task A_commit_writes_all_and_is_found_by_its_marker()
    {
        await PutAsync(At("Account", 1), "{\"v\":1}");
        var commit = new EntityCommit(
            Guid.NewGuid(),
            [new EntityRead(At("Account", 1), 1), new EntityRead(At("Account", 5), 0)],
            [new EntityWrite.Put(At("Account", 1), Json("{\"v\":2}")), new EntityWrite.Insert(At("Cart", 1), Json("{}")), new EntityWrite.Delete(At("Cart", 2))]);

        Assert.False(await Store.FindCommitAsync(Shop, commit.Marker, default));
        var outcome = await Store.CommitAsync(Shop, commit, default);

        Assert.True(outcome.Committed);
        Assert.Equal([(WriteStatus.Written, 2L), (WriteStatus.Written, 1), (WriteStatus.Written, 0)], outcome.Outcomes.Select(Pair));
        Assert.True(await Store.FindCommitAsync(Shop, commit.Marker, default));
        Assert.False(await Store.FindCommitAsync(Other, commit.Marker, default));
        Assert.Equal("{\"v\":2}", Text((await ReadAsync(At("Account", 1)))!));
    }

    [Fact]
    public async Task A_commit_in_whose_way_something_stands_changes_nothing_and_names_it()
    {
        await PutAsync(At("Account", 1), "{\"v\":1}");
        await PutAsync(At("Account", 1), "{\"v\":2}");
        await PutAsync(At("Account", 3), "{\"v\":1}");
        var commit = new EntityCommit(
            Guid.NewGuid(),
            [new EntityRead(At("Account", 1), 1), new EntityRead(At("Account", 3), 0)],
            [new EntityWrite.Put(At("Account", 2), Json("{}")), new EntityWrite.Insert(At("Account", 3), Json("{}"))]);

        var outcome = await Store.CommitAsync(Shop, commit, default);

        Assert.False(outcome.Committed);
        Assert.Equal([At("Account", 1), At("Account", 3)], outcome.Conflicts);
        Assert.Equal([(WriteStatus.Conflict, 0L), (WriteStatus.Exists, 1)], outcome.Outcomes.Select(Pair));
        Assert.Null(await ReadAsync(At("Account", 2)));
        Assert.False(await Store.FindCommitAsync(Shop, commit.Marker, default));
    }

    [Fact]
    public async Task A_marker_is_kept_for_a_day()
    {
        var commit = new EntityCommit(Guid.NewGuid(), [], [new EntityWrite.Put(At("Account", 1), Json("{}"))]);
        await Store.CommitAsync(Shop, commit, default);
        await AgeAsync(TimeSpan.FromHours(23));
        Assert.True(await Store.FindCommitAsync(Shop, commit.Marker, default));
        await AgeAsync(TimeSpan.FromHours(2));
        await Store.CommitAsync(Shop, commit with { Marker = Guid.NewGuid() }, default);
        Assert.False(await Store.FindCommitAsync(Shop, commit.Marker, default));
    }

    [Fact]
    public async Task Numbers_are_set_aside_once_each()
    {
        var blocks = await Task.WhenAll(Enumerable.Range(0, 20).Select(async n => (First: await Store.AllocateAsync(Shop, "Account", (n % 3) + 1, default), Count: (n % 3) + 1)));
        var numbers = blocks.SelectMany(block => Enumerable.Range(0, block.Count).Select(i => block.First + i)).ToArray();
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.True(number > 0));
        Assert.Equal(1, await Store.AllocateAsync(Other, "Account", 1, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.AllocateAsync(Shop, "Account", 0, default));
    }

    [Fact]
    public async Task Kinds_are_counted_as_they_change()
    {
        await PutAsync(At("Cart", 1), "{\"a\":1}");
        await PutAsync(At("Account", 1), "{}");
        await PutAsync(At("Account", 2), "{\"ü\":1}");
        await PutAsync(At("Account", 2), "{\"ü\":12}");
        await WriteAsync(new EntityWrite.Delete(At("Account", 1)));
        await PutAsync(At("Gone", 1), "{}");
        await WriteAsync(new EntityWrite.Delete(At("Gone", 1)));

        Assert.Equal([new KindSize("Account", 1, 9), new KindSize("Cart", 1, 7)], await Store.KindsAsync(Shop, default));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        for (var i = 1; i <= 25; i++) await PutAsync(At("Account", i), $"{{\"group\":{i % 3},\"n\":{i}}}");
        var query = new EntityQuery(Shop, "Account") { Order = [new EntityOrder("group", Descending: true), new EntityOrder("n")], Limit = 7 };

        var seen = new List<string>();
        var pages = 0;
        for (EntityPage? page = null; page is null || page.Next is not null; pages++)
        {
            page = await Store.QueryAsync(query with { After = page?.Next }, default);
            seen.AddRange(page.Items.Select(Text));
        }

        Assert.Equal(4, pages);
        Assert.Equal(Enumerable.Range(1, 25).OrderByDescending(i => i % 3).ThenBy(i => i).Select(i => $"{{\"group\":{i % 3},\"n\":{i}}}"), seen);
    }

    [Fact]
    public async Task Without_an_order_keys_come_in_theirs_numbers_before_uuids_before_texts()
    {
        var guid = Guid.CreateVersion7();
        foreach (EntityId id in new EntityId[] { "b", 300, guid, 20, "ä", "a" }) await PutAsync(Key.Of(Shop, "Account", id), "{}");

        var page = await Store.QueryAsync(new EntityQuery(Shop, "Account"), default);

        Assert.Equal([20, 300, guid, "a", "b", "ä"], page.Items.Select(entity => entity.Key.Id));
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task Values_are_ordered_by_sort_then_by_value()
    {
        string[] ordered =
        [
            "{}", "{\"v\":null}", "{\"v\":false}", "{\"v\":true}", "{\"v\":-1.5}", "{\"v\":0}", "{\"v\":0.1}", "{\"v\":1}", "{\"v\":9007199254740992}", "{\"v\":9007199254740993}",
            "{\"v\":9223372036854775807}", "{\"v\":9223372036854775808}", "{\"v\":1e300}", "{\"v\":\"\"}", "{\"v\":\"1\"}", "{\"v\":\"Z\"}", "{\"v\":\"a\"}", "{\"v\":\"\\uffee\"}", "{\"v\":\"\\ud83d\\ude00\"}", "{\"v\":{}}",
        ];
        for (var i = 0; i < ordered.Length; i++) await PutAsync(At("Mixed", (i * 7 % ordered.Length) + 1), ordered[i]);

        foreach (var keysOnly in new[] { false, true })
        {
            var query = new EntityQuery(Shop, "Mixed") { Order = [new EntityOrder("v")], Limit = 3, KeysOnly = keysOnly };
            Assert.Equal(ordered.Select((_, i) => At("Mixed", (i * 7 % ordered.Length) + 1)), (await AllAsync(query)).Select(entity => entity.Key));
            Assert.Equal(ordered.Select((_, i) => At("Mixed", (i * 7 % ordered.Length) + 1)).Reverse(), (await AllAsync(query with { Order = [new EntityOrder("v", true)] })).Select(entity => entity.Key));
        }
    }

    [Fact]
    public async Task A_comparison_is_met_by_values_of_its_own_sort_alone()
    {
        string[] values = ["null", "false", "true", "0", "1", "1.0", "1e0", "\"1\"", "\"true\"", "\"null\"", "\"\"", "[1]", "{\"a\":1}", "9007199254740993"];
        for (var i = 0; i < values.Length; i++) await PutAsync(At("Mixed", i + 1), $"{{\"v\":{values[i]}}}");
        await PutAsync(At("Mixed", values.Length + 1), "{}");

        await MeetsAsync(Is(EntityOperator.Eq, new EntityValue.Integer(1)), "1", "1.0", "1e0");
        await MeetsAsync(Is(EntityOperator.Eq, new EntityValue.Number(1)), "1", "1.0", "1e0");
        await MeetsAsync(Is(EntityOperator.Ne, new EntityValue.Integer(1)), "0", "9007199254740993");
        await MeetsAsync(Is(EntityOperator.Eq, new EntityValue.Integer(9007199254740992)));
        await MeetsAsync(Is(EntityOperator.Gt, new EntityValue.Number(9007199254740992)), "9007199254740993");
        await MeetsAsync(Is(EntityOperator.Eq, new EntityValue.Text("1")), "\"1\"");
        await MeetsAsync(Is(EntityOperator.Eq, new EntityValue.Text("")), "\"\"");
        await MeetsAsync(Is(EntityOperator.Ge, new EntityValue.Text("n")), "\"true\"", "\"null\"");
        await MeetsAsync(Is(EntityOperator.Eq, new EntityValue.Null()), "null");
        await MeetsAsync(Is(EntityOperator.Ne, new EntityValue.Null()));
        await MeetsAsync(Is(EntityOperator.Lt, new EntityValue.Boolean(true)), "false");
        await MeetsAsync(Is(EntityOperator.Ne, new EntityValue.Boolean(false)), "true");
        await MeetsAsync(new EntityFilter.In("v", [new EntityValue.Integer(0), new EntityValue.Text("true"), new EntityValue.Boolean(true), new EntityValue.Null()]), "null", "true", "0", "\"true\"");
        await MeetsAsync(new EntityFilter.StartsWith("v", "t"), "\"true\"");
        await MeetsAsync(new EntityFilter.StartsWith("v", ""), "\"1\"", "\"true\"", "\"null\"", "\"\"");
        await MeetsAsync(new EntityFilter.Exists("v"), values);
        await MeetsAsync(new EntityFilter.Not(new EntityFilter.Exists("v", false)), values);
        await MeetsAsync(new EntityFilter.Exists("v.a"), "{\"a\":1}");
        await MeetsAsync(new EntityFilter.Compare("v.0", EntityOperator.Eq, new EntityValue.Integer(1)), "[1]");
        await MeetsAsync(new EntityFilter.Or([new EntityFilter.Exists("v.a"), new EntityFilter.And([Is(EntityOperator.Gt, new EntityValue.Integer(0)), Is(EntityOperator.Lt, new EntityValue.Integer(2))])]), "1", "1.0", "1e0", "{\"a\":1}");

        async Task MeetsAsync(EntityFilter filter, params string[] expected)
        {
            var found = await Store.QueryAsync(new EntityQuery(Shop, "Mixed") { Filter = filter }, default);
            Assert.Equal(expected.Select(value => $"{{\"v\":{value}}}"), found.Items.Select(Text));
            Assert.Equal(expected.Length, await Store.CountAsync(Shop, "Mixed", filter, long.MaxValue, default));
        }

        static EntityFilter Is(EntityOperator op, EntityValue value) => new EntityFilter.Compare("v", op, value);
    }

    [Fact]
    public async Task Counting_stops_where_it_is_told()
    {
        for (var i = 1; i <= 9; i++) await PutAsync(At("Account", i), "{}");
        Assert.Equal(9, await Store.CountAsync(Shop, "Account", null, long.MaxValue, default));
        Assert.Equal(4, await Store.CountAsync(Shop, "Account", null, 4, default));
    }

    [Fact]
    public async Task Only_what_was_selected_comes_and_it_comes_as_it_is_written()
    {
        await PutAsync(At("Account", 1), "{\"a\": 1.50, \"b\":{ \"x\":1 }, \"c\":\"\\u0041\"}");
        var page = await Store.QueryAsync(new EntityQuery(Shop, "Account") { Select = ["c", "a", "z"] }, default);
        Assert.Equal("{\"a\":1.50,\"c\":\"\\u0041\"}", Text(page.Items[0]));
        var keys = await Store.QueryAsync(new EntityQuery(Shop, "Account") { KeysOnly = true }, default);
        Assert.True(keys.Items[0].Data.IsEmpty);
        Assert.Equal((At("Account", 1), 1L), (keys.Items[0].Key, keys.Items[0].Version));
    }

    [Theory]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("1234567890")]
    [InlineData("a.b.c.d.e.f.g.h.i")]
    public async Task A_path_that_breaks_the_rule_is_refused(string path)
    {
        Assert.Throws<ArgumentException>(() => { _ = Store.QueryAsync(new EntityQuery(Shop, "Account") { Order = [new EntityOrder(path)] }, default); });
        Assert.Throws<ArgumentException>(() => { _ = Store.CountAsync(Shop, "Account", new EntityFilter.Exists(path), 1, default); });
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.EnsureIndexesAsync("Account", [path], default));
    }

    [Fact]
    public async Task A_declared_index_serves_its_query_and_the_page_says_so()
    {
        await Store.EnsureIndexesAsync("Account", ["email", "city,-createdAt"], default);
        await Store.EnsureIndexesAsync("Account", ["email", "city,-createdAt"], default);
        for (var i = 1; i <= 40; i++) await PutAsync(At("Account", i), $"{{\"email\":\"e{i}\",\"city\":\"c{i % 4}\",\"createdAt\":{i / 8}}}");
        var byEmail = new EntityQuery(Shop, "Account") { Filter = new EntityFilter.Compare("email", EntityOperator.Eq, new EntityValue.Text("e7")) };
        var byCity = new EntityQuery(Shop, "Account")
        {
            Filter = new EntityFilter.Compare("city", EntityOperator.Eq, new EntityValue.Text("c1")), Order = [new EntityOrder("createdAt", Descending: true)], Limit = 3,
        };

        Assert.True((await Store.QueryAsync(byEmail, default)).Indexed);
        Assert.True((await Store.QueryAsync(byCity, default)).Indexed);
        Assert.Equal(10, (await AllAsync(byCity)).Count);
        Assert.Equal([7L], (await AllAsync(byEmail)).Select(entity => entity.Key.Id.Number!.Value));
    }

    [Fact]
    public async Task Only_indexes_that_are_declared_no_more_are_dropped()
    {
        await Store.EnsureIndexesAsync("Account", ["email", "city,-createdAt"], default);
        await Store.EnsureIndexesAsync("Person", ["email"], default);
        await PutAsync(At("Account", 1), """{"email":"e1","city":"c1"}""");
        Assert.Equal("true true true", await IndexedAsync());
        if (!await TryExecuteAsync("CREATE INDEX entity_by_version ON entity (version)")) return;       // nothing to drop in memory

        var dropped = await Store.DropOtherIndexesAsync([new("Account", "email"), new("Person", " email")], default);
        Assert.Single(dropped);
        Assert.Equal("true false true", await IndexedAsync());
        Assert.Empty(await Store.DropOtherIndexesAsync([new("Account", "email"), new("Person", "email")], default));
        Assert.Equal(2, (await Store.DropOtherIndexesAsync([], default)).Count);
        Assert.Equal("false false false", await IndexedAsync());
        Assert.Equal([1L], (await AllAsync(ByEmail("Account", "e1"))).Select(entity => entity.Key.Id.Number!.Value));
        await TryExecuteAsync("DROP INDEX entity_by_version");                                          // it is still there
        // And made again.
        await Store.EnsureIndexesAsync("Account", ["city,-createdAt"], default);
        Assert.Equal("false true false", await IndexedAsync());

        async Task<string> IndexedAsync()
        {
            var byCity = new EntityFilter.Compare("city", EntityOperator.Eq, new EntityValue.Text("c1"));
            var pages = new List<EntityPage>
            {
                await Store.QueryAsync(ByEmail("Account", "e1"), default),
                await Store.QueryAsync(new EntityQuery(Shop, "Account") { Filter = byCity, Order = [new EntityOrder("createdAt", Descending: true)] }, default),
                await Store.QueryAsync(ByEmail("Person", "e1"), default),
            };
            return string.Join(' ', pages.Select(page => page.Indexed ? "true" : "false"));
        }
    }

    [Fact]
    public async Task Checking_what_is_stored_counts_the_entities()
    {
        if (Store.Limits.Provider == "postgresql") return;
        for (var i = 1; i <= 3; i++) await PutAsync(At("Account", i), "{}");
        await Store.WriteManyAsync(Other, [new EntityWrite.Put(Key.Of(Other, "Account", 1), Json("{}"))], default);
        var report = await VerifyAsync();
        Assert.Equal((0, 4, 4), (report.Jobs, report.Entities, report.Checked));
    }

    private static EntityQuery ByEmail(string kind, string email) =>
        new(Shop, kind) { Filter = new EntityFilter.Compare("email", EntityOperator.Eq, new EntityValue.Text(email)) };

    private async Task<List<Entity>> AllAsync(EntityQuery query)
    {
        var all = new List<Entity>();
        for (EntityPage? page = null; page is null || page.Next is not null;)
        {
            page = await Store.QueryAsync(query with { After = page?.Next }, default);
            all.AddRange(page.Items);
        }
        return all;
    }

    private static Key At(string kind, EntityId id) => Key.Of(Shop, kind, id);

    private static byte[] Json(string json) => Encoding.UTF8.GetBytes(json);

    private static string Text(Entity entity) => Encoding.UTF8.GetString(entity.Data.Span);

    private static (WriteStatus, long) Pair(WriteOutcome outcome) => (outcome.Status, outcome.Version);

    private Task<WriteOutcome> PutAsync(Key key, string json) => WriteAsync(new EntityWrite.Put(key, Json(json)));

    private async Task<WriteOutcome> WriteAsync(EntityWrite write) => (await Store.WriteManyAsync(Shop, [write], default))[0];

    private async Task<Entity?> ReadAsync(Key key) => (await Store.ReadManyAsync(Shop, [key], default))[0];
}
