using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <content>Jobs that wait for others.</content>
internal sealed partial class MemoryJobStore : IWorkflowStore
{
    private MemoryGraph Edges => field ??= new MemoryGraph(this);

    private JobGraph Graph => field ??= new JobGraph(Edges);

    ValueTask<WorkflowView?> IWorkflowStore.ReadAsync(Namespace ns, WorkflowId id, CancellationToken ct)
    {
        lock (_gate) return new(Edges.View(ns, id));
    }

    ValueTask<WorkflowPage> IWorkflowStore.ListAsync(Namespace ns, long? before, int limit, CancellationToken ct)
    {
        lock (_gate) return new(Edges.Page(ns, before, limit));
    }

    internal Job? FindBySeq(long seq) => _jobs.TryGetValue(seq, out var entry) ? entry.Job : null;

    internal JobRow? FindRow(Namespace ns, JobId id) => Find(ns, id)?.Job.Row;

    internal void SetArgs(long seq, ReadOnlyMemory<byte> args) => _jobs[seq].Job = _jobs[seq].Job with { Args = args };

    internal Job? Apply(Job job, JobCommand command)
    {
        var entry = _jobs[job.Row.Seq];
        if (JobRules.Decide(entry.Job.Row, command, _now) is not JobDecision.Moved moved) return null;
        Move(entry, moved, _now);
        return entry.Job;
    }

    private SubmitOutcome InsertDependent(NewJob job, List<(Job Job, JobState? From)> followed, DateTimeOffset now)
    {
        if (Find(job.Row.Namespace, job.Row.Id) is not null) return Insert(job with { DependsOn = [] }, followed, now);
        if (Graph.Plan(job, out var refusal) is not { } plan) return new SubmitOutcome.Refused(refusal!);
        var outcome = Insert(job with { Args = plan.Args ?? job.Args, DependsOn = [], Row = job.Row with { Parents = plan.Parents.Count } }, followed, now, plan.Waits);
        if (outcome is not SubmitOutcome.Accepted accepted) return outcome;
        Graph.Planned(accepted.Job.Row, plan);
        return new SubmitOutcome.Accepted(accepted.Job with { DependsOn = job.DependsOn });
    }

    private void Park(JobWrite.Change change, JobRow parent, DateTimeOffset now)
    {
        var children = new List<(JobRow, string?)>(change.Children.Count);
        foreach (var child in change.Children)
        {
            if (Insert(child with { Row = child.Row with { Parent = parent.Id } }, change.Followed, now) is not SubmitOutcome.Accepted accepted) continue;
            children.Add((accepted.Job.Row, child.ChildName));
            change.Followed.Add((accepted.Job, null));
        }
        Graph.Parked(parent, children);
        if (children.Count == 0 && Apply(_jobs[parent.Seq].Job, new JobCommand.Unhold(JobState.Queued, "it named no children")) is { } queued)
            change.Followed.Add((queued, JobState.Held));
    }

    private Job Started(Entry entry, JobRow was) => was.Excused == 0 ? entry.Job : entry.Job with { Children = Graph.ChildrenOf(was) };

    private void Stop(JobWrite.StopWorkflow stop)
    {
        stop.Found = Edges.Workflow(stop.Namespace, stop.Id.ToString()) is not null;
        if (stop.Found) Graph.Stop(stop.Namespace, stop.Id.ToString(), null, stop.Followed);
    }
}
