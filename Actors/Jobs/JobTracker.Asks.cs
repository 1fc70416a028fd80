using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <content>What clients ask of a job beside cancelling it: run now, edit, delete. One write each, answered after its commit.</content>
internal sealed partial class JobTracker
{
    private void Ask(TrackerCommand.Ask ask)
    {
        // Whether it counts is for the row to say: a job that stands in the queue already adds nothing to it.
        var command = ask.Command is JobCommand.Edit { Queue: { } queue } edit && QueueFull(queue) is { } full ? edit with { Full = full } : ask.Command;
        Post(new JobWrite.Change(ask.Namespace, ask.Id, command), ask, ask.Reply);
    }

    private void Delete(TrackerCommand.Delete delete) => Post(new JobWrite.Delete(delete.Namespace, delete.Id), delete, delete.Reply);

    private void Post(JobWrite write, TrackerCommand then, TaskCompletionSource<JobOutcome?> reply)
    {
        _pending.Add(write, then);
        if (_store.TryPost(write)) return;
        _pending.Remove(write);
        TurnAway(reply, new JobOutcome.Refused(JobRefusals.Busy));
    }

    /// <summary>The store did not take a write: it is full, or has ended.</summary>
    private void TurnAway<T>(TaskCompletionSource<T> reply, T busy)
    {
        if (_store.HasEnded) reply.TrySetException(new StoreUnavailableException("The store takes nothing more, and this node stops. Ask another node."));
        else reply.TrySetResult(busy);
    }

    private void Asked(JobWrite.Change change, TrackerCommand.Ask ask) => ask.Reply.TrySetResult(OutcomeOf(change));

    /// <summary>A job left one line for another.</summary>
    private void Requeued(Job job, JobRow was)
    {
        _news.Left(was);
        Moved(job, null);
        if (job.Row.State == JobState.Queued) Arrived(job.Row.Queue, 1);
    }

    private static void Deleted(JobWrite.Delete write, TrackerCommand.Delete? delete) => delete?.Reply.TrySetResult(
        write.Refusal is { } refusal ? new JobOutcome.Refused(refusal) : write.Deleted is { } job ? new JobOutcome.Done(job) : null);

    private JobOutcome? OutcomeOf(JobWrite.Change change) => change.Decision switch
    {
        null => null,
        JobDecision.Refused refused => new JobOutcome.Refused(refused.Refusal),
        _ => new JobOutcome.Done(_parts.Running.WithProgress(change.Now!)),
    };

    /// <summary>Whoever asked will have no answer from the store.</summary>
    /// <returns>False for another kind of request.</returns>
    private static bool Fail(object? then, Exception failure) => then switch
    {
        TrackerCommand.Cancel cancel => cancel.Reply.TrySetException(failure) || true,
        TrackerCommand.StopWorkflow stop => stop.Reply.TrySetException(failure) || true,
        TrackerCommand.Ask ask => ask.Reply.TrySetException(failure) || true,
        TrackerCommand.Delete delete => delete.Reply.TrySetException(failure) || true,
        TrackerCommand.SetQueue set => set.Reply.TrySetException(failure) || true,
        _ => false,
    };
}
