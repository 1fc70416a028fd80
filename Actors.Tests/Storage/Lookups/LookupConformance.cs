using System.Data.Common;
using System.Text;
using ActorPerf.Data;
using ActorPerf.Storage;
using ActorPerf.Storage.Lookups;
using ActorPerf.TestKit;
using ActorPerf.Tests.Storage.PostgreSql;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ActorPerf.Tests.Storage.Lookups;

public sealed class SqliteLookupTests : LookupConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;

    protected override string Provider => "sqlite";

    // Counts without end: a query that only its time-out or its reader ends.
    protected override string Endless => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

    protected override string Slow => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n";

    protected override string SlowView => "SELECT id, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n) AS c FROM product";

    protected override Task<string> CreateAsync() => Task.FromResult($"Data Source={Path.Combine(_folder, "own.db")}");

    protected override DbConnection Connect(string connectionString) => new SqliteConnection(connectionString + ";Pooling=False");

    protected override ValueTask CloseAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("json")]
    [InlineData("JSON")]
    [InlineData("jsonb")]
    [InlineData("Json(100)")]
    public async Task What_a_column_declared_json_holds_comes_raw_only_where_it_is_json(string declared)
    {
        (string Sql, string Json)[] cells =
        [
            ("'{\"a\": [1.50, 1e999]}'", "{\"a\": [1.50, 1e999]}"), ("'[]'", "[]"), ("' null '", " null "), ("'\"\\ud800\"'", "\"\\ud800\""), ("'x'", "\"x\""), ("'1,\"price\":0'", "\"1,\\u0022price\\u0022:0\""), ("''", "\"\""),
            ("'[1] [2]'", "\"[1] [2]\""), ("'{\"a\":1,}'", "\"{\\u0022a\\u0022:1,}\""), ("'/* */ 1'", "\"/* */ 1\""), ("12", "12"), ("1.5", "1.5"), ("9e999", "null"), ("NULL", "null"), ("x'7b7d'", "\"e30=\""),
            ("jsonb('{\"a\":1}')", "\"TBdhEzE=\""),
        ];
        await ExecuteAsync($"CREATE TABLE paper (id INTEGER PRIMARY KEY, body {declared}, price INTEGER)");
        for (var i = 0; i < cells.Length; i++) await ExecuteAsync($"INSERT INTO paper VALUES ({i + 1}, {cells[i].Sql}, 7)");
        await using var source = await OpenAsync("paper", "id", ["body", "price"]);
        var rows = await ReadAsync(source, [.. Enumerable.Range(1, cells.Length).Select(id => (EntityId)id)]);
        Assert.Equal(cells.Select(cell => $"{{\"body\":{cell.Json},\"price\":7}}"), rows);
        await using var query = Query("SELECT body, price FROM paper ORDER BY id");
        Assert.Equal(rows, await RowsAsync(query));
    }

    [Fact]
    public async Task A_text_that_nests_too_deeply_to_be_read_stays_a_text()
    {
        await ExecuteAsync("CREATE TABLE paper (id INTEGER PRIMARY KEY, body json)");
        await ExecuteAsync($"INSERT INTO paper VALUES (1, '{new string('[', 60)}{new string(']', 60)}'), (2, '{new string('[', 600)}{new string(']', 600)}')");
        await using var source = await OpenAsync("paper", "id", ["body"]);
        var rows = await ReadAsync(source, 1, 2);
        Assert.StartsWith("{\"body\":[[", rows[0], StringComparison.Ordinal);
        Assert.StartsWith("{\"body\":\"[[", rows[1], StringComparison.Ordinal);
    }
}

public sealed class PostgresLookupTests : LookupConformance
{
    protected override string Provider => "postgresql";

    protected override string Endless => "SELECT generate_series(1, 2000000000) AS i";

    protected override string Slow => "SELECT pg_sleep(60)";

    protected override string SlowView => "SELECT id, pg_sleep(300)::text AS c FROM product";

    protected override Task<string> CreateAsync() => PostgresServer.NewDatabaseAsync();

    protected override DbConnection Connect(string connectionString) => new NpgsqlConnection(connectionString);

