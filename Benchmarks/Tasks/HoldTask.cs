using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Tasks;

/// <summary>Runs until it is told to stop.</summary>
[ComputeTask(Name, Summary = "Runs until it is told to stop.", Queue = Name)]
public sealed class HoldTask(TimeProvider time) : IComputeTask<NoArgs, int>
{
    public const string Name = "hold";

    public async ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
        return 0;
    }
}
