using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <content>Jobs that wait for others.</content>
internal sealed partial class SqliteJobWriter
{
    private readonly SqliteGraphRows _edges;
    private readonly JobGraph _graph;

    /// <summary>Decides and stores; null when the rules leave the job as it is.</summary>
    internal Job? Apply(Job job, JobCommand command) =>
        JobRules.Decide(job.Row, command, _now) is JobDecision.Moved moved && Store(job.Row, moved) is { } next ? job with { Row = next } : null;

    /// <summary>Stores a job that depends on others.</summary>
    private SubmitOutcome InsertDependent(NewJob job, JobWrite.Claim? atOnce, List<(Job Job, JobState? From)> followed)
    {
        if (Find(job.Row.Namespace, job.Row.Id) is not null) return Existing(job.Row);
        if (_graph.Plan(job, out var refusal) is not { } plan) return new SubmitOutcome.Refused(refusal!);
        var outcome = Insert((plan.Args is { } args ? job.With(args) : job) with { DependsOn = [] }, atOnce, followed, plan.Waits);
        if (outcome is not SubmitOutcome.Accepted accepted) return outcome;
        var row = accepted.Job.Row with { Parents = job.DependsOn.Count };
        _session["UPDATE job SET parents = ? WHERE seq = ?"].Bind((long)row.Parents).Bind(row.Seq).Run();
        _graph.Planned(row, plan);
        if (atOnce?.Taken is [.., var last] && last.Row.Seq == row.Seq) atOnce.Taken[^1] = last with { Row = last.Row with { Parents = row.Parents } };
        return new SubmitOutcome.Accepted(accepted.Job with { Row = row, DependsOn = job.DependsOn });
    }

    /// <summary>A run was set aside: its children are stored, or those of its earlier try are found.</summary>
    private void Park(JobWrite.Change change, JobRow parent)
    {
        var children = new List<(JobRow, string?)>(change.Children.Count);
        foreach (var child in change.Children)
        {
            var outcome = Insert(child with { Row = child.Row with { Parent = parent.Id } }, null, change.Followed);
            if (outcome is not SubmitOutcome.Accepted accepted) continue;
            _session["UPDATE job SET parent = ? WHERE seq = ?"].Bind(parent.Id.Value).Bind(accepted.Job.Row.Seq).Run();
            children.Add((accepted.Job.Row, child.ChildName));
            change.Followed.Add((accepted.Job, null));
        }
        _graph.Parked(parent, children);
        if (children.Count == 0 && FindBySeq(parent.Seq) is { } job && Apply(job, new JobCommand.Unhold(JobState.Queued, "it named no children")) is { } queued)
            change.Followed.Add((queued, JobState.Held));
    }

    /// <summary>Of a job about to run; a run that waited for children was excused.</summary>
    private IReadOnlyList<ChildOutcome> Children(JobRow row) => row.Excused == 0 ? [] : _graph.ChildrenOf(row);

    private void Stop(JobWrite.StopWorkflow stop)
    {
        stop.Found = _edges.Workflow(stop.Namespace, stop.Id.ToString()) is not null;
        if (stop.Found) _graph.Stop(stop.Namespace, stop.Id.ToString(), null, stop.Followed);
    }
}
