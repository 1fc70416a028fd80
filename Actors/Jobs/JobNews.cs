using ActorPerf.Cluster;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Tells everyone concerned that a job moved, durably: who waits for it, who follows it, and the counts of the lines. Belongs to the tracker.</summary>
internal sealed class JobNews(TrackerParts parts)
{
    /// <summary>A change that the store has reported; in order of <see cref="JobRow.HistorySeq"/>.</summary>
    /// <param name="from">Null for a new job.</param>
    public void Tell(Job job, JobState? from)
    {
        Count(job.Row, from);
        parts.Waiters.Tell(job);
        // With others at work, the order of changes is the feed's.
        if (parts.Subscriptions.Count == 0 || parts.IsShared) return;
        var place = FeedPlace.Of(job.Row.HistorySeq);
        Publish(job, job.Row.State.IsFinal ? new JobEvent.Done(job.Row.Id, place, job) : new JobEvent.State(job.Row.Id, place, job));
    }

    /// <summary>Changes of all nodes, in the feed's order.</summary>
    public void Tell(IReadOnlyList<ToldJob> told)
    {
        foreach (var (job, happened) in told) Publish(job, happened);
    }

    /// <summary>A waiting job is of another queue now; it is told of as a new one there.</summary>
    public void Left(JobRow was) => Add(was.Queue, IsWaiting(was.State) ? -1 : 0);

    public void Tell(TrackerCommand.Progressed report)
    {
        if (report.Attempt.Settled || parts.Subscriptions.Count == 0) return;
        Publish(report.Attempt.Job, new JobEvent.Progress(report.Attempt.Job.Row.Id, report.Progress));
    }

    public void Tell(TrackerCommand.Logged report)
    {
        if (parts.Subscriptions.Count == 0) return;
        Publish(report.Attempt.Job, new JobEvent.Log(report.Attempt.Job.Row.Id, report.Attempt.Run.Attempt, report.Line));
    }

    private void Publish(Job job, JobEvent happened)
    {
        var now = parts.Time.GetUtcNow();
        using var args = new SearchedArguments(job.Args);
        foreach (var subscription in parts.Subscriptions)
            if (subscription.Wants(job, args, now)) subscription.Tell(happened);
    }

    private void Count(JobRow row, JobState? from)
    {
        var delta = (IsWaiting(row.State) ? 1 : 0) - (from is { } was && IsWaiting(was) ? 1 : 0);
        Add(row.Queue, delta);
    }

    /// <summary>So many more of a queue's jobs wait.</summary>
    public void Count(string queue, long more) => Add(queue, more);

    private void Add(string queue, long delta)
    {
        if (delta != 0) parts.Waiting[queue] = Math.Max(0, parts.Waiting.GetValueOrDefault(queue) + delta);
    }

    private static bool IsWaiting(JobState state) => !state.IsFinal && !state.IsActive;
}
