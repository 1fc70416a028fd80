using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Tasks;

/// <summary>Does nothing: what is left is the cost of a job.</summary>
[ComputeTask(Name, Summary = "Does nothing.", Queue = Name)]
public sealed class NoopTask : IComputeTask<NoArgs, int>
{
    public const string Name = "noop";

    public ValueTask<int> RunAsync(NoArgs args, TaskContext context, CancellationToken ct) => new(0);
}
