using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Whether many jobs in the table slow the work on new ones down, and what they cost in memory.</summary>
internal sealed class JobsDepth : IScenario
{
    private const int Depth = 1_000_000;
    private const double MaxMebibytes = 400;

    public string Name => "jobs-depth";

    public string Promises => "jobs-inproc with 1,000,000 finished and 1,000,000 waiting jobs in the table: 0.8 of an empty table; peak memory of the node under 400 MiB";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var full = new DataFolder();
        using var empty = new DataFolder();
        var depth = pace.Scale(Depth);
        report.Say($"writing {depth:#,0} finished and {depth:#,0} waiting jobs");
        DeepTable.Fill(NodeFile.Database(full.Path), depth, depth);
        await using (var subject = await NodeProcess.StartAsync(full.Path))
        await using (var limit = await NodeProcess.StartAsync(empty.Path)) await CompareAsync("", subject, limit, pace, report);
        if (Environment.GetEnvironmentVariable(JobsPostgres.Variable) is { Length: > 0 } connectionString) await OnPostgresAsync(connectionString, depth, pace, report);
        else report.Say($"PostgreSQL is left out: set {JobsPostgres.Variable} to the connection string of a database that may be written to");
    }

    private static async Task OnPostgresAsync(string connectionString, int depth, Pace pace, Report report)
    {
        using var full = new DataFolder();
        using var empty = new DataFolder();
        await JobsPostgres.DropAsync(connectionString);
        var (deep, bare) = (Settings(connectionString), Settings(await PostgresDeepTable.BesideAsync(connectionString, "_empty")));
        await (await NodeProcess.StartAsync(full.Path, deep)).DisposeAsync();      // sets the database up
        report.Say($"writing {depth:#,0} finished and {depth:#,0} waiting jobs to PostgreSQL");
        await PostgresDeepTable.FillAsync(connectionString, depth, depth);
        await using var subject = await NodeProcess.StartAsync(full.Path, deep);
        await using var limit = await NodeProcess.StartAsync(empty.Path, bare);
        await CompareAsync("PostgreSQL, ", subject, limit, pace, report);
    }

    private static string Settings(string connectionString) => $$"""actorperf.storage { provider = postgresql, connection-string = "{{connectionString}}" }""";

    private static async Task CompareAsync(string where, NodeProcess subject, NodeProcess limit, Pace pace, Report report)
    {
        foreach (var submitters in (int[])[256, 2_048])
        {
            var pairs = await Pairs.RunAsync(pace, window => subject.LoadAsync(submitters, window), window => limit.LoadAsync(submitters, window));
            var promise = new Promise.AtLeast(0.8);
            report.Add(pairs.Figures($"{where}{submitters} submitters", "job", null, promise, promise));
        }
        report.Add(new Figure(where + "peak memory", Spread.Of(subject.PeakMemory), "MiB") { Promised = new Promise.Under(MaxMebibytes) });
        report.Add(new Figure(where + "peak memory, empty table", Spread.Of(limit.PeakMemory), "MiB"));
    }
}
