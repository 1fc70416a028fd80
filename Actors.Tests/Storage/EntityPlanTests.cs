using System.Text;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.Tests.Storage.PostgreSql;
using Npgsql;

namespace ActorPerf.Tests.Storage;

/// <summary>What a declared index is for: every page of its queries, the first and the later ones, seeks in it, scans nothing and sorts nothing.</summary>
public sealed class EntityPlanTests : IDisposable
{
    private static readonly Namespace Shop = Namespace.Parse("shop");
    private static readonly string[] Indexes = ["email", "city,-createdAt", "-createdAt"];

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;

    public static TheoryData<string> Queries => [.. Known.Keys];

    private static readonly Dictionary<string, (EntityQuery Query, QueryPlace Place)> Known = new()
    {
        ["by key"] = (All, Place()),
        ["equal"] = (All with { Filter = Is("email", EntityOperator.Eq) }, Place()),
        ["range"] = (All with { Filter = Is("email", EntityOperator.Gt), Order = [new EntityOrder("email")] }, Place(new EntityValue.Text("x"))),
        ["prefix"] = (All with { Filter = new EntityFilter.StartsWith("email", "a"), Order = [new EntityOrder("email")] }, Place(new EntityValue.Text("ab"))),
        ["order alone"] = (All with { Order = [new EntityOrder("createdAt", true)] }, Place(new EntityValue.Integer(5))),
        ["order over what is missing"] = (All with { Order = [new EntityOrder("createdAt", true)] }, Place((EntityValue?)null)),
        ["equal, then order"] = (All with { Filter = Is("city", EntityOperator.Eq), Order = [new EntityOrder("createdAt", true)] }, Place(new EntityValue.Integer(5))),
        ["two orders"] = (All with { Order = [new EntityOrder("city"), new EntityOrder("createdAt", true)] }, Place(new EntityValue.Text("x"), new EntityValue.Integer(5))),
        ["keys only"] = (All with { Order = [new EntityOrder("createdAt", true)], KeysOnly = true }, Place(new EntityValue.Integer(5))),
    };

    private static EntityQuery All => new(Shop, "Account");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task SQLite_seeks(string name)
    {
        var file = Path.Combine(_folder, "entities.db");
        using var storage = SqliteStorage.Open($"Data Source={file}", TimeProvider.System, new Random(1), _ => { });
        await storage.Entities.EnsureIndexesAsync("Account", Indexes, default);
        using var handle = SqliteHandle.Open(file, readOnly: true);
        var (query, place) = Known[name];

        foreach (var page in new[] { query, query with { After = place } })
        {
            var lines = SqliteEntityPlans.Explain(handle, EntityStatements.Page(SqliteDialect.Instance, QueryPlan.Of(page), 10));
            Assert.Contains(lines, line => line.StartsWith("SEARCH entity USING", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.StartsWith("SCAN entity", StringComparison.Ordinal) || line.Contains("TEMP B-TREE", StringComparison.Ordinal));
            if (name != "by key") Assert.DoesNotContain(lines, line => line.Contains("PRIMARY KEY", StringComparison.Ordinal));
        }
        Assert.True((await storage.Entities.QueryAsync(query, default)).Indexed);
    }

    [Fact]
    public async Task A_query_without_an_index_says_so()
    {
        using var storage = SqliteStorage.Open($"Data Source={Path.Combine(_folder, "entities.db")}", TimeProvider.System, new Random(1), _ => { });
        await storage.Entities.EnsureIndexesAsync("Account", Indexes, default);
        Assert.False((await storage.Entities.QueryAsync(All with { Filter = Is("name", EntityOperator.Eq) }, default)).Indexed);
        Assert.False((await storage.Entities.QueryAsync(All with { Order = [new EntityOrder("name")] }, default)).Indexed);
        Assert.False((await storage.Entities.QueryAsync(All with { Filter = new EntityFilter.And([Is("email", EntityOperator.Eq), Is("name", EntityOperator.Eq)]) }, default)).Indexed);
        Assert.False((await storage.Entities.QueryAsync(All with { Filter = Is("email", EntityOperator.Eq), Order = [new EntityOrder("createdAt", true)] }, default)).Indexed);
        Assert.False((await storage.Entities.QueryAsync(new EntityQuery(Shop, "Other") { Filter = Is("email", EntityOperator.Eq) }, default)).Indexed);
    }

    [Fact]
    public async Task A_scan_ends_when_its_caller_leaves()
    {
        using var storage = SqliteStorage.Open($"Data Source={Path.Combine(_folder, "entities.db")}", TimeProvider.System, new Random(1), _ => { });
        for (var first = 1; first <= 5000; first += 500)
            await storage.Entities.WriteManyAsync(Shop, [.. Enumerable.Range(first, 500).Select(i => new EntityWrite.Put(Key.Of(Shop, "Account", i), Encoding.UTF8.GetBytes($"{{\"n\":{i}}}")))], default);
        var long199 = new EntityFilter.Or([.. Enumerable.Range(0, 199).Select(i => new EntityFilter.Compare($"n.a{i}", EntityOperator.Eq, new EntityValue.Integer(i)))]);
        using var source = new CancellationTokenSource();

        var counting = storage.Entities.CountAsync(Shop, "Account", long199, long.MaxValue, source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await counting);
        Assert.Equal(5000, await storage.Entities.CountAsync(Shop, "Account", null, long.MaxValue, default));
    }

    [Fact]
    public async Task PostgreSQL_seeks_in_a_kind_of_some_size()
    {
        var connectionString = await PostgresServer.NewDatabaseAsync();
        await using var database = await PostgresDatabase.OpenAsync(connectionString, default);
        var store = new PostgresEntityStore(database);
        await store.EnsureIndexesAsync("Account", Indexes, default);
        for (var first = 1; first <= 3000; first += 500)
        {
            await store.WriteManyAsync(
                Shop,
                [.. Enumerable.Range(first, 500).Select(i => new EntityWrite.Put(Key.Of(Shop, "Account", i), Encoding.UTF8.GetBytes($"{{\"email\":\"e{i}\",\"city\":\"c{i % 50}\",\"createdAt\":{i}}}")))],
                default);
        }
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync();
            await using var analyze = new NpgsqlCommand("ANALYZE actorperf.entity", connection);
            await analyze.ExecuteNonQueryAsync();
        }
        await using var source = NpgsqlDataSource.Create(connectionString);
        foreach (var (name, (query, place)) in Known)
        {
            Assert.True((await store.QueryAsync(query, default)).Indexed, name);
            var lines = await PostgresEntityPlans.ExplainAsync(source, EntityStatements.Page(PostgresDialect.Instance, QueryPlan.Of(query with { After = place }), 10), default);
            Assert.DoesNotContain(lines, line => line.Contains("Sort", StringComparison.Ordinal) || line.Contains("Seq Scan", StringComparison.Ordinal) || line.StartsWith("Filter", StringComparison.Ordinal));
        }
        Assert.False((await store.QueryAsync(All with { Filter = Is("name", EntityOperator.Eq) }, default)).Indexed);
        Assert.False((await store.QueryAsync(All with { Order = [new EntityOrder("name")] }, default)).Indexed);
    }

    private static EntityFilter.Compare Is(string path, EntityOperator op) => new(path, op, new EntityValue.Text("x"));

    private static QueryPlace Place(params EntityValue?[] values) => new(values, 7);
}
