using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>Limits: settings of queues, and dispatchers woken when a limit lets more of their line start.</content>
internal sealed partial class JobTracker
{
    private void SetQueue(TrackerCommand.SetQueue set)
    {
        var write = new JobWrite.SetQueue(set.Queue, set.Change);
        _pending.Add(write, set);
        if (_store.TryPost(write)) return;
        _pending.Remove(write);
        TurnAway(set.Reply, JobRefusals.Busy);
    }

    private void QueueSet(JobWrite.SetQueue write, TrackerCommand.SetQueue? set)
    {
        _parts.Flow.Store(write.Queue, write.Now);
        set?.Reply.TrySetResult(null);
    }

    /// <summary>Each place is one job's; who finds more behind it goes on by itself.</summary>
    private void WakeAll(IReadOnlyList<string> queues)
    {
        foreach (var queue in queues) Arrived(queue, 1);
    }

    private void LookAgain(string queue, DateTimeOffset at)
    {
        var wait = at - _parts.Time.GetUtcNow();
        if (wait <= TimeSpan.Zero) Arrived(queue, SweepLimit);
        else Timers.StartSingleTimer(new Tick.Look(queue), new Tick.Look(queue), Shorter(wait));
    }
}
