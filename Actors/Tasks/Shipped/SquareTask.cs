namespace ActorPerf.Tasks.Shipped;

/// <param name="N">What to multiply by itself.</param>
/// <param name="Delay">How long the work takes.</param>
public sealed record SquareArgs(long N, [property: DurationRange("0s", "1h")] TimeSpan Delay = default);

/// <summary>The memoised slow function of the tour: n·n after a delay.</summary>
/// <remarks>The product of two 64-bit numbers needs up to 127 bits, so the result is one of 128: it cannot overflow.</remarks>
[ComputeTask("square", Summary = "n·n after a delay; remembered for five minutes.", Memoize = "5m")]
public sealed class SquareTask(TimeProvider time) : IComputeTask<SquareArgs, Int128>
{
    public async ValueTask<Int128> RunAsync(SquareArgs args, TaskContext context, CancellationToken ct)
    {
        if (args.Delay > TimeSpan.Zero) await Task.Delay(args.Delay, time, ct);
        return (Int128)args.N * args.N;
    }
}
