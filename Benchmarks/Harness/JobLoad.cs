using System.Diagnostics;
using ActorPerf.Benchmarks.Tasks;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>No-op jobs through <see cref="IJobs"/>: each submitter awaits the durable submit and submits the next.</summary>
internal static class JobLoad
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    /// <summary>Submits for a time, then waits until the last result is durable; that wait counts.</summary>
    public static async Task<Measurement> RunAsync(IJobs jobs, int submitters, TimeSpan window)
    {
        var before = await SucceededAsync(jobs);
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var loops = new Task<long>[submitters];
        for (var i = 0; i < submitters; i++) loops[i] = Task.Run(() => SubmitAsync(jobs, started, window));
        var submitted = (await Task.WhenAll(loops)).Sum();
        while (await SucceededAsync(jobs) - before < submitted) await Task.Delay(Look);
        return new Measurement(submitted, Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    public static Submission Noop() => new() { Namespace = Namespace.Default, Task = NoopTask.Name };

    /// <summary>No-op jobs whose result is durable.</summary>
    public static async Task<long> SucceededAsync(IJobs jobs) =>
        (await jobs.CountsAsync(Namespace.Default, CancellationToken.None))
            .Where(count => count.State == JobState.Succeeded && count.Queue == NoopTask.Name).Sum(count => count.Count);

    private static async Task<long> SubmitAsync(IJobs jobs, long started, TimeSpan window)
    {
        long submitted = 0;
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            if (await jobs.SubmitAsync(Noop(), CancellationToken.None) is not SubmitOutcome.Accepted)
                throw new InvalidOperationException("A no-op job was not accepted; the figure would be wrong.");
            submitted++;
        }
        return submitted;
    }
}
