using ActorPerf.Benchmarks.Harness;
using Npgsql;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>The cost of a durable job in PostgreSQL by one node, against connections that write the same rows in batches.</summary>
internal sealed class JobsPostgres : IScenario
{
    public const string Variable = "ACTORPERF_BENCH_POSTGRES";
    private const int BareBatch = 250;
    private static readonly int[] Loads = [256, 2_048];

    public string Name => "jobs-postgres";

    public string Promises => "no-op jobs by 256 and 2,048 submitters to durable results in PostgreSQL on the same cores: at least 5,000 jobs/s; beside the same rows written bare";

    public async Task RunAsync(Pace pace, Report report)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } connectionString)
        {
            report.Say($"left out: set {Variable} to the connection string of a database that may be written to");
            return;
        }
        foreach (var submitters in Loads)
        {
            await DropAsync(connectionString);
            using var folder = new DataFolder();
            await using var node = await NodeInProcess.StartAsync(folder.Path, $$"""actorperf.storage { provider = postgresql, connection-string = "{{connectionString}}" }""");
            var bare = new BarePostgresRows(connectionString);
            await bare.PrepareAsync();
            var transactions = new List<double>();
            async Task<Measurement> Subject(TimeSpan window)
            {
                var before = await CommitsAsync(connectionString);
                var measured = await JobLoad.RunAsync(node.Jobs, submitters, window);
                transactions.Add((double)measured.Operations / Math.Max(1, await CommitsAsync(connectionString) - before));
                return measured;
            }
            var pairs = await Pairs.RunAsync(pace, Subject, window => bare.RunAsync(BareBatch, window));
            report.Add(pairs.Figures($"{submitters} submitters", "job", new Promise.AtLeast(5_000), null));
            report.Add(new Figure($"{submitters} submitters, of all transactions of the database", Spread.Of(transactions), "jobs/transaction"));
        }
    }

    public static async Task DropAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("DROP SCHEMA IF EXISTS actorperf CASCADE; DROP SCHEMA IF EXISTS actorperf_bare CASCADE", connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CommitsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
