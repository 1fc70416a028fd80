using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NodeRuntime = ActorPerf.Setup.NodeRuntime;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Callers' own SQL in one transaction with jobs, on a whole node whose data is verified at the end.</summary>
public sealed class PostgresTransactionsTests : IAsyncLifetime
{
    private static readonly AsyncLocal<string?> Scope = new();

    private string _database = "";
    private NodeHost? _host;

    private IJobs Jobs => _host!.Services.GetRequiredService<IJobs>();

    private IPostgresTransactions Transactions => _host!.Services.GetRequiredService<IPostgresTransactions>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is not null) return;
        _database = await PostgresServer.NewMigratedAsync();
        await LookAsync("CREATE TABLE shop_order (id bigint PRIMARY KEY, article text NOT NULL)");
        _host = await NodeHost.StartAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is { } host) await host.DisposeAsync();
    }

    [PostgresFact]
    public async Task Rows_and_jobs_are_committed_together_and_the_jobs_run()
    {
        var outcome = await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 1, ct), [Square(3), Square(4)], Ct);

        var committed = Assert.IsType<PostgresTransactionOutcome.Committed>(outcome);
        Assert.Equal(1L, await OrdersAsync());
        foreach (var job in committed.Jobs.Select(one => Assert.IsType<SubmitOutcome.Accepted>(one).Job))
            Assert.Equal(JobState.Succeeded, (await Jobs.WaitFinishedAsync(Namespace.Default, job.Row.Id, TimeSpan.FromSeconds(20), Ct))!.Row.State);
        Assert.Empty(Assert.IsType<PostgresTransactionOutcome.Committed>(await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 2, ct), [], Ct)).Jobs);
        Assert.Equal(2L, await OrdersAsync());
    }

    [PostgresFact]
    public async Task What_the_work_throws_takes_back_its_rows_and_its_jobs_and_nobody_elses()
    {
        var others = Enumerable.Range(0, 50).Select(_ => Jobs.SubmitAsync(Square(2), Ct).AsTask()).ToArray();
        var failed = await Assert.ThrowsAsync<FormatException>(() => RunAsync(async (connection, ct) =>
        {
            await InsertAsync(connection, 1, ct);
            throw new FormatException("no price");
        }, Never(3)));
        Assert.Equal("no price", failed.Message);

        // What two transactions of ours would be tried again for is the caller's own affair here.
        var runs = 0;
        var twice = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(async (connection, ct) =>
        {
            runs++;
            await InsertAsync(connection, 1, ct);
            await InsertAsync(connection, 1, ct);
        }, Never(3)));
        Assert.Equal((PostgresErrorCodes.UniqueViolation, 1), (twice.SqlState, runs));
        Assert.All(await Task.WhenAll(others), outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome));
        await NothingTookPlaceAsync();
    }

    [PostgresFact]
    public async Task A_deferred_constraint_of_the_works_tables_fails_as_the_work_does()
    {
        await LookAsync("CREATE TABLE shop_line (shop_order bigint REFERENCES shop_order DEFERRABLE INITIALLY DEFERRED)");
        var runs = 0;
        var missing = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(async (connection, ct) =>
        {
            runs++;
            await SqlAsync(connection, "INSERT INTO shop_line VALUES (99)", ct);
        }, Never(3)));
        Assert.Equal((PostgresErrorCodes.ForeignKeyViolation, 1), (missing.SqlState, runs));
        await NothingTookPlaceAsync();
    }

    [PostgresFact]
    public async Task A_refused_job_takes_back_the_rows()
    {
        var unknown = await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 1, ct), [Never(1), new Submission { Namespace = Namespace.Default, Task = "squaer" }], Ct);
        Assert.Equal((1, "unknown-task"), unknown is PostgresTransactionOutcome.Refused first ? (first.Job, first.Refusal.Code) : default);

        var id = new JobId(Guid.CreateVersion7());
        Assert.IsType<SubmitOutcome.Accepted>(await Jobs.SubmitAsync(Square(1) with { Id = id, Digest = Guid.NewGuid() }, Ct));
        var taken = Never(2) with { Id = id, Digest = Guid.NewGuid() };
        var second = await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 1, ct), [Never(5), taken], Ct);
        Assert.Equal((1, "id-conflict"), second is PostgresTransactionOutcome.Refused of2 ? (of2.Job, of2.Refusal.Code) : default);
        var alone = await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 1, ct), [taken], Ct);
        Assert.Equal((0, "id-conflict"), alone is PostgresTransactionOutcome.Refused of1 ? (of1.Job, of1.Refusal.Code) : default);
        await NothingTookPlaceAsync();
    }

    [PostgresFact]
    public async Task The_same_submission_again_refuses_nothing()
    {
        var byId = Square(3) with { Id = new JobId(Guid.CreateVersion7()), Digest = Guid.NewGuid() };
        var byKey = Square(3) with { UniqueKey = "customer 7", UniquePolicy = UniquePolicy.Return, RunAt = DateTimeOffset.UtcNow.AddHours(1) };
        var first = Assert.IsType<PostgresTransactionOutcome.Committed>(await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 1, ct), [byId, byKey], Ct));
        Assert.All(first.Jobs, static outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome));
        var again = Assert.IsType<PostgresTransactionOutcome.Committed>(await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 2, ct), [byId, byKey], Ct));
        Assert.Equal(first.Jobs.Select(IdOf), again.Jobs.Select(IdOf));
        Assert.All(again.Jobs, static outcome => Assert.IsType<SubmitOutcome.Deduplicated>(outcome));
        Assert.Equal(2L, await OrdersAsync());
    }

    [PostgresFact]
    public async Task Works_that_submit_the_same_at_once_make_one_job_of_it_and_all_of_them_take_place()
    {
        var (key, runs) = (Square(3) with { UniqueKey = "customer 7", UniquePolicy = UniquePolicy.Return, RunAt = DateTimeOffset.UtcNow.AddHours(1) }, 0);
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var outcomes = await Task.WhenAll(Enumerable.Range(1, IPostgresTransactions.Most).Select(id => Transactions.InTransactionAsync(
            async (connection, ct) =>
            {
                await InsertAsync(connection, id, ct);
                // The first runs have all begun before any of them is committed.
                if (Interlocked.Increment(ref runs) == IPostgresTransactions.Most) together.SetResult();
                await together.Task.WaitAsync(ct);
            }, [key], Ct).AsTask()));
        var jobs = outcomes.Select(static outcome => Assert.Single(Assert.IsType<PostgresTransactionOutcome.Committed>(outcome).Jobs)).ToArray();
        Assert.Single(jobs, static job => job is SubmitOutcome.Accepted);
        Assert.Single(jobs.Select(IdOf).Distinct());
        Assert.Equal(IPostgresTransactions.Most, await OrdersAsync());
    }

    [PostgresFact]
    public async Task A_work_that_ends_its_transaction_is_told_so_and_its_jobs_are_not_submitted()
    {
        await RefusedAsync("ended the transaction itself", (connection, ct) => SqlAsync(connection, "ROLLBACK", ct));
        await RefusedAsync("ended the transaction itself", (connection, ct) => SqlAsync(connection, "ROLLBACK AND CHAIN", ct));
        await RefusedAsync("set a savepoint", async (connection, ct) =>
        {
            await InsertAsync(connection, 1, ct);
            await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 1, ct));
        });
        await RefusedAsync("Leave the connection open", async (connection, ct) =>
        {
            await InsertAsync(connection, 1, ct);
            await connection.CloseAsync();
        });
        await RefusedAsync("dispose of readers", async (connection, ct) =>
        {
            await InsertAsync(connection, 1, ct);
#pragma warning disable CA2000 // Left open: that is what this is about.
            var command = new NpgsqlCommand("SELECT generate_series(1, 100000)", connection);
#pragma warning restore CA2000
            await command.ExecuteReaderAsync(ct);
        });
        await NothingTookPlaceAsync();

        await RefusedAsync("what it committed stays", async (connection, ct) =>
        {
            await InsertAsync(connection, 1, ct);
            await SqlAsync(connection, "COMMIT", ct);
        });
        await RefusedAsync("what it committed stays", async (connection, ct) =>
        {
            await InsertAsync(connection, 2, ct);
            await SqlAsync(connection, "COMMIT AND CHAIN", ct);
        });
        Assert.Equal(2L, await OrdersAsync());
        await RunAsync((connection, ct) => InsertAsync(connection, 3, ct), Square(1));

        async Task RefusedAsync(string words, Func<NpgsqlConnection, CancellationToken, Task> work)
        {
            var refused = await Assert.ThrowsAsync<PostgresWorkException>(() => RunAsync(work, Never(3)));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }
    }

    [PostgresFact]
    public async Task A_failed_statement_behind_a_savepoint_can_be_passed_over()
    {
        await RunAsync(async (connection, ct) =>
        {
            await InsertAsync(connection, 1, ct);
            await SqlAsync(connection, "SAVEPOINT mine", ct);
            await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 1, ct));
            await SqlAsync(connection, "ROLLBACK TO mine", ct);
            await InsertAsync(connection, 2, ct);
        }, Square(1));
        Assert.Equal(2L, await OrdersAsync());
    }

    [PostgresFact]
    public async Task A_work_that_takes_too_long_is_broken_off_and_keeps_no_lock()
    {
        var hasty = Limited(TimeSpan.FromMilliseconds(200));
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<NpgsqlConnection, CancellationToken, Task>[] works =
        [
            (connection, ct) => SqlAsync(connection, "SELECT pg_sleep(60)", ct),
            (_, ct) => Task.Delay(Timeout.Infinite, ct),
            (connection, _) => SqlAsync(connection, "SELECT pg_sleep(60)", CancellationToken.None),      // does not listen
            (_, _) => held.Task,
        ];
        foreach (var work in works)
        {
            var slow = await Assert.ThrowsAsync<PostgresWorkException>(async () => await hasty.InTransactionAsync(
                async (connection, ct) =>
                {
                    await InsertAsync(connection, 1, ct);
                    await work(connection, ct);
                }, [Never(7)], Ct));
            Assert.Contains("longer than 0.2 s", slow.Message, StringComparison.Ordinal);
            // Its row is nobody's: whoever adds the same waits for no lock.
            await LookAsync("SET lock_timeout = '25s'; INSERT INTO shop_order VALUES (1, 'chair'); DELETE FROM shop_order");
        }
        held.SetResult();
        await NothingTookPlaceAsync();
    }

    [PostgresFact]
    public async Task The_caller_breaks_off_its_work_and_nothing_took_place()
    {
        using var mine = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Transactions.InTransactionAsync(
            async (connection, ct) =>
            {
                await InsertAsync(connection, 1, ct);
                await mine.CancelAsync();
                await SqlAsync(connection, "SELECT pg_sleep(60)", ct);
            }, [Never(1)], mine.Token));
        await NothingTookPlaceAsync();
    }

    [PostgresFact]
    public async Task Nothing_that_a_work_set_comes_to_the_next_one_or_to_our_statements()
    {
        await LookAsync("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_clerk') THEN CREATE ROLE shop_clerk; END IF; END $$");
        var processes = new List<int>();
        for (var round = 1; round <= 3; round++)
        {
            var n = round;
            await RunAsync(async (connection, ct) =>
            {
                processes.Add(connection.ProcessID);
                Assert.Equal(
                    "on on on on 0 \"$user\", public read committed",
                    await ScalarAsync(connection, """
                        SELECT concat_ws(' ', current_setting('enable_seqscan'), current_setting('enable_hashjoin'), current_setting('enable_mergejoin'), current_setting('enable_bitmapscan'),
                          current_setting('lock_timeout'), current_setting('search_path'), current_setting('transaction_isolation'))
                        """, ct));
                Assert.Equal(true, await ScalarAsync(connection, "SELECT current_user = session_user AND to_regclass('pg_temp.mine') IS NULL", ct));
                Assert.Equal(0L, await ScalarAsync(connection, "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND classid = 77", ct));
                Assert.Equal(0L, await ScalarAsync(connection, "SELECT count(*) FROM pg_prepared_statements", ct));
                await InsertAsync(connection, n, ct);
                foreach (var sql in new[]
                {
                    "SET search_path = pg_temp", "SET enable_seqscan = off", "SET enable_hashjoin = off", "SET LOCAL enable_mergejoin = off", "SET statement_timeout = '1s'", "SET lock_timeout = '1ms'",
                    "CREATE TEMP TABLE mine (x int)", "SELECT pg_advisory_lock(77, 1)", "LISTEN shop", "PREPARE mine AS SELECT 1", "SET ROLE shop_clerk",
                }) await SqlAsync(connection, sql, ct);
            }, Square(round));
        }
        Assert.Single(processes.Distinct());
        Assert.Equal(3L, await OrdersAsync());
    }

    [PostgresFact]
    public async Task Slow_work_holds_up_no_job_and_other_work_only_when_all_places_are_taken()
    {
        var (begun, go) = (new SemaphoreSlim(0), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var patient = Limited(TimeSpan.FromMinutes(1));
        Task<PostgresTransactionOutcome> Slow(int id) => patient.InTransactionAsync(
            async (connection, ct) =>
            {
                await InsertAsync(connection, id, ct);
                begun.Release();
                await go.Task.WaitAsync(ct);
            }, [Square(id)], Ct).AsTask();
        var slow = Enumerable.Range(1, IPostgresTransactions.Most).Select(Slow).ToArray();
        for (var i = 0; i < slow.Length; i++) Assert.True(await begun.WaitAsync(TimeSpan.FromSeconds(60), Ct));
        var next = Slow(5);
        using var impatient = new CancellationTokenSource();
        var left = Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, 6, ct), [Never(6)], impatient.Token).AsTask();

        var job = Assert.IsType<SubmitOutcome.Accepted>(await Jobs.SubmitAsync(Square(2), Ct)).Job;
        Assert.Equal(JobState.Succeeded, (await Jobs.WaitFinishedAsync(Namespace.Default, job.Row.Id, TimeSpan.FromSeconds(20), Ct))!.Row.State);
        Assert.Equal(0L, await OrdersAsync());
        Assert.All([.. slow, next, left], static task => Assert.False(task.IsCompleted));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        go.SetResult();
        foreach (var outcome in await Task.WhenAll([.. slow, next])) Assert.IsType<PostgresTransactionOutcome.Committed>(outcome);
        Assert.Equal(5L, await OrdersAsync());
    }

    [PostgresFact]
    public async Task Rows_and_jobs_are_both_there_or_neither_however_often_connections_end()
    {
        await using var ending = new EndedConnections(_database);
        var answers = await Task.WhenAll(Enumerable.Range(1, 60).Select(async n =>
        {
            var job = Square(n) with { Id = new JobId(Guid.CreateVersion7()), Digest = Guid.NewGuid() };
            try
            {
                Assert.IsType<PostgresTransactionOutcome.Committed>(await Transactions.InTransactionAsync((connection, ct) => InsertAsync(connection, n, ct), [job], Ct));
                return (Order: (long)n, Job: job.Id!.Value, Answered: true);
            }
            catch (StoreUnavailableException failure)
            {
                Assert.IsNotType<ActorPerf.Data.CommitUnknownException>(failure);
                return (Order: (long)n, Job: job.Id!.Value, Answered: false);
            }
        }));
        await ending.StopAsync();
        var orders = new HashSet<long>(await LookAsync("SELECT id FROM shop_order"));
        Assert.Equal(answers.Select(static answer => answer.Answered), answers.Select(answer => orders.Contains(answer.Order)));
        var store = _host!.Services.GetRequiredService<NodeRuntime>().Storage.Jobs;
        var jobs = await store.ReadManyAsync(Namespace.Default, [.. answers.Select(static answer => answer.Job)], Ct);
        Assert.Equal(answers.Select(static answer => answer.Answered), jobs.Select(static job => job is not null));
        Assert.Contains(answers, static answer => answer.Answered);
    }

    [PostgresFact]
    public async Task A_connection_that_the_server_ended_in_the_pool_is_replaced()
    {
        var process = 0;
        await RunAsync((connection, _) => Task.FromResult(process = connection.ProcessID), Square(1));
        Assert.Equal(1, (await LookAsync($"SELECT count(pg_terminate_backend({process}))"))[0]);
        var runs = 0;
        await RunAsync((connection, ct) =>
        {
            runs++;
            return InsertAsync(connection, 1, ct);
        }, Square(2));
        Assert.Equal((1, 1L), (runs, await OrdersAsync()));
    }

    [PostgresFact]
    public async Task The_work_runs_in_its_callers_context()
    {
        foreach (var name in new[] { "first", "second" })
        {
            Scope.Value = name;
            string? seen = null;
            await RunAsync((_, _) => Task.FromResult(seen = Scope.Value), Square(1));
            Assert.Equal(name, seen);
        }
    }

    [PostgresFact]
    public async Task A_node_that_stops_breaks_off_work_and_says_so()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transactions = Transactions;
        var work = transactions.InTransactionAsync(
            async (connection, ct) =>
            {
                await InsertAsync(connection, 1, ct);
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, ct);
            }, [Never(1)], Ct).AsTask();
        await begun.Task.WaitAsync(Ct);
        await _host!.DisposeAsync();
        _host = null;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => work);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await transactions.InTransactionAsync((_, _) => Task.CompletedTask, [], Ct));
        Assert.Equal(0L, await OrdersAsync());
    }

    private IPostgresTransactions Limited(TimeSpan longest)
    {
        var runtime = _host!.Services.GetRequiredService<NodeRuntime>();
        return ((PostgresStorage)runtime.Storage).Transactions(
            (IJobAdmission)runtime.Jobs, new ShownJobs(_host.Services.GetRequiredService<ITaskCatalog>()), NullLogger.Instance, new WorkLimits(longest, longest));
    }

    private async Task RunAsync(Func<NpgsqlConnection, CancellationToken, Task> work, Submission job) =>
        Assert.IsType<PostgresTransactionOutcome.Committed>(await Transactions.InTransactionAsync(work, [job], Ct));

    private async Task NothingTookPlaceAsync()
    {
        Assert.Empty((await Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Tag = "never" }, Ct)).Rows);
        Assert.Equal(0L, await OrdersAsync());
    }

    private async Task<long> OrdersAsync() => (await LookAsync("SELECT count(*) FROM shop_order"))[0];

    /// <summary>From a connection of its own.</summary>
    private async Task<List<long>> LookAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var found = new List<long>();
        while (await reader.ReadAsync(Ct)) found.Add(reader.GetInt64(0));
        return found;
    }

    private static Task InsertAsync(NpgsqlConnection connection, long id, CancellationToken ct) =>
        SqlAsync(connection, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"INSERT INTO shop_order VALUES ({id}, 'lamp')"), ct);

    private static async Task SqlAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(ct);
    }

    private static JobId IdOf(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted accepted => accepted.Job.Row.Id,
        SubmitOutcome.Deduplicated deduplicated => deduplicated.Job.Row.Id,
        _ => default,
    };

    private static Submission Never(int n) => Square(n) with { Tags = ["never"] };

    private static Submission Square(int n) => new() { Namespace = Namespace.Default, Task = "square", Args = System.Text.Encoding.UTF8.GetBytes($$"""{"n": {{n}}}""") };
}
