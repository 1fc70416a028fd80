using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary><see cref="IWorkflows"/> over the tracker (changes) and the store (reads).</summary>
internal sealed class WorkflowService(IActorRef tracker, IWorkflowStore store, IJobAdmission admission, TimeProvider time, Func<bool> ended) : IWorkflows
{
    public async ValueTask<WorkflowOutcome> SubmitAsync(WorkflowSubmission submission, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return WorkflowPlan.Of(submission, admission, time.GetUtcNow(), out var plan) is { } refusal
            ? new WorkflowOutcome.Refused(refusal)
            : await StoreAsync(plan!, ct);
    }

    public ValueTask<WorkflowView?> GetAsync(Namespace ns, WorkflowId id, CancellationToken ct) => store.ReadAsync(ns, id, ct);

    public ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct) => store.ListAsync(ns, before, limit, ct);

    public async ValueTask<WorkflowOutcome?> CancelAsync(Namespace ns, WorkflowId id, CancellationToken ct)
    {
        if (ended()) throw Ended();
        var reply = new TaskCompletionSource<bool?>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(new TrackerCommand.StopWorkflow(ns, id, reply));
        if (await reply.Task.WaitAsync(ct) is not { } found) return new WorkflowOutcome.Refused(JobRefusals.Busy);
        return found ? await ReadAsync(ns, id, ct) : null;
    }

    public async ValueTask<WorkflowOutcome?> RerunAsync(Namespace ns, WorkflowId id, string? idempotencyKey, CancellationToken ct)
    {
        if (await store.ReadAsync(ns, id, ct) is not { } old) return null;
        if (old.Row.Done < old.Row.Total) return new WorkflowOutcome.Refused(WorkflowRefusals.NotFinished(id.ToString()));
        if (old.Row.State == "succeeded") return new WorkflowOutcome.Refused(WorkflowRefusals.NothingToRerun(id.ToString()));
        return WorkflowPlan.Again(old, idempotencyKey, admission, time.GetUtcNow(), out var plan) is { } refusal ? new WorkflowOutcome.Refused(refusal) : await StoreAsync(plan!, ct);
    }

    /// <summary>Not cancelled with the caller: what was handed over may become durable.</summary>
    private async ValueTask<WorkflowOutcome> StoreAsync(WorkflowPlan plan, CancellationToken ct)
    {
        if (ended()) throw Ended();
        var reply = new TaskCompletionSource<SubmitOutcome[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(new TrackerCommand.Submit(plan.Jobs, Atomic: true, reply) { Workflow = plan.Workflow });
        var outcomes = BatchConflicts.Named(plan.Jobs, await reply.Task, item => $"job '{NameOf(plan, item)}'");
        var ns = plan.Workflow.Namespace;
        if (outcomes[0] is SubmitOutcome.Replayed { Job.Row.Workflow: { } earlier } && WorkflowId.TryParse(earlier, out var known) && await store.ReadAsync(ns, known, ct) is { } same)
            return new WorkflowOutcome.Replayed(same);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i] is SubmitOutcome.Accepted || outcomes[i] is SubmitOutcome.Refused { Refusal.Code: var code } && code == JobRefusals.BatchRefused.Code) continue;
            var refusal = outcomes[i] is SubmitOutcome.Refused refused ? refused.Refusal : WorkflowRefusals.TakenJob(plan.Jobs[i].Row.Id);
            var at = WorkflowGraph.At(NameOf(plan, i));
            return new WorkflowOutcome.Refused(refusal with { Faults = [new FieldFault(at, refusal.Detail)] });
        }
        return await ReadAsync(ns, plan.Workflow.Id, ct);
    }

    private static string NameOf(WorkflowPlan plan, int job) => plan.Workflow.Members.First(member => member.Job == plan.Jobs[job].Row.Id).Name;

    private async ValueTask<WorkflowOutcome> ReadAsync(Namespace ns, WorkflowId id, CancellationToken ct) =>
        await store.ReadAsync(ns, id, ct) is { } view ? new WorkflowOutcome.Done(view) : new WorkflowOutcome.Refused(WorkflowRefusals.Unknown(id.ToString()));

    /// <summary>The actors are gone, and nobody would answer.</summary>
    private static StoreUnavailableException Ended() => new("The node has stopped.");
}
