using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Tasks;

/// <param name="Key">Tells computations apart.</param>
public sealed record CountedArgs(int Key);

/// <summary>A slow memoised function that counts how often it really ran in this process.</summary>
[ComputeTask("counted", Summary = "Counts its runs.", Memoize = "5m")]
public sealed class CountedTask(TimeProvider time) : IComputeTask<CountedArgs, int>
{
    private static int runs;

    public static int Runs => Volatile.Read(ref runs);

    public async ValueTask<int> RunAsync(CountedArgs args, TaskContext context, CancellationToken ct)
    {
        Interlocked.Increment(ref runs);
        await Task.Delay(TimeSpan.FromMilliseconds(200), time, ct);
        return args.Key;
    }
}
