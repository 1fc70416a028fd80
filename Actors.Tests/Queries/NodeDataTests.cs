using System.Globalization;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Queries;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using Microsoft.Data.Sqlite;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Queries;

[ComputeTask("test-unawaited")]
internal sealed class UnawaitedTask(IData data) : IComputeTask<UnawaitedTask.Args, string>
{
    internal sealed record Args(bool Fail = false);

    public ValueTask<string> RunAsync(Args args, TaskContext context, CancellationToken ct)
    {
        _ = data.WriteAsync(args.Fail ? new EntityWrite.Insert(Key(1), Json(1)) : Put(Key(1), 1), CancellationToken.None);
        return new("left");
    }
}

[ComputeTask("test-echo")]
internal sealed class EchoedTask : IComputeTask<EchoedTask.Args, int>
{
    internal sealed record Args(int N);

    public ValueTask<int> RunAsync(Args args, TaskContext context, CancellationToken ct) => new(args.N);
}

[ComputeTask("test-deadline", Timeout = "1m")]
internal sealed class DeadlineTask : IComputeTask<NoArgs, double>
{
    /// <returns>Seconds that its scope has left.</returns>
    public ValueTask<double> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(((DataScope.Current?.Deadline ?? DateTimeOffset.MaxValue) - DateTimeOffset.UtcNow).TotalSeconds);
}

[ComputeTask("test-deadline-kept", Timeout = "1m", Memoize = "5m")]
internal sealed class KeptDeadlineTask : IComputeTask<NoArgs, double>
{
    public ValueTask<double> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new DeadlineTask().RunAsync(args, context, ct);
}

