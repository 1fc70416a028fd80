using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Tasks;

/// <summary>Takes 20 ms and no processor: what is left is how many run at a time.</summary>
[ComputeTask(Name, Summary = "Waits 20 ms.", Queue = Name)]
public sealed class PauseTask(TimeProvider time) : IComputeTask<NoArgs, int>
{
    public const string Name = "pause";

    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(20);

    public async ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct)
    {
        await Task.Delay(Length, time, ct);
        return 0;
    }
}
