using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>No workflow at all.</summary>
internal sealed class FakeWorkflows : IWorkflows
{
    public ValueTask<WorkflowOutcome> SubmitAsync(WorkflowSubmission submission, CancellationToken ct) =>
        ValueTask.FromResult<WorkflowOutcome>(new WorkflowOutcome.Refused(new Refusal("busy", "Not now.")));

    public ValueTask<WorkflowView?> GetAsync(Namespace ns, WorkflowId id, CancellationToken ct) => ValueTask.FromResult<WorkflowView?>(null);

    public ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct) => ValueTask.FromResult(new WorkflowPage([], null));

    public ValueTask<WorkflowOutcome?> CancelAsync(Namespace ns, WorkflowId id, CancellationToken ct) => ValueTask.FromResult<WorkflowOutcome?>(null);

    public ValueTask<WorkflowOutcome?> RerunAsync(Namespace ns, WorkflowId id, string? idempotencyKey, CancellationToken ct) => ValueTask.FromResult<WorkflowOutcome?>(null);
}