/// <summary>Data as a node has it: tasks in scopes, jobs in transactions, other people's tables and queries.</summary>
public sealed class NodeDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task What_a_task_writes_without_awaiting_it_is_there_when_it_has_ended_and_its_failure_is_the_attempts(string provider)
    {
        await using var node = await StartAsync(provider);
        var job = await node.RunAsync("test-unawaited");
        Assert.Equal(JobState.Succeeded, job.Row.State);
        Assert.Equal(1, Value(await node.Data.GetAsync(Key(1))));
        job = await node.RunAsync("test-unawaited", """{"fail":true}""");
        Assert.Equal((JobState.Failed, nameof(UnawaitedWritesException)), (job.Row.State, job.Row.Error!.Type));
    }

    [Fact]
    public async Task The_scope_of_an_attempt_ends_half_a_minute_after_its_time()
    {
        await using var node = await StartAsync("memory");
        var job = await node.RunAsync("test-deadline");
        Assert.InRange(Seconds(job.Result!.Value), 31, 90);
        var computed = await node.Service<ICompute>().ComputeAsync(
            new ComputeRequest(Namespace.Default, "test-deadline-kept", "{}"u8.ToArray(), default, TimeSpan.FromSeconds(20)), CancellationToken.None);
        Assert.InRange(Seconds(Assert.IsType<ComputeOutcome.Found>(computed).Result.Json), 31, 90);

        static double Seconds(ReadOnlyMemory<byte> json) => double.Parse(Encoding.UTF8.GetString(json.Span), CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task A_job_of_a_transaction_runs_once_its_entities_are_committed(string provider)
    {
        await using var node = await StartAsync(provider);
        var id = await node.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(5), 1));
            return tx.Submit(Echo(7));
        });
        var job = await node.EndAsync(id);
        Assert.Equal((JobState.Succeeded, "7"), (job.Row.State, Encoding.UTF8.GetString(job.Result!.Value.Span)));
        Assert.Equal(1, Value(await node.Data.GetAsync(Key(5))));
        Assert.Empty((await node.Service<IMaintenance>().VerifyAsync(default)).Violations);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory")]
    public async Task Where_the_transaction_does_not_take_place_there_is_no_job(string provider)
    {
        await using var node = await StartAsync(provider);
        var ids = new List<JobId>();
        await node.Data.TransactAsync(tx =>
        {
            ids.Add(tx.Submit(Echo(1)));
            tx.Rollback();
            return Task.CompletedTask;
        });
        await Assert.ThrowsAsync<FormatException>(() => node.Data.TransactAsync(tx =>
        {
            ids.Add(tx.Submit(Echo(2)));
            throw new FormatException();
        }));
        // Of two tries the first one conflicts: its job goes with it.
        var last = await node.Data.TransactAsync(async tx =>
        {
            var value = Value(await tx.GetAsync(Key(1))) ?? 0;
            if (tx.Attempt == 1)
                using (node.Data.SuppressTransaction()) await node.Data.WriteAsync(Put(Key(1), 10));
            await tx.WriteAsync(Put(Key(1), value + 1));
            var id = tx.Submit(Echo(3));
            if (tx.Attempt == 1) ids.Add(id);
            return id;
        });
        Assert.Equal(JobState.Succeeded, (await node.EndAsync(last)).Row.State);
        Assert.Equal(3, ids.Count);
        Assert.All(await node.Jobs.GetManyAsync(Namespace.Default, ids, CancellationToken.None), Assert.Null);
        Assert.Equal(1, (await node.Jobs.CountsAsync(Namespace.Default, CancellationToken.None)).Sum(count => count.Count));
        Assert.Equal(11, Value(await node.Data.GetAsync(Key(1))));
    }

    [Fact]
    public async Task A_job_that_is_refused_takes_the_transaction_with_it()
    {
        await using var node = await StartAsync("sqlite", ("actorperf:queues:default:max-waiting", "1"), ("akka:actor:deployment:/compute/default:nr-of-instances", "1"));
        var refused = await Assert.ThrowsAsync<JobRefusedException>(() => node.Data.TransactAsync(tx =>
        {
            tx.Submit(Echo(1) with { Task = "no-such" });
            return Task.CompletedTask;
        }));
        Assert.Equal("unknown-task", refused.Refusal.Code);
        refused = await Assert.ThrowsAsync<JobRefusedException>(() => node.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(1), 1));
            for (var i = 0; i < 5; i++) tx.Submit(Echo(i));
        }));
        Assert.Equal("queue-full", refused.Refusal.Code);
        Assert.Null(await node.Data.GetAsync(Key(1)));
        var id = new JobId(Guid.CreateVersion7());
        await node.Data.TransactAsync(tx => Task.FromResult(tx.Submit(Echo(1) with { Id = id, Digest = Guid.NewGuid() })));
        await node.EndAsync(id);
        refused = await Assert.ThrowsAsync<JobRefusedException>(() => node.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(1), 1));
            tx.Submit(Echo(2) with { Id = id, Digest = Guid.NewGuid() });
        }));
        Assert.Equal("id-conflict", refused.Refusal.Code);
        Assert.Null(await node.Data.GetAsync(Key(1)));
    }

    [Fact]
    public async Task A_table_of_another_database_is_read_as_a_kind_and_never_written()
    {
        var own = await OwnDatabaseAsync();
        await using var node = await StartAsync(
            "memory", ("actorperf:data:lookups:product:provider", "sqlite"), ("actorperf:data:lookups:product:connection-string", own), ("actorperf:data:lookups:product:key", "sku"));
        var keys = new[] { "a", "none", "b" }.Select(id => node.Data.Key("product", id)).ToArray();
        var rows = await node.Data.GetManyAsync([keys[0], keys[1], keys[2], Key(1)]);
        Assert.Equal("""{"sku":"a","price":3}""", Encoding.UTF8.GetString(rows[0]!.Data.Span));
        Assert.Null(rows[1]);
        Assert.Equal((await node.Data.GetAsync(keys[2]))!.Version, rows[2]!.Version);
        Assert.NotEqual(rows[0]!.Version, rows[2]!.Version);
        Assert.Throws<ReadOnlyKindException>(() => { _ = node.Data.WriteAsync(Put(keys[0], 1)).AsTask(); });
        Assert.Throws<ReadOnlyKindException>(() => { _ = node.Data.QueryPageAsync(new EntityQuery(Namespace.Default, "product")).AsTask(); });
        var took = await node.Data.TransactAsync(
            async tx =>
            {
                Assert.NotNull(await tx.GetAsync(keys[0]));
                Assert.Throws<ReadOnlyKindException>(() => { _ = tx.WriteAsync(Put(keys[0], 1)).AsTask(); });
                await tx.WriteAsync(Put(Key(1), 1));
            },
            new TransactionOptions { ValidateReads = true });
        Assert.True(took);
    }

    [Fact]
    public async Task A_query_of_the_settings_is_a_task_with_checked_arguments_that_is_remembered()
    {
        var own = await OwnDatabaseAsync();
        await using var node = await StartAsync("memory", Query(own, "SELECT sku, price FROM product WHERE price >= @least AND sku <> @without ORDER BY sku", ("least", "int"), ("without", "text")));
        Assert.True(node.Tasks.TryGet("sales", out var task));
        Assert.Equal("""["integer","null"]""", task.ArgsSchema["properties"]!["least"]!["type"]!.ToJsonString());
        var compute = node.Service<ICompute>();
        Assert.Equal("""[{"sku":"a","price":3},{"sku":"b","price":5}]""", await ComputeAsync(compute, """{"least":3,"without":"' OR 1=1 --"}"""));
        Assert.Equal("""[{"sku":"b","price":5}]""", await ComputeAsync(compute, """{"without":"a","least":3}"""));
        await using (var connection = new SqliteConnection(own))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM product";
            await command.ExecuteNonQueryAsync();
        }
        Assert.Equal("""[{"sku":"b","price":5}]""", await ComputeAsync(compute, """{"least":3,"without":"a"}"""));
        foreach (var faulty in new[] { "{}", """{"least":"3","without":"a"}""", """{"least":3,"without":"a","more":1}""", "[]", """{"least":1.5,"without":"a"}""", """{"least":3,"without":"\ud800"}""", """{"least":3,"without":"\u0000"}""" })
            Assert.Equal("invalid-args", task.Runner.Check(Encoding.UTF8.GetBytes(faulty))!.Code);
    }

    [Theory]
    [InlineData("actorperf:data:queries:sales:max-rows", "1", "actorperf.data.queries.sales.max-rows")]
    [InlineData("actorperf:compute:max-result-bytes", "1024", "actorperf.compute.max-result-bytes")]
    public async Task A_query_with_too_large_a_result_names_the_setting(string key, string value, string named)
    {
        var own = await OwnDatabaseAsync(rows: 200);
        await using var node = await StartAsync("memory", [.. Query(own, "SELECT * FROM product"), (key, value)]);
        var job = await node.RunAsync("sales");
        Assert.Equal((JobState.Failed, "bad-result"), (job.Row.State, job.Row.Error!.Type));
        Assert.Contains(named, job.Row.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declared_indexes_are_there_when_the_node_has_started()
    {
        await using var node = await StartAsync("sqlite", ("actorperf:data:kinds:Thing:indexes:0", "value"));
        await node.Data.WriteManyAsync([.. Keys(20).Select(key => Put(key, 1))]);
        var query = new EntityQuery(Namespace.Default, "Thing") { Filter = new EntityFilter.Compare("value", EntityOperator.Eq, new EntityValue.Integer(1)) };
        Assert.True((await node.Data.QueryPageAsync(query)).Indexed);
    }

    [Fact]
    public async Task Indexes_that_are_declared_no_more_are_gone_when_the_node_has_started_again()
    {
        var query = new EntityQuery(Namespace.Default, "Thing") { Filter = new EntityFilter.Compare("value", EntityOperator.Eq, new EntityValue.Integer(1)) };
        await using (var first = await StartAsync("sqlite", ("actorperf:data:kinds:Thing:indexes:0", "value"))) Assert.True((await first.Data.QueryPageAsync(query)).Indexed);
        await using var second = await StartAsync("sqlite", ("actorperf:data:kinds:Thing:indexes:0", "other"));
        Assert.False((await second.Data.QueryPageAsync(query)).Indexed);
    }

    private Task<NodeDataWorld> StartAsync(string provider, params (string Key, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value);
        all["actorperf:storage:provider"] = provider;
        all["actorperf:storage:connection-string"] = $"Data Source={Path.Combine(_folder, "node.db")}";
        return NodeDataWorld.StartAsync(all, typeof(UnawaitedTask), typeof(EchoedTask), typeof(DeadlineTask), typeof(KeptDeadlineTask));
    }

    private static (string, string)[] Query(string own, string sql, params (string Name, string Type)[] parameters) =>
    [
        ("actorperf:data:queries:sales:provider", "sqlite"), ("actorperf:data:queries:sales:connection-string", own), ("actorperf:data:queries:sales:sql", sql),
        .. parameters.Select(parameter => ($"actorperf:data:queries:sales:parameters:{parameter.Name}", parameter.Type)),
    ];

    private static async Task<string> ComputeAsync(ICompute compute, string args)
    {
        var outcome = await compute.ComputeAsync(new ComputeRequest(Namespace.Default, "sales", Encoding.UTF8.GetBytes(args), default, TimeSpan.FromSeconds(20)), CancellationToken.None);
        return Encoding.UTF8.GetString(Assert.IsType<ComputeOutcome.Found>(outcome).Result.Json.Span);
    }

    private async Task<string> OwnDatabaseAsync(int rows = 0)
    {
        var own = $"Data Source={Path.Combine(_folder, "own.db")}";
        await using var connection = new SqliteConnection(own);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE TABLE product (sku TEXT PRIMARY KEY, price INTEGER); INSERT INTO product VALUES ('a', 3), ('b', 5);"
            + $"INSERT INTO product WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT 'row' || i, i FROM n WHERE {rows} > 0";
        await command.ExecuteNonQueryAsync();
        return own;
    }

    private static Submission Echo(int n) => new() { Namespace = Namespace.Default, Task = "test-echo", Args = Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""") };
}
