using ActorPerf.Jobs;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Api;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Storage;

/// <summary>Callers' own SQL in one transaction with jobs, on a whole node whose data is verified at the end.</summary>
public sealed class SqliteTransactionsTests : IAsyncLifetime
{
    private NodeHost? _host;

    private IJobs Jobs => _host!.Services.GetRequiredService<IJobs>();

    private ISqliteTransactions Transactions => _host!.Services.GetRequiredService<ISqliteTransactions>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await NodeHost.StartAsync();
        await RunAsync(tx => tx.Execute("CREATE TABLE shop_order (id INTEGER PRIMARY KEY, article TEXT NOT NULL UNIQUE, price REAL, paid INTEGER, picture BLOB)"));
    }

    public async ValueTask DisposeAsync() => await _host!.DisposeAsync();

    [Fact]
    public async Task Statements_and_jobs_are_committed_together_and_the_jobs_run()
    {
        var outcome = await Transactions.InTransactionAsync(
            tx => Assert.Equal(1, tx.Execute("INSERT INTO shop_order VALUES (?, ?, ?, ?, ?)", 1, "lamp", 9.5, true, new byte[] { 1, 2 })), [Square(3), Square(4)], Ct);

        var committed = Assert.IsType<SqliteTransactionOutcome.Committed>(outcome);
        foreach (var job in committed.Jobs.Select(one => Assert.IsType<SubmitOutcome.Accepted>(one).Job))
            Assert.Equal(JobState.Succeeded, (await Jobs.WaitFinishedAsync(Namespace.Default, job.Row.Id, TimeSpan.FromSeconds(20), Ct))!.Row.State);
        object?[] row = [1L, "lamp", 9.5, 1L];
        await RunAsync(tx =>
        {
            Assert.Equal(row, Assert.Single(tx.Query("SELECT id, article, price, paid FROM shop_order WHERE id = ?", 1L)));
            Assert.Equal(new byte[] { 1, 2 }, tx.Scalar("SELECT picture FROM shop_order"));
            Assert.Null(tx.Scalar("SELECT article FROM shop_order WHERE id = 99"));
        });
    }

    [Fact]
    public async Task What_the_work_throws_takes_back_its_statements_and_its_jobs_and_nobody_elses()
    {
        var before = await Jobs.CountsAsync(Namespace.Default, Ct);
        var others = Enumerable.Range(0, 50).Select(_ => Jobs.SubmitAsync(Square(2), Ct).AsTask()).ToArray();
        var failed = await Assert.ThrowsAsync<FormatException>(async () => await Transactions.InTransactionAsync(
            tx =>
            {
                tx.Execute("INSERT INTO shop_order (id, article) VALUES (1, 'lamp')");
                throw new FormatException("no price");
            },
            [Square(3) with { Tags = ["never"] }], Ct));

        Assert.Equal("no price", failed.Message);
        Assert.All(await Task.WhenAll(others), outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome));
        Assert.Empty((await Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Tag = "never" }, Ct)).Rows);
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM shop_order"));
        Assert.Empty(before);
    }

    [Fact]
    public async Task A_refused_job_takes_back_the_statements()
    {
        var unknown = await Transactions.InTransactionAsync(tx => Insert(tx, "lamp"), [Square(1), new Submission { Namespace = Namespace.Default, Task = "squaer" }], Ct);
        Assert.Equal((1, "unknown-task"), unknown is SqliteTransactionOutcome.Refused first ? (first.Job, first.Refusal.Code) : default);

        var id = new JobId(Guid.CreateVersion7());
        Assert.IsType<SubmitOutcome.Accepted>(await Jobs.SubmitAsync(Square(1) with { Id = id, Digest = Guid.NewGuid() }, Ct));
        var taken = await Transactions.InTransactionAsync(tx => Insert(tx, "lamp"), [Square(5), Square(2) with { Id = id, Digest = Guid.NewGuid() }], Ct);
        Assert.Equal((1, "id-conflict"), taken is SqliteTransactionOutcome.Refused second ? (second.Job, second.Refusal.Code) : default);
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM shop_order"));
    }

    [Theory]
    [InlineData("SELECT id FROM job", "'job'")]
    [InlineData("SELECT count(*) FROM Payload", "'payload'")]
    [InlineData("DELETE FROM history", "'history'")]
    [InlineData("UPDATE entity SET version = 9", "'entity'")]
    [InlineData("INSERT INTO shop_order (article) SELECT namespace FROM tag", "'tag'")]
    [InlineData("DROP TABLE job", "'job'")]
    [InlineData("ALTER TABLE job ADD COLUMN x", "'job'")]
    [InlineData("CREATE INDEX mine ON job (task)", "'job'")]
    [InlineData("DROP INDEX job_id", "'job'")]
    [InlineData("CREATE TRIGGER mine AFTER INSERT ON job BEGIN DELETE FROM shop_order; END", "'job'")]
    [InlineData("CREATE TEMP TABLE mine (x)", "")]
    [InlineData("CREATE TEMP TRIGGER mine AFTER INSERT ON job BEGIN SELECT 1; END", "")]
    [InlineData("COMMIT", "BEGIN, COMMIT")]
    [InlineData("SAVEPOINT mine", "savepoints")]
    [InlineData("PRAGMA synchronous = OFF", "PRAGMA synchronous")]
    [InlineData("SELECT * FROM pragma_table_info('job')", "pragma_table_info")]
    [InlineData("ATTACH 'other.db' AS other", "ATTACH")]
    [InlineData("VACUUM", "")]
    [InlineData("REINDEX", "")]
    public async Task What_is_not_the_callers_is_refused(string sql, string words)
    {
        var refused = await Assert.ThrowsAsync<SqliteWorkException>(async () => await RunAsync(tx => tx.Execute(sql)));
        Assert.Contains(words, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1L, await ScalarAsync("SELECT 1"));
    }

    [Theory]
    [InlineData("SELECT 1; SELECT 2", 0)]
    [InlineData("-- nothing", 0)]
    [InlineData("SELECT ?", 0)]
    [InlineData("SELECT 1", 1)]
    public async Task A_call_is_one_statement_with_its_parameters(string sql, int parameters) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await RunAsync(tx => tx.Query(sql, new object?[parameters])));

    [Fact]
    public async Task A_failed_statement_can_be_passed_over_and_what_stands_counts()
    {
        await RunAsync(tx =>
        {
            Insert(tx, "lamp");
            var fault = Assert.Throws<SqliteWorkException>(() => Insert(tx, "lamp"));
            Assert.Equal(2067, fault.Code);
            Insert(tx, "chair");
        });
        Assert.Equal(2L, await ScalarAsync("SELECT count(*) FROM shop_order"));
    }

    [Fact]
    public async Task Tables_can_be_changed_and_views_and_triggers_stay_with_them()
    {
        await RunAsync(tx =>
        {
            tx.Execute("CREATE TABLE shop_log (article TEXT)");
            tx.Execute("CREATE TRIGGER shop_logs AFTER INSERT ON shop_order BEGIN INSERT INTO shop_log (article) VALUES (new.article); END");
            tx.Execute("CREATE INDEX shop_log_article ON shop_log (article)");
            tx.Execute("ALTER TABLE shop_log ADD COLUMN at INTEGER");
            tx.Execute("ALTER TABLE shop_log RENAME TO shop_journal");
            tx.Execute("CREATE VIEW shop_spy AS SELECT task FROM job");
            Insert(tx, "lamp");
        });
        Assert.Equal("lamp", await ScalarAsync("SELECT article FROM shop_journal"));
        await Assert.ThrowsAsync<SqliteWorkException>(async () => await ScalarAsync("SELECT * FROM shop_spy"));
        await RunAsync(tx => tx.Execute("DROP VIEW shop_spy"));
        await RunAsync(tx => tx.Execute("DROP TABLE shop_journal"));
    }

    [Fact]
    public Task A_work_that_takes_too_long_is_broken_off_and_others_go_on() =>
        BreakOffAsync("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n");

    [FullFact]
    public Task A_write_that_takes_too_long_is_broken_off_too() =>
        BreakOffAsync("INSERT INTO shop_order (article) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT 'a' || x FROM n WHERE x > 1000000000");

    private async Task BreakOffAsync(string endless)
    {
        var runs = 0;
        var slow = Transactions.InTransactionAsync(
            tx =>
            {
                runs++;
                Insert(tx, "lamp");
                tx.Execute(endless);
            },
            [Square(7) with { Tags = ["never"] }], Ct).AsTask();
        var others = Enumerable.Range(0, 20).Select(_ => Jobs.SubmitAsync(Square(2), Ct).AsTask()).ToArray();

        var broken = await Assert.ThrowsAsync<SqliteWorkException>(() => slow);
        Assert.Contains("longer than 1 s", broken.Message, StringComparison.Ordinal);
        Assert.Equal(1, runs);
        Assert.All(await Task.WhenAll(others), outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM shop_order"));
        Assert.Empty((await Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Tag = "never" }, Ct)).Rows);
    }

    [Fact]
    public async Task A_scope_ends_with_its_work()
    {
        SqliteTransactionScope? kept = null;
        await RunAsync(tx => kept = tx);
        Assert.Throws<InvalidOperationException>(() => kept!.Execute("SELECT 1"));
    }

    private static int Insert(SqliteTransactionScope tx, string article) => tx.Execute("INSERT INTO shop_order (article) VALUES (?)", article);

    private async Task RunAsync(Action<SqliteTransactionScope> work) =>
        Assert.Empty(Assert.IsType<SqliteTransactionOutcome.Committed>(await Transactions.InTransactionAsync(work, [], Ct)).Jobs);

    private async Task<object?> ScalarAsync(string sql)
    {
        object? value = null;
        await RunAsync(tx => value = tx.Scalar(sql));
        return value;
    }

    private static Submission Square(int n) => new() { Namespace = Namespace.Default, Task = "square", Args = System.Text.Encoding.UTF8.GetBytes($$"""{"n": {{n}}}""") };
}
