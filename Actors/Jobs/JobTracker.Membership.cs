using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <content>Membership: an incarnation that is over runs nothing, and the leader gives the runs of the dead to others.</content>
internal sealed partial class JobTracker
{
    private const int ReapLimit = 1_000;

    private NodeNews.Living? _living;

    private void HearOfMembership()
    {
        Receive<NodeNews.Fenced>(Fenced);
        Receive<NodeNews.Rejoined>(Rejoined);
        Receive<NodeNews.Leads>(_ => Sweep());
        Receive<NodeNews.Living>(Reap);
        Receive<NodeNews>(_ => { });
    }

    /// <summary>What runs is stopped and handed back; where that comes too late the store refuses it, and the reaper has been there.</summary>
    private void Fenced(NodeNews.Fenced fenced)
    {
        _parts.Fence = fenced.Reason;
        _log.StoppedByFence(_parts.Running.Count);
        HandAllBack();
    }

    private void Rejoined(NodeNews.Rejoined rejoined)
    {
        (_parts.Incarnation, _parts.Fence) = (new Incarnation(rejoined.Incarnation), null);
        foreach (var queue in _parts.Dispatchers.Keys) Arrived(queue, SweepLimit);
    }

    private void Reap(NodeNews.Living living)
    {
        if (!_parts.Leadership.Leads) return;
        _living = living;
        _store.TryPost(new JobWrite.Reap([.. living.Incarnations.Select(incarnation => new Incarnation(incarnation))], ReapLimit) { Before = living.Before });
    }

    private void Reaped(JobWrite.Reap reap)
    {
        foreach (var job in reap.Moved) Moved(job, JobState.Running);
        if (reap.Moved.Count > 0) _log.Reaped(reap.Moved.Count);
        if (reap.Moved.Count >= ReapLimit && _living is { } living) Reap(living);
    }
}
