using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The front door to graphs of jobs. Another namespace's workflow is absent, not an error; exceptions as of <see cref="IJobs"/>.</summary>
public interface IWorkflows
{
    /// <summary>Checks the graph and every job of it, and makes all of it durable in one transaction, or nothing.</summary>
    ValueTask<WorkflowOutcome> SubmitAsync(WorkflowSubmission submission, CancellationToken ct);

    /// <summary>The workflow as it is now, with its jobs; results are left out. Null where there is none.</summary>
    ValueTask<WorkflowView?> GetAsync(Namespace ns, WorkflowId id, CancellationToken ct);

    /// <summary>A page, newest first.</summary>
    /// <param name="before">Older than this one (<see cref="WorkflowRow.Seq"/>); null: from the newest.</param>
    /// <param name="limit">1 to 500.</param>
    ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct);

    /// <summary>Cancels every job that is not final, in one transaction: what waits ends, what runs is asked to stop. Repeats are harmless; null where there is none.</summary>
    ValueTask<WorkflowOutcome?> CancelAsync(Namespace ns, WorkflowId id, CancellationToken ct);

    /// <summary>Makes a new workflow of one whose jobs are all final: what succeeded is kept, with its results; everything else becomes a new job, as
    /// it was submitted. Null where there is none. Jobs that were deleted since are not in it.</summary>
    /// <param name="idempotencyKey">Repeats with the same key within 24 hours make one workflow; null: each call makes one.</param>
    ValueTask<WorkflowOutcome?> RerunAsync(Namespace ns, WorkflowId id, string? idempotencyKey, CancellationToken ct);
}

/// <summary>What became of a request about a workflow.</summary>
public abstract record WorkflowOutcome
{
    private WorkflowOutcome()
    {
    }

    /// <summary>Done and durable; the workflow as it is now.</summary>
    public sealed record Done(WorkflowView Workflow) : WorkflowOutcome;

    /// <summary>The same <c>Idempotency-Key</c> and graph came before; this is the workflow it made.</summary>
    public sealed record Replayed(WorkflowView Workflow) : WorkflowOutcome;

    public sealed record Refused(Refusal Refusal) : WorkflowOutcome;
}
