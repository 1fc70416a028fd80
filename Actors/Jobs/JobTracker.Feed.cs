using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>Other nodes: what they wrote is learnt from the feed. Whatever is done about it looks at the store again, so it may come late, twice, or in another order.</content>
internal sealed partial class JobTracker
{
    private const int MaxLearnt = 10_000;

    private bool _storeAway;

    private void HearOfOthers()
    {
        Receive<FeedNews.Rows>(news => Heard(news.All));
        Receive<FeedNews.Gap>(_ => LookAtAll());
        Receive<TrackerCommand.Learnt>(learnt => Learnt(learnt.Jobs));
        Receive<TrackerCommand.Settings>(settings => SettingsRead(settings.Stored));
        Receive<TrackerCommand.Counted>(counted => Counted(counted.Counts));
        Receive<TrackerCommand.Unlearnt>(unlearnt => LookLater(unlearnt.Cause));
        Receive<TrackerCommand.Happened>(happened => _news.Tell(happened.Told));
        Receive<TrackerCommand.Missed>(_ => Missed());
    }

    private void Heard(IReadOnlyList<FeedRow> rows)
    {
        var digest = FeedDigest.Of(rows, _parts.Flow.IsOpen);
        foreach (var (queue, count) in digest.Arrived) Arrived(queue, count);
        if (digest.KeyFreed)
            foreach (var queue in _parts.Dispatchers.Keys) Arrived(queue, 1);
        foreach (var (queue, more) in digest.Waiting) _news.Count(queue, more);
        foreach (var (queue, count) in digest.Ended) _parts.Pace.Ended(queue, count);
        // Whoever made them due looks by itself; the leader does for a node that is gone.
        if (digest.Due is { } due) DueElsewhere(due);
        if (digest.QueuesChanged) ReadSettings();
        Learn(rows);
    }

    /// <summary>Reads the jobs that somebody here waits for, or that run here.</summary>
    private void Learn(IReadOnlyList<FeedRow> rows)
    {
        HashSet<(Namespace Namespace, JobId Id)>? concerned = null;
        foreach (var row in rows)
        {
            if (row.Job is not { } job) continue;
            var (ns, id) = (Namespace.FromStore(row.Namespace), new JobId(job.Id));
            if (_parts.Waiters.Holds(ns, id) || _parts.Running.Holds(ns, id)) (concerned ??= []).Add((ns, id));
        }
        if (concerned is not null) Learn(concerned);
    }

    private void Learn(IEnumerable<(Namespace Namespace, JobId Id)> jobs)
    {
        foreach (var of in jobs.GroupBy(job => job.Namespace, job => job.Id))
            foreach (var ids in of.Chunk(MaxLearnt))
                _ = _store.ReadManyAsync(of.Key, ids, CancellationToken.None).PipeTo(Self, success: found => new TrackerCommand.Learnt(found), failure: Unlearnt);
    }

    private void Learnt(IReadOnlyList<Job?> jobs)
    {
        foreach (var job in jobs)
        {
            if (job is null) continue;
            _parts.Waiters.Tell(job);
            if (_parts.Running.Find(job.Row.Namespace, job.Row.Id) is { } attempt) Overruled(attempt, job);
        }
    }

    /// <summary>Another node changed the row of a run of this one: it was asked to stop, or the row is no longer its own.</summary>
    private void Overruled(RunningAttempt attempt, Job now)
    {
        // What was read before this very run began says nothing about it.
        if (attempt.Settled || now.Row.Version <= attempt.Job.Row.Version) return;
        if (attempt.Run == now.Row.Run) attempt.Job = now;
        else _log.Disowned(now.Row.Namespace.Name, now.Row.Id, attempt.Run.Attempt);
        if (attempt.Run != now.Row.Run || now.Row.State == JobState.Cancelling) attempt.Stop();
    }

    /// <summary>Not all that others did can be heard of any more.</summary>
    private void LookAtAll()
    {
        foreach (var queue in _parts.Dispatchers.Keys) Arrived(queue, SweepLimit);
        if (!_storeAway) Sweep();
        ReadSettings();
        Recount();
        Learn(_parts.Waiters.Jobs.Concat(_parts.Running.All.Select(attempt => (attempt.Job.Row.Namespace, attempt.Job.Row.Id))).Distinct());
    }

    private void ReadSettings() => _ = _store.ReadQueueSettingsAsync(CancellationToken.None).PipeTo(Self, success: stored => new TrackerCommand.Settings(stored), failure: Unlearnt);

    private void SettingsRead(IReadOnlyDictionary<string, QueueOverrides> stored)
    {
        _parts.Flow.Store(stored);
        // One may have been opened, or given more room.
        foreach (var queue in _parts.Dispatchers.Keys) Arrived(queue, SweepLimit);
    }

    /// <summary>Sums of what others told drift: a job may have been moved between queues, or rows deleted before they were read.</summary>
    private void Recount()
    {
        if (_parts.IsShared) _ = _store.CountAsync(null, CancellationToken.None).PipeTo(Self, success: counts => new TrackerCommand.Counted(counts), failure: Unlearnt);
    }

    private void Counted(IReadOnlyList<JobCount> counts)
    {
        if (_storeAway) Sweep();
        _storeAway = false;
        _parts.Waiting.Clear();
        foreach (var (queue, waiting) in JobCounts.Waiting(counts))
        {
            _parts.Waiting[queue] = waiting;
            // A claim passes over rows that another node holds at that moment, and that node may be gone before it has told.
            if (waiting > 0) Arrived(queue, (int)Math.Min(waiting, SweepLimit));
        }
    }

    private static TrackerCommand.Unlearnt Unlearnt(Exception cause) => new(cause);

    /// <summary>The news is lost; all of it is looked at in a while.</summary>
    private void LookLater(Exception cause)
    {
        // Once: it is asked again until it answers.
        if (!_storeAway) _log.NotLearnt(cause, (long)FailedRetry.TotalMilliseconds);
        _storeAway = true;
        Timers.StartSingleTimer(Tick.All, Tick.All, FailedRetry);
    }

    private void Missed()
    {
        foreach (var subscription in _parts.Subscriptions) subscription.Tell(new JobEvent.Reset());
    }
}
