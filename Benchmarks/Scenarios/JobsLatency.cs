using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How long one job takes on an idle node: submitted, committed, claimed, run, committed, answered.</summary>
internal sealed class JobsLatency : IScenario
{
    private const int WarmUp = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Name => "jobs-latency";

    public string Promises => "idle node, one job at a time, Prefer: wait: p50 under 1 ms, p99 under 5 ms";

    public async Task RunAsync(Pace pace, Report report)
    {
        var samples = pace.Scale(3_000);
        await OverHttpAsync(samples, report);
        await InProcessAsync(samples, report);
    }

    private static async Task OverHttpAsync(int samples, Report report)
    {
        using var data = new DataFolder();
        await using var node = await NodeProcess.StartAsync(data.Path);
        using var connection = await HttpConnection.ConnectAsync(node.Node);
        var request = HttpConnection.Request("POST", "/api/v1/jobs", """{"task": "noop"}""", "Prefer: wait=10\r\n");
        var times = await SampleAsync(samples, async () =>
        {
            var answer = await connection.ExchangeAsync(request);
            if (answer.Status != 200) throw new InvalidOperationException($"{answer.Status} in place of 200: {answer.Text}");
        });
        report.Add(new Figure("over HTTP, p50", Spread.Of(Spread.Percentile(times, 50)), "ms") { Promised = new Promise.Under(1) });
        report.Add(new Figure("over HTTP, p99", Spread.Of(Spread.Percentile(times, 99)), "ms") { Promised = new Promise.Under(5) });
    }

    private static async Task InProcessAsync(int samples, Report report)
    {
        using var data = new DataFolder();
        await using var node = await NodeInProcess.StartAsync(data.Path);
        var times = await SampleAsync(samples, async () =>
        {
            var accepted = (SubmitOutcome.Accepted)await node.Jobs.SubmitAsync(JobLoad.Noop(), CancellationToken.None);
            var job = await node.Jobs.WaitFinishedAsync(Namespace.Default, accepted.Job.Row.Id, Patience, CancellationToken.None);
            if (job?.Row.State != JobState.Succeeded) throw new InvalidOperationException($"The job is {job?.Row.State} after {Patience}.");
        });
        report.Add(new Figure("in process, p50", Spread.Of(Spread.Percentile(times, 50)), "ms"));
        report.Add(new Figure("in process, p99", Spread.Of(Spread.Percentile(times, 99)), "ms"));
    }

    private static async Task<double[]> SampleAsync(int samples, Func<Task> one)
    {
        for (var i = 0; i < Math.Min(WarmUp, samples); i++) await one();
        var times = new double[samples];
        for (var i = 0; i < samples; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await one();
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        return times;
    }
}
