using System.Diagnostics;
using ActorPerf.Compute;

namespace ActorPerf.Caching;

/// <summary>Who awaits a flight. Belongs to the shard once it was sent there.</summary>
internal abstract class Waiter
{
    /// <summary>Where it waits; null before it joined and after it was answered. The shard's alone.</summary>
    public Flight? Flight { get; set; }

    /// <summary>Of the call or attempt; null where nobody traces it.</summary>
    public abstract Activity? Span { get; }

    /// <summary>It waits for the next flight only because this one was cancelled: should this one end well, its value will do.</summary>
    public bool TakesThisOne { get; set; }
}

/// <summary>A synchronous caller. Its continuation never runs on the shard's thread.</summary>
/// <param name="directive">What it accepts.</param>
internal sealed class Caller(CacheDirective directive, Activity? span) : Waiter
{
    public override Activity? Span => span;

    private readonly CacheDirective _directive = directive;

    public ref readonly CacheDirective Directive => ref _directive;

    private readonly TaskCompletionSource<ComputeOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ComputeOutcome> Answer => _answer.Task;

    public void Tell(ComputeOutcome outcome) => _answer.TrySetResult(outcome);
}

/// <summary>A job's attempt that was claimed and needs the same value.</summary>
/// <param name="holder">Held the permit that the attempt came with.</param>
internal sealed class JobWaiter(CacheCommand.RunJob job, IActorRef holder) : Waiter
{
    public CacheCommand.RunJob Job { get; } = job;

    public override Activity? Span => Job.Attempt.Trace?.Above;

    public IActorRef Holder { get; } = holder;

    /// <summary>The flight that it started begins under that permit, which is to be given back where it does not begin.</summary>
    public bool TookPermit { get; set; }

    /// <summary>Tells the shard when the attempt's token is cancelled.</summary>
    public CancellationTokenRegistration Cancelled { get; set; }

    /// <param name="remember">Written with the job's finish; null for nothing.</param>
    public void Tell(AttemptOutcome outcome, TimeSpan took, CacheSource source, IActorRef shard, StoredEntry? remember = null)
    {
        // Unregister does not wait for a callback under way; the shard ignores a waiter that has been answered.
        Cancelled.Unregister();
        Job.ReplyTo.Tell(new CacheReply.Ended(Job.Key, new AttemptEnded(Job.Attempt.Ticket, outcome, took), source) { Remember = remember }, shard);
    }
}
