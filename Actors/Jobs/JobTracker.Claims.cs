using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <content>Claims: a dispatcher asks for as many jobs as it holds permits; what the store gives it runs here from then on.</content>
internal sealed partial class JobTracker
{
    private void Claim(TrackerCommand.Claim claim)
    {
        if (_parts.MayRun)
        {
            var write = new JobWrite.Claim(claim.Queue, claim.Permits, _parts.Incarnation, _parts.NodeName) { Limits = _parts.Flow.Configured(claim.Queue) };
            _pending.Add(write, Sender);
            if (_store.TryPost(write)) return;
            _pending.Remove(write);
            // The store is full of other work: give the permits back, and look again soon.
            Timers.StartSingleTimer(claim.Queue, new Tick.Look(claim.Queue), BusyRetry);
        }
        Sender.Tell(new DispatcherCommand.Claimed(claim.Permits, []));
    }

    private void Arrived(string queue, int count)
    {
        if (_parts.Dispatchers.TryGetValue(queue, out var dispatcher)) dispatcher.Tell(new DispatcherCommand.Arrived(count));
    }

    private void Claimed(JobWrite.Claim claim, IActorRef? dispatcher)
    {
        foreach (var job in claim.Expired) Moved(job, JobState.Queued);
        var taken = new RunningAttempt[claim.Taken.Count];
        for (var i = 0; i < taken.Length; i++) taken[i] = Begin(claim.Taken[i]);
        if (claim.LookAgain is { } at) LookAgain(claim.Queue, at);
        // Last: nothing has started before it, so all of this may be repeated.
        dispatcher?.Tell(new DispatcherCommand.Claimed(claim.Count, MayStart(claim.Owner) ? taken : []));
    }

    /// <summary>A job stands as running here. One that comes while the node drains, or of an incarnation that is over, goes straight back. Repeatable until the attempt has started.</summary>
    private RunningAttempt Begin(Job job)
    {
        CrashPoints.Reach(CrashPoints.ClaimCommitted);
        if (_parts.Running.Of(job) is { } known) return known;
        _parts.Tasks.TryGet(job.Row.Task, out var task);
        var attempt = new RunningAttempt(job, task, Self, _parts.Time, _parts.MeterOf(job.Row.Task));
        if (_parts.Running.Add(attempt) is { Settled: false } earlier) GiveUp(earlier);
        Moved(job, JobState.Queued);
        if (!MayStart(attempt.Run.Owner)) Release(attempt);
        return attempt;
    }

    private bool MayStart(Incarnation owner) => _parts.Draining is null && _parts.Fence is null && owner == _parts.Incarnation;

    private void ClaimFailed(JobWrite.Claim claim, IActorRef dispatcher)
    {
        dispatcher.Tell(new DispatcherCommand.Claimed(claim.Count, []));
        Timers.StartSingleTimer(claim.Queue, new Tick.Look(claim.Queue), FailedRetry);
    }

    /// <summary>What was taken and could not be started stands as running; the comparison of rows finds it lost.</summary>
    private void ClaimGivenUp(JobWrite.Claim claim, IActorRef dispatcher)
    {
        foreach (var job in claim.Taken)
            if (_parts.Running.Of(job) is { } attempt) Forget(attempt);
        dispatcher.Tell(new DispatcherCommand.Claimed(claim.Count, []));
    }
}
