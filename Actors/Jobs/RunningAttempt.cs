using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>An attempt that this node runs: the job as claimed, its context, and its token. The ticket that comes back with the outcome.</summary>
/// <remarks>Its mutable fields belong to the tracker.</remarks>
internal sealed class RunningAttempt(Job job, TaskDescriptor? task, IAttemptObserver observer, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = (job.Row.Timeout ?? task?.Timeout) is { } limit
        ? new CancellationTokenSource(limit, time)
        : new CancellationTokenSource();

    /// <summary>The row as last committed; a cancel renews it.</summary>
    public Job Job { get; set; } = job;

    /// <summary>Null when this node does not know the task.</summary>
    public TaskDescriptor? Task { get; } = task;

    public Run Run { get; } = job.Row.Run!.Value;

    public AttemptContext Context { get; } = new(job.Row.Id.Value, job.Row.Attempt, job.Row.Namespace, job.Row.Task, time, observer);

    public CancellationToken Token => _cancellation.Token;

    public long StartedAt { get; } = time.GetTimestamp();

    /// <summary>Limit of this attempt; null for none.</summary>
    public TimeSpan? Timeout { get; } = job.Row.Timeout ?? task?.Timeout;

    /// <summary>When the token was cancelled, as a timestamp; null while it was not.</summary>
    public long? StoppedAt { get; private set; }

    public bool TimedOut { get; set; }

    /// <summary>Its outcome is on its way to the store; what comes later is dropped.</summary>
    public bool Settled { get; set; }

    /// <summary>Asks the running code to stop.</summary>
    public void Stop()
    {
        StoppedAt ??= time.GetTimestamp();
        // Callbacks of the token are the task's own code: not on the actor's time.
        if (!_cancellation.IsCancellationRequested) _ = _cancellation.CancelAsync();
    }

    public void Dispose() => _cancellation.Dispose();
}