    [Fact]
    public async Task A_key_of_type_uuid_is_found_by_uuids_and_a_json_column_comes_as_it_is()
    {
        await ExecuteAsync("CREATE TABLE thing (id uuid PRIMARY KEY, body jsonb)");
        var id = Guid.CreateVersion7();
        await ExecuteAsync($"INSERT INTO thing VALUES ('{id}', '{{\"a\": [1]}}')");
        await using var source = await OpenAsync("thing", "id", ["body"]);
        Assert.Equal(["{\"body\":{\"a\": [1]}}", null], await ReadAsync(source, id, "text"));
        var loud = id.ToString().ToUpperInvariant();
        Assert.Equal("{\"body\":{\"a\": [1]}}", Assert.Single(await ReadAsync(source, loud)));
        await ExecuteAsync($"INSERT INTO thing VALUES ('{Guid.Empty}', '[]')");
        Assert.Equal(["{\"body\":[]}", "{\"body\":{\"a\": [1]}}", null], await ReadAsync(source, Guid.Empty.ToString(), loud, loud.Replace("-", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_server_itself_refuses_to_write_for_a_named_query()
    {
        await using var query = Query("INSERT INTO product VALUES (99, 'x', 1) RETURNING id");
        await Assert.ThrowsAsync<PostgresException>(async () => await RowsAsync(query));
    }
}

/// <summary>On the server that <c>ACTORPERF_TEST_SQLSERVER</c> names, in a database that may be written to.</summary>
/// <remarks>Its tests are there only where the variable was set when they were built (see the project file): a server is nothing that a check can
/// install, and a skip that nobody can help would hide those that somebody can.</remarks>
public abstract class SqlServerLookups : LookupConformance
{
    private const string Variable = "ACTORPERF_TEST_SQLSERVER";

    protected override string Provider => "sqlserver";

    protected override string Endless => "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n OPTION (MAXRECURSION 0)";

    protected override string Slow => "WAITFOR DELAY '00:01:00'; SELECT 1 AS c";

    protected override string SlowView => "SELECT a.id, (SELECT count_big(*) FROM sys.all_columns b CROSS JOIN sys.all_columns c CROSS JOIN sys.all_columns d) AS c FROM product a";

    protected override async Task<string> CreateAsync()
    {
        var named = Environment.GetEnvironmentVariable(Variable)
            ?? throw new InvalidOperationException($"Set {Variable} to the connection string of a SQL Server database that may be written to.");
        await using var connection = Connect(named);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "DROP TABLE IF EXISTS product; DROP TABLE IF EXISTS country";
        await command.ExecuteNonQueryAsync();
        return named;
    }

    protected override DbConnection Connect(string connectionString) => new SqlConnection(connectionString);
}

/// <summary>What every provider of lookups and named queries does.</summary>
public abstract class LookupConformance : IAsyncLifetime
{
    private string _connectionString = "";

    protected abstract string Provider { get; }

    protected abstract string Endless { get; }

    protected abstract string Slow { get; }

    /// <summary>A view's text, with a key <c>id</c> of an integer, that is slow to read.</summary>
    protected abstract string SlowView { get; }

    protected abstract Task<string> CreateAsync();

    protected abstract DbConnection Connect(string connectionString);

    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _connectionString = await CreateAsync();
        await ExecuteAsync("CREATE TABLE product (id int PRIMARY KEY, name varchar(50), price decimal(10, 2))");
        for (var i = 1; i <= 30; i++) await ExecuteAsync($"INSERT INTO product VALUES ({i}, {(i % 5 == 0 ? "NULL" : $"'n{i}'")}, {i}.5)");
        await ExecuteAsync("CREATE TABLE country (code varchar(10) PRIMARY KEY, name varchar(50))");
        await ExecuteAsync("INSERT INTO country VALUES ('ch', 'Switzerland'), ('li', 'Liechtenstein'), ('7', 'seven')");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    [Fact]
    public async Task Rows_come_in_the_order_of_their_keys_with_nulls_for_what_is_missing()
    {
        await using var source = await OpenAsync("product", "id", ["name", "id"]);
        Assert.Equal(["{\"name\":\"n7\",\"id\":7}"], await ReadAsync(source, 7));
        Assert.Equal([null], await ReadAsync(source, 700));
        Assert.Equal(
            ["{\"name\":\"n3\",\"id\":3}", null, "{\"name\":null,\"id\":5}", "{\"name\":\"n1\",\"id\":1}", null, "{\"name\":\"n3\",\"id\":3}"],
            await ReadAsync(source, 3, 1_000_000_000_000, 5, 1, "text", 3));
    }

    [Fact]
    public async Task Where_a_key_has_several_rows_one_of_them_is_its_answer_and_its_neighbours_have_theirs()
    {
        await ExecuteAsync("DROP TABLE IF EXISTS shelf");
        await ExecuteAsync("CREATE TABLE shelf (product int, place varchar(10))");
        await ExecuteAsync("INSERT INTO shelf VALUES (3, 'c'), (1, 'a'), (2, 'b'), (1, 'a'), (2, 'b'), (1, 'a')");
        await using var source = await OpenAsync("shelf", "product", ["place"]);
        Assert.Equal(["{\"place\":\"b\"}", null, "{\"place\":\"a\"}", "{\"place\":\"c\"}", "{\"place\":\"a\"}"], await ReadAsync(source, 2, 4, 1, 3, 1));
        Assert.Equal(["{\"place\":\"a\"}"], await ReadAsync(source, 1));
    }

    [Fact]
    public async Task Without_configured_columns_all_are_served()
    {
        await using var source = await OpenAsync("product", "id", []);
        var row = Assert.Single(await ReadAsync(source, 2));
        Assert.StartsWith("{\"id\":2,\"name\":\"n2\",\"price\":2.5", row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_a_text_is_found_by_texts_and_by_numbers_as_they_are_written()
    {
        await using var source = await OpenAsync("country", "code", ["name"]);
        Assert.Equal(["{\"name\":\"Liechtenstein\"}", "{\"name\":\"seven\"}", null], await ReadAsync(source, "li", 7, "ch' OR '1'='1"));
    }

    [Fact]
    public async Task A_key_that_is_an_integer_is_found_from_its_least_to_its_largest_as_it_is_written_and_in_no_other_way()
    {
        await ExecuteAsync("DROP TABLE IF EXISTS ledger");
        await ExecuteAsync("CREATE TABLE ledger (id bigint PRIMARY KEY)");
        foreach (var id in new[] { long.MinValue, -5, 0, 7, long.MaxValue }) await ExecuteAsync($"INSERT INTO ledger VALUES ({id})");
        await using var source = await OpenAsync("ledger", "id", []);
        foreach (var id in new[] { "-9223372036854775808", "-5", "0", "7", "9223372036854775807" }) Assert.Equal($"{{\"id\":{id}}}", Assert.Single(await ReadAsync(source, id)));
        Assert.Equal(["{\"id\":0}", null, null, "{\"id\":-5}", null, null, null, null], await ReadAsync(source, "0", "-0", "00", "-5", "-05", " 0", "0.0", "9223372036854775808"));
    }

    [Fact]
    public async Task A_read_ends_with_its_callers()
    {
        await ExecuteAsync("DROP VIEW IF EXISTS slow");
        await ExecuteAsync($"CREATE VIEW slow AS {SlowView}");
        await using var source = await OpenAsync("slow", "id", []);
        // As many as there are slots, so that what goes on behind its caller would stand in the next one's way.
        using var ended = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var reads = Enumerable.Range(0, source.Limits.Slots).Select(async _ => await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await source.ReadManyAsync([1], ended.Token)));
        await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_full_batch_is_one_call()
    {
        await using var source = await OpenAsync("product", "id", ["id"]);
        var read = await ReadAsync(source, [.. Enumerable.Range(1, source.Limits.MaxReadBatch).Select(i => (EntityId)i)]);
        Assert.Equal(30, read.Count(row => row is not null));
        Assert.Equal("{\"id\":30}", read[29]);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await source.ReadManyAsync([], default));
    }

    [Fact]
    public async Task An_unknown_table_or_column_is_refused_with_the_nearest_name()
    {
        Assert.Contains("Did you mean 'product'?", (await Assert.ThrowsAsync<StorageSetupException>(() => OpenAsync("produkt", "id", []))).Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'price'?", (await Assert.ThrowsAsync<StorageSetupException>(() => OpenAsync("product", "id", ["prise"]))).Message, StringComparison.Ordinal);
        Assert.Contains("lookups.thing.key", (await Assert.ThrowsAsync<StorageSetupException>(() => OpenAsync("product", "idd", []))).Message, StringComparison.Ordinal);
        Assert.Contains("must be an integer", (await Assert.ThrowsAsync<StorageSetupException>(() => OpenAsync("product", "price", []))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageSetupException>(() => OpenAsync("product; DROP TABLE product", "id", []));
    }

    [Fact]
    public async Task A_named_query_takes_its_values_as_parameters_and_nothing_else()
    {
        await using var query = Query("SELECT id, name FROM product WHERE id < @most AND (name = @name OR @name IS NULL) ORDER BY id", "most", "name");
        Assert.Equal(["{\"id\":3,\"name\":\"n3\"}"], await RowsAsync(query, ("most", new EntityValue.Integer(10)), ("name", new EntityValue.Text("n3"))));
        Assert.Equal(3, (await RowsAsync(query, ("most", new EntityValue.Integer(4)), ("name", null))).Count);
        Assert.Empty(await RowsAsync(query, ("most", new EntityValue.Integer(10)), ("name", new EntityValue.Text("' OR 1=1 --"))));
        await Assert.ThrowsAsync<ArgumentException>(() => RowsAsync(query, ("most", new EntityValue.Integer(10))));
        await Assert.ThrowsAsync<ArgumentException>(() => RowsAsync(query, ("most", new EntityValue.Integer(10)), ("name", null), ("more", null)));
    }

    [Fact]
    public async Task Rows_of_a_named_query_stream_and_leaving_ends_it()
    {
        await using var query = Query(Endless);
        var seen = 0;
        await foreach (var row in query.RunAsync(new Dictionary<string, EntityValue?>(), default))
        {
            Assert.Equal($"{{\"i\":{seen + 1}}}", Encoding.UTF8.GetString(row.Span));
            if (++seen == 1000) break;
        }
        Assert.Equal(1000, seen);
    }

    [Fact]
    public async Task A_named_query_ends_with_its_time_or_its_callers()
    {
        var time = new ManualTime();
        await using var query = Query(time, Slow);
        var running = Task.Run(() => RowsAsync(query));
        while (!running.IsCompleted) time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<TimeoutException>(() => running);

        await using var other = Query(Slow);
        using var source = new CancellationTokenSource();
        var cancelled = Task.Run(() => RowsAsync(other, source.Token));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Fact]
    public async Task Two_columns_of_one_name_are_refused()
    {
        await using var query = Query("SELECT id, name AS id FROM product");
        await Assert.ThrowsAsync<InvalidOperationException>(() => RowsAsync(query));
    }

    [Fact]
    public void A_parameter_that_the_text_does_not_use_is_refused_at_the_start() => Assert.Throws<StorageSetupException>(() => Query("SELECT id FROM product", "most"));

    protected Task<LookupSource> OpenAsync(string table, string key, string[] columns) =>
        LookupSource.OpenAsync(new LookupTable("thing", Provider, _connectionString, table, key, columns), new ManualTime(), default);      // as long as it takes

    protected NamedQuerySource Query(string sql, params string[] parameters) => Query(TimeProvider.System, sql, parameters);

    protected static async Task<IReadOnlyList<string?>> ReadAsync(LookupSource source, params EntityId[] ids) =>
        [.. (await source.ReadManyAsync(ids, default)).Select(row => row is { } present ? Encoding.UTF8.GetString(present.Span) : null)];

    protected static Task<List<string>> RowsAsync(NamedQuerySource query, params (string Name, EntityValue? Value)[] parameters) => RowsAsync(query, default, parameters);

    protected async Task ExecuteAsync(string sql)
    {
        await using var connection = Connect(_connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> RowsAsync(NamedQuerySource query, CancellationToken ct, params (string Name, EntityValue? Value)[] parameters)
    {
        var rows = new List<string>();
        await foreach (var row in query.RunAsync(parameters.ToDictionary(one => one.Name, one => one.Value), ct)) rows.Add(Encoding.UTF8.GetString(row.Span));
        return rows;
    }

    private NamedQuerySource Query(TimeProvider time, string sql, params string[] parameters) =>
        new(new NamedQuery("thing", Provider, _connectionString, sql, parameters, TimeSpan.FromSeconds(20)), time);
}
