using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;

namespace ActorPerf.Tasks.Shipped;

/// <param name="Steps">How many steps the work has.</param>
/// <param name="Delay">How long a step takes.</param>
public sealed record ProgressArgs([property: Range(1, 10_000)] int Steps, [property: DurationRange("0s", "1h")] TimeSpan Delay);

/// <summary>Says after every step how far it is, and keeps it: should this run be lost, the next goes on behind it. Answers the number of steps.</summary>
[ComputeTask("progress", Summary = "Works in steps, reports each, and goes on where a run before it stopped; answers the number of steps.")]
public sealed class ProgressTask(TimeProvider time) : IComputeTask<ProgressArgs, int>
{
    public async ValueTask<int> RunAsync(ProgressArgs args, TaskContext context, CancellationToken ct)
    {
        var done = context.Checkpoint is { } kept && Utf8Parser.TryParse(kept.Span, out int last, out _) ? last : 0;
        if (done > 0) context.Log($"goes on behind step {done}");
        for (var step = done + 1; step <= args.Steps; step++)
        {
            if (args.Delay > TimeSpan.Zero) await Task.Delay(args.Delay, time, ct);
            ct.ThrowIfCancellationRequested();
            context.Progress(100.0 * step / args.Steps, $"step {step} of {args.Steps}");
            context.SaveCheckpoint(Encoding.UTF8.GetBytes(step.ToString(CultureInfo.InvariantCulture)));
        }
        context.Log($"{args.Steps} steps done");
        return args.Steps;
    }
}
