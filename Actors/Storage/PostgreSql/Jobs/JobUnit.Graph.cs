using ActorPerf.Jobs;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Jobs that wait for others.</content>
internal sealed partial class JobUnit
{
    internal NpgsqlConnection Connection => _connection;

    /// <summary>A run was set aside: its children are stored, or those of its earlier try are found.</summary>
    private void Park(JobWrite.Change change, JobEntry parent)
    {
        var children = new List<(JobRow, string?)>(change.Children.Count);
        foreach (var child in change.Children)
        {
            var outcome = Insert(child, null, change.Followed, parent.Row.Id);
            if (outcome is not SubmitOutcome.Accepted accepted) continue;
            children.Add((accepted.Job.Row, child.ChildName));
            change.Followed.Add((accepted.Job, null));
        }
        _graph.Parked(parent.Row, children);
        if (children.Count == 0 && Apply(parent.Row.Seq, new JobCommand.Unhold(JobState.Queued, "it named no children")) is { } queued)
            change.Followed.Add((queued, JobState.Held));
    }

    private void Stop(JobWrite.StopWorkflow stop)
    {
        stop.Found = _edges.Workflow(stop.Namespace, stop.Id.ToString()) is not null;
        if (stop.Found) _graph.Stop(stop.Namespace, stop.Id.ToString(), null, stop.Followed);
    }
}
