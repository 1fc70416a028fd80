using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Tasks.Shipped;

/// <param name="Steps">How many steps the work has.</param>
/// <param name="Delay">How long a step takes.</param>
public sealed record ProgressArgs([property: Range(1, 10_000)] int Steps, [property: DurationRange("0s", "1h")] TimeSpan Delay);

/// <summary>Says after every step how far it is; answers the number of steps.</summary>
[ComputeTask("progress", Summary = "Works in steps and reports each; answers the number of steps.")]
public sealed class ProgressTask(TimeProvider time) : IComputeTask<ProgressArgs, int>
{
    public async ValueTask<int> RunAsync(ProgressArgs args, TaskContext context, CancellationToken ct)
    {
        for (var step = 1; step <= args.Steps; step++)
        {
            if (args.Delay > TimeSpan.Zero) await Task.Delay(args.Delay, time, ct);
            ct.ThrowIfCancellationRequested();
            context.Progress(100.0 * step / args.Steps, $"step {step} of {args.Steps}");
        }
        context.Log($"{args.Steps} steps done");
        return args.Steps;
    }
}
