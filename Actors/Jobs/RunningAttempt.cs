using ActorPerf.Compute;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs;

/// <summary>An attempt that this node runs: the job as claimed, its context, and its token. The ticket that comes back with the outcome.</summary>
/// <remarks>Its mutable fields belong to the tracker.</remarks>
internal sealed class RunningAttempt : IAttemptObserver, IDisposable
{
    private readonly IActorRef _tracker;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancellation;
    private System.Threading.Tasks.Task _stopping = System.Threading.Tasks.Task.CompletedTask;
    private readonly AttemptSpan? _span;
    private int _saveTold;
    private ProgressReport? _noted;
    private int _notedLines;

    /// <param name="meter">Counts it, and says whether it is traced; null: nobody does.</param>
    public RunningAttempt(Job job, TaskDescriptor? task, IActorRef tracker, TimeProvider time, RouteMeter? meter = null)
    {
        _span = AttemptSpan.Begin(meter, job);
        _tracker = tracker;
        _time = time;
        Job = job;
        Task = task;
        Run = job.Row.Run!.Value;
        Timeout = job.Row.Timeout ?? task?.Timeout;
        StartedAt = time.GetTimestamp();
        _cancellation = Timeout is { } limit ? new CancellationTokenSource(limit, time) : new CancellationTokenSource();
        Secrets = task is null ? [] : SecretMask.Of(task)?.Values(job.Args) ?? [];
        Context = new AttemptContext(
            job.Row.Id.Value, job.Row.Attempt, job.Row.Namespace, job.Row.Task, time, this, Spans.TraceParent(_span?.Root, job.Row.TraceParent), Inherited(job), Secrets, time.GetUtcNow() + Timeout);
        Trace = RunTrace.Of(_span?.Root);
    }

    /// <summary>The row as last committed; a cancel renews it.</summary>
    public Job Job { get; set; }

    /// <summary>Null when this node does not know the task.</summary>
    public TaskDescriptor? Task { get; }

    public Run Run { get; }

    public AttemptContext Context { get; }

    /// <summary>Values that no text of this run may show; empty for a task without secrets.</summary>
    public IReadOnlyList<string> Secrets { get; }

    /// <summary>What its run belongs to in traces; null where nobody traces.</summary>
    public RunTrace? Trace { get; }

    public CancellationToken Token => _cancellation.Token;

    public long StartedAt { get; }

    /// <summary>Limit of this attempt; null for none.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>When the token was cancelled, as a timestamp; null while it was not.</summary>
    public long? StoppedAt { get; private set; }

    public bool TimedOut { get; set; }

    /// <summary>When a checkpoint was last written in mid-run, as a timestamp; null before the first.</summary>
    public long? SavedAt { get; set; }

    /// <summary>Other nodes may read what it said.</summary>
    public bool HasNotes { get; private set; }

    /// <summary>Its outcome is on its way to the store; what comes later is dropped.</summary>
    public bool Settled { get; set; }

    /// <summary>Its end was judged a second time after the tracker had failed.</summary>
    public bool JudgedAgain { get; set; }

    /// <summary>Asks the running code to stop where its job, as it is now, was cancelled. Repeatable.</summary>
    public void StopIfCancelled(Job now)
    {
        if (Settled || now.Row.State != JobState.Cancelling) return;
        Job = Job with { Row = now.Row };
        Stop();
    }

    /// <summary>Asks the running code to stop.</summary>
    public void Stop()
    {
        StoppedAt ??= _time.GetTimestamp();
        // Callbacks of the token are the task's own code: not on the actor's time.
        if (!_cancellation.IsCancellationRequested) _stopping = _cancellation.CancelAsync();
    }

    public void Progressed(AttemptContext attempt, ProgressReport progress) => _tracker.Tell(new TrackerCommand.Progressed(this, progress), ActorRefs.NoSender);

    public void Saved(AttemptContext attempt, ReadOnlyMemory<byte> checkpoint)
    {
        // One message stands for all that come before it is read: a task may save in a tight loop.
        if (Interlocked.Exchange(ref _saveTold, 1) == 0) _tracker.Tell(new TrackerCommand.Saved(this), ActorRefs.NoSender);
    }

    /// <summary>What is saved from now on is told again.</summary>
    public void SaveHeard() => Volatile.Write(ref _saveTold, 0);

    /// <summary>What it said since the last note; null when that is nothing.</summary>
    public JobWrite.Note? TakeNote()
    {
        var (progress, lines) = (Context.Latest, Context.LinesBehind(_notedLines));
        if (progress == _noted && lines.Count == 0) return null;
        var note = new JobWrite.Note(Job, Run, progress == _noted ? null : progress, _notedLines + 1, lines);
        (_noted, _notedLines, HasNotes) = (progress, _notedLines + lines.Count, true);
        return note;
    }

    /// <summary>A note that was not stored: its words are said again.</summary>
    public void Unsaid(JobWrite.Note note) => (_noted, _notedLines) = (null, Math.Min(_notedLines, note.First - 1));

    public void Logged(AttemptContext attempt, LogLine line) => _tracker.Tell(new TrackerCommand.Logged(this, line), ActorRefs.NoSender);

    /// <summary>Its outcome goes to the store.</summary>
    public void Concluded(JobCommand command) => _span?.Concluded(command);

    public void Dispose()
    {
        _span?.End();
        // A source that is disposed while its callbacks wait to be called forgets them, and the running code would never hear of its end.
        if (_stopping.IsCompleted) _cancellation.Dispose();
        else _ = _stopping.ContinueWith(_ => _cancellation.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static Inheritance? Inherited(Job job) =>
        job.Checkpoint is null && job.Children.Count == 0 ? null : new Inheritance(job.Checkpoint, job.Children);
}
