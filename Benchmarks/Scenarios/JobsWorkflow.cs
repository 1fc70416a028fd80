using System.Diagnostics;
using ActorPerf.Benchmarks.Harness;
using ActorPerf.Benchmarks.Tasks;
using ActorPerf.Jobs;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Many small graphs: two jobs side by side and one that waits for both, until the last result is durable.</summary>
internal sealed class JobsWorkflow : IScenario
{
    private const int Jobs = 3;
    private const int Submitters = 256;

    public string Name => "jobs-workflow";

    public string Promises => "10,000 chords of three no-op jobs by 256 submitters, until the last result is durable: printed";

    public async Task RunAsync(Pace pace, Report report)
    {
        var chords = pace.Scale(10_000);
        using var data = new DataFolder();
        await using var node = await NodeInProcess.StartAsync(data.Path);
        await RunAsync(node, chords / 10);
        var measured = new List<Measurement>();
        for (var i = 0; i < 3; i++) measured.Add(await RunAsync(node, chords));
        report.Add(new Figure("submitted to durable result", Spread.Of(measured.Select(m => m.PerSecond)), "jobs/s"));
        report.Add(new Figure("processor", Spread.Of(measured.Select(m => m.Cpu)), "µs/job"));
        report.Add(new Figure("allocated", Spread.Of(measured.Select(m => m.Bytes)), "bytes/job"));
    }

    private static async Task<Measurement> RunAsync(NodeInProcess node, int chords)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var last = new JobId[chords];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Submitters).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < chords; i = Interlocked.Increment(ref next)) last[i] = await SubmitAsync(node);
        })));
        await node.Jobs.WhenAllAsync(ActorPerf.Tasks.Namespace.Default, last, CancellationToken.None);
        return new Measurement(chords * Jobs, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    private static async Task<JobId> SubmitAsync(NodeInProcess node)
    {
        var job = new Submission { Namespace = ActorPerf.Tasks.Namespace.Default, Task = NoopTask.Name };
        var outcome = await node.Runtime.Workflows.SubmitAsync(Workflow.Chord([job, job], job), CancellationToken.None);
        return outcome is WorkflowOutcome.Done(var made) ? made.Members[^1].Job.Row.Id : throw new InvalidOperationException($"A chord was not made: {outcome}");
    }
}
