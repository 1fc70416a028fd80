using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <content>Cancels: waiting jobs end in the commit, running code is told to stop after it.</content>
internal sealed partial class JobTracker
{
    private void Cancel(TrackerCommand.Cancel cancel) =>
        Post(new JobWrite.Change(cancel.Namespace, cancel.Id, new JobCommand.Cancel()), cancel, cancel.Reply);

    private void StopWorkflow(TrackerCommand.StopWorkflow stop)
    {
        var write = new JobWrite.StopWorkflow(stop.Namespace, stop.Id);
        _pending.Add(write, stop);
        if (_store.TryPost(write)) return;
        _pending.Remove(write);
        TurnAway(stop.Reply, null);
    }

    private void Cancelled(JobWrite.Change change, TrackerCommand.Cancel cancel)
    {
        if (change.Now is { Row.State: JobState.Cancelling } now && _parts.Running.Of(now) is { } attempt)
        {
            CrashPoints.Reach(CrashPoints.CancelCommitted);
            attempt.StopIfCancelled(now);
        }
        cancel.Reply.TrySetResult(OutcomeOf(change));
    }
}
