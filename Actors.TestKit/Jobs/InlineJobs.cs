using ActorPerf.Tasks;

namespace ActorPerf.TestKit;

/// <summary>Jobs that run inside the call that submits them: when <see cref="TestJobs.SubmitAsync"/> returns, the job has run, with its retries, and with
/// the jobs that it submitted. A task's error is no exception but the outcome of its job.</summary>
/// <remarks>A job with a time to wait for waits for <see cref="TestJobs.AdvanceAsync"/>.</remarks>
/// <param name="tasks">What can be run.</param>
/// <param name="options">Null: the defaults.</param>
public sealed class InlineJobs(ITaskCatalog tasks, TestJobOptions? options = null) : TestJobs(tasks, options)
{
    private protected override Task ReadyAsync(CancellationToken ct) => RunAllAsync(ct);
}
