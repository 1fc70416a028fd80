using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Benchmarks.Tasks;
using ActorPerf.Jobs;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What limits cost: many jobs under many limit keys, against the same jobs without keys on a node without limits.</summary>
internal sealed class JobsLimits : IScenario
{
    private const int Keys = 1_000;
    private const int Jobs = 100_000;
    private const int Batch = 1_000;
    private const int KeyConcurrency = 2;

    public string Name => "jobs-limits";

    public string Promises => "100,000 no-op jobs under 1,000 limit keys of two at once, keys in turns and in runs of a hundred: 0.5 of the rate of jobs without limits";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var limited = new DataFolder();
        using var open = new DataFolder();
        var jobs = pace.Scale(Jobs);
        await using var subject = await NodeInProcess.StartAsync(limited.Path, $"actorperf.queues.{NoopTask.Name}.key-concurrency = {KeyConcurrency}");
        await using var limit = await NodeInProcess.StartAsync(open.Path);
        await ComparedAsync("keys in turns", i => i % Keys);
        await ComparedAsync("keys in runs of 100", i => i / 100 % Keys);

        async Task ComparedAsync(string name, Func<int, int> keyOf)
        {
            var pairs = await Pairs.RunAsync(pace, Math.Max(1, pace.Pairs / 2),
                () => MeasureAsync(subject.Jobs, jobs, i => $"key-{keyOf(i)}"), () => MeasureAsync(limit.Jobs, jobs, _ => null));
            report.Add(pairs.Figures(name, "job", null, new Promise.AtLeast(0.5), new Promise.AtLeast(0.5)));
        }
    }

    /// <summary>Submits all in batches, and stops the clock when the last result is durable.</summary>
    private static async Task<Measurement> MeasureAsync(IJobs jobs, int count, Func<int, string?> keyOf)
    {
        var before = await JobLoad.SucceededAsync(jobs);
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < count; first += Batch)
        {
            var batch = Enumerable.Range(first, Math.Min(Batch, count - first)).Select(i => JobLoad.Noop() with { LimitKey = keyOf(i) }).ToArray();
            foreach (var outcome in await jobs.SubmitManyAsync(batch, atomic: false, CancellationToken.None))
                if (outcome is not SubmitOutcome.Accepted) throw new InvalidOperationException("A no-op job was not accepted; the figure would be wrong.");
        }
        while (await JobLoad.SucceededAsync(jobs) - before < count) await Task.Delay(5);
        return new Measurement(count, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }
}
