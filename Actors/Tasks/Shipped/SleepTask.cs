namespace ActorPerf.Tasks.Shipped;

/// <param name="Duration">How long to wait.</param>
public sealed record SleepArgs([property: DurationRange("0s", "1d")] TimeSpan Duration);

/// <summary>Waits without holding a thread, as a call to another service would; answers the seconds waited.</summary>
[ComputeTask("sleep", Summary = "Waits for a duration without holding a thread; answers its seconds.", Queue = "io")]
public sealed class SleepTask(TimeProvider time) : IComputeTask<SleepArgs, double>
{
    public async ValueTask<double> RunAsync(SleepArgs args, TaskContext context, CancellationToken ct)
    {
        await Task.Delay(args.Duration, time, ct);
        return args.Duration.TotalSeconds;
    }
}
