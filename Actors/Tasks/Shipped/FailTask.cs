using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Tasks.Shipped;

/// <param name="Message">What the error says.</param>
/// <param name="Times">How many attempts fail; null: all.</param>
public sealed record FailArgs(
    [property: StringLength(1_000)] string Message = "This task was asked to fail.", [property: Range(0, 1_000)] int? Times = null);

/// <summary>Fails, to see retries and errors at work; answers the attempt that succeeded.</summary>
[ComputeTask("fail", Summary = "Fails its first attempts, or all; answers the number of the attempt that succeeded.")]
public sealed class FailTask : IComputeTask<FailArgs, int>
{
    public ValueTask<int> RunAsync(FailArgs args, TaskContext context, CancellationToken ct) =>
        args.Times is { } times && context.Attempt > times ? new(context.Attempt) : throw new InvalidOperationException(args.Message);
}
