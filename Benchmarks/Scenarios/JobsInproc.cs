using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>The cost of a durable job without HTTP, against a loop that writes the same rows in the same batches.</summary>
internal sealed class JobsInproc : IScenario
{
    private static readonly (int Submitters, double Least)[] Loads = [(256, 15_000), (2_048, 20_000)];

    public string Name => "jobs-inproc";

    public string Promises =>
        "no-op jobs by 256 and 2,048 submitters to durable results: at least 15,000 and 20,000 jobs/s, aim for 30,000; 0.5 of the same rows written by a bare loop";

    public async Task RunAsync(Pace pace, Report report)
    {
        foreach (var (submitters, least) in Loads)
        {
            using var data = new DataFolder();
            await using var node = await NodeInProcess.StartAsync(data.Path);
            using var bare = new BareLoop(data.File("bare.db"));
            var (batches, atOnce) = (new List<double>(), new List<double>());
            async Task<Measurement> Subject(TimeSpan window)
            {
                var before = node.Commits.Transactions;
                var measured = await JobLoad.RunAsync(node.Jobs, submitters, window);
                batches.Add((double)measured.Operations / (node.Commits.Transactions - before));
                atOnce.Add(BareLoop.ShareAtOnce(NodeFile.Database(data.Path)));
                return measured;
            }
            var pairs = await Pairs.RunAsync(pace, Subject, window => Task.Factory.StartNew(
                () => bare.Run(Math.Max(1, (int)batches[^1]), atOnce[^1], window), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            report.Add(pairs.Figures($"{submitters} submitters", "job", new Promise.AtLeast(least, AimFor: 30_000), new Promise.AtLeast(0.5)));
            report.Add(new Figure($"{submitters} submitters, batch", Spread.Of(batches), "jobs/transaction"));
            report.Add(new Figure($"{submitters} submitters, started at once", Spread.Of(atOnce), "share"));
        }
    }
}
