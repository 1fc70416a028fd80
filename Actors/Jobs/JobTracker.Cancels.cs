namespace ActorPerf.Jobs;

/// <content>Cancels: waiting jobs end in the commit, running code is told to stop after it.</content>
internal sealed partial class JobTracker
{
    private void Cancel(TrackerCommand.Cancel cancel)
    {
        var write = new JobWrite.Change(cancel.Namespace, cancel.Id, new JobCommand.Cancel());
        _pending.Add(write, cancel);
        if (_store.TryPost(write)) return;
        _pending.Remove(write);
        cancel.Reply.TrySetResult(new JobOutcome.Refused(JobRefusals.Busy));
    }

    private void StopWorkflow(TrackerCommand.StopWorkflow stop)
    {
        var write = new JobWrite.StopWorkflow(stop.Namespace, stop.Id);
        _pending.Add(write, stop);
        if (_store.TryPost(write)) return;
        _pending.Remove(write);
        stop.Reply.TrySetResult(null);
    }

    private void Cancelled(JobWrite.Change change, TrackerCommand.Cancel cancel)
    {
        if (change.Now is { Row.State: JobState.Cancelling } now && _parts.Running.Of(now) is { } attempt)
        {
            attempt.Job = now;
            attempt.Stop();
        }
        cancel.Reply.TrySetResult(change.Decision switch
        {
            null => null,
            JobDecision.Refused refused => new JobOutcome.Refused(refused.Refusal),
            _ => new JobOutcome.Done(_parts.Running.WithProgress(change.Now!)),
        });
    }
}
