namespace ActorPerf.Tasks;

/// <summary>A named function that a node can run, for jobs and for <c>/compute</c> alike. Found by its <see cref="ComputeTaskAttribute"/>.</summary>
/// <typeparam name="TArgs">Read from the caller's JSON: required and non-nullable members must be there, unknown members are refused.</typeparam>
/// <typeparam name="TResult">Written as JSON; at most 4 MiB unless configured otherwise.</typeparam>
/// <remarks>One instance per attempt, made by dependency injection with a scope of its own.</remarks>
public interface IComputeTask<in TArgs, TResult>
{
    /// <summary>Computes one result. Runs at least once per job, perhaps again after a lost node: <see cref="TaskContext.Attempt"/> tells.</summary>
    /// <param name="args">The checked arguments.</param>
    /// <param name="context">Whose call this is; progress and log lines go there.</param>
    /// <param name="ct">Cancelled by the caller, the time-out, or a node that must give the attempt up. Stop soon: after 30 s the routee is abandoned.</param>
    /// <exception cref="NonRetryableException">Another attempt would not help.</exception>
    ValueTask<TResult> RunAsync(TArgs args, TaskContext context, CancellationToken ct);
}
