using ActorPerf.Compute;

namespace ActorPerf.Caching;

/// <summary>Who awaits a flight. Belongs to the shard once it was sent there.</summary>
internal abstract class Waiter
{
    /// <summary>Where it waits; null before it joined and after it was answered. The shard's alone.</summary>
    public Flight? Flight { get; set; }

    /// <summary>It waits for the next flight only because this one was cancelled: should this one end well, its value will do.</summary>
    public bool TakesThisOne { get; set; }
}

/// <summary>A synchronous caller. Its continuation never runs on the shard's thread.</summary>
internal sealed class Caller : Waiter
{
    private readonly TaskCompletionSource<ComputeOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ComputeOutcome> Answer => _answer.Task;

    public void Tell(ComputeOutcome outcome) => _answer.TrySetResult(outcome);
}

/// <summary>A job's attempt that was claimed and needs the same value.</summary>
internal sealed class JobWaiter(CacheCommand.RunJob job) : Waiter
{
    public CacheCommand.RunJob Job { get; } = job;

    /// <summary>Tells the shard when the attempt's token is cancelled.</summary>
    public CancellationTokenRegistration Cancelled { get; set; }

    public void Tell(AttemptOutcome outcome, TimeSpan took, CacheSource source, IActorRef shard)
    {
        // Unregister does not wait for a callback under way; the shard ignores a waiter that has been answered.
        Cancelled.Unregister();
        Job.ReplyTo.Tell(new CacheReply.Ended(Job.Key, new AttemptEnded(Job.Attempt.Ticket, outcome, took), source), shard);
    }
}
