using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Benchmarks.Tasks;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>More nodes, more routees, more work done; and how soon a node hears of what another did.</summary>
internal sealed class JobsNodes : IScenario
{
    private const int Routees = 16;
    private const int Seconds = 4;
    private const string Pool = "akka.actor.deployment { /compute/pause { router = smallest-mailbox-pool, nr-of-instances = 16 } }";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);
    private static readonly double Most = Routees / PauseTask.Length.TotalSeconds;       // jobs a second that one node's pool can do

    public string Name => "jobs-nodes";

    public string Promises => "tasks of 20 ms without processor on 1, 2 and 3 nodes of 16 routees over one SQLite file: the rate beside that of all routees busy; a waiter on another node is woken within 50 ms (median)";

    public async Task RunAsync(Pace pace, Report report)
    {
        for (var count = 1; count <= 3; count++)
        {
            using var data = new DataFolder();
            await using var nodes = await NodesInProcess.StartAsync(data.Path, count, Pool);
            await WorkAsync(nodes, (int)(Most * count));
            var rates = new List<double>();
            for (var round = 0; round < pace.Pairs; round++) rates.Add(await WorkAsync(nodes, pace.Scale((int)(Most * Seconds * count))));
            var (rate, limit) = (Spread.Of(rates), Spread.Of(Most * count));
            report.Add(new Figure(count == 1 ? "1 node" : $"{count} nodes", rate, "jobs/s")
            {
                Limit = limit,
                Ratio = new Spread(rate.Median / limit.Median, rate.Min / limit.Median, rate.Max / limit.Median),
            });
            if (count == 3) await WakesAsync(nodes, pace, report);
        }
    }

    /// <summary>Hands the same number to every node and waits until the last result is durable; jobs a second.</summary>
    private static async Task<double> WorkAsync(NodesInProcess nodes, int jobs)
    {
        var first = nodes.Nodes[0].Jobs;
        var before = await SucceededAsync(first);
        var started = Stopwatch.GetTimestamp();
        var each = jobs / nodes.Nodes.Count;
        await Task.WhenAll(nodes.Nodes.Select(node => SubmitAsync(node.Jobs, each)));
        while (await SucceededAsync(first) - before < each * nodes.Nodes.Count) await Task.Delay(Look);
        return each * nodes.Nodes.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task SubmitAsync(IJobs jobs, int count)
    {
        var pause = new Submission { Namespace = Namespace.Default, Task = PauseTask.Name };
        foreach (var chunk in Enumerable.Repeat(pause, count).Chunk(500)) await jobs.SubmitManyAsync(chunk, atomic: false, CancellationToken.None);
    }

    /// <summary>One job at a time on the first node, waited for on the last.</summary>
    private static async Task WakesAsync(NodesInProcess nodes, Pace pace, Report report)
    {
        var (near, far) = (nodes.Nodes[0].Jobs, nodes.Nodes[^1].Jobs);
        var late = new List<double>();
        for (var i = 0; i < pace.Scale(200); i++)
        {
            var job = ((SubmitOutcome.Accepted)await near.SubmitAsync(new Submission { Namespace = Namespace.Default, Task = PauseTask.Name }, CancellationToken.None)).Job;
            var done = await far.WaitFinishedAsync(Namespace.Default, job.Row.Id, TimeSpan.FromSeconds(30), CancellationToken.None);
            late.Add((TimeProvider.System.GetUtcNow() - done!.Row.FinishedAt!.Value).TotalMilliseconds);
        }
        report.Add(new Figure("woken on another node after the end, median", Spread.Of(Spread.Percentile(late, 50)), "ms") { Promised = new Promise.Under(50) });
        report.Add(new Figure("woken on another node after the end, 99 of 100", Spread.Of(Spread.Percentile(late, 99)), "ms"));
    }

    private static async Task<long> SucceededAsync(IJobs jobs) =>
        (await jobs.CountsAsync(Namespace.Default, CancellationToken.None)).Where(count => count is { State: JobState.Succeeded, Queue: PauseTask.Name }).Sum(count => count.Count);
}
