namespace ActorPerf.Tasks;

/// <summary>What a running task knows of its call, and where it says how far it is.</summary>
/// <remarks>Its methods may be called from any thread and never wait. What they report is a snapshot for watchers:
/// it is conflated (the newest progress wins), bounded, and no promise of durability before the attempt ends.</remarks>
public abstract class TaskContext
{
    private TaskCache? _cache;

    /// <summary>The job this attempt is for; null under <c>/compute</c> and for a flight that other callers joined.</summary>
    public abstract Guid? JobId { get; }

    /// <summary>Counted from 1, never lowered or reused: a fencing token for the outside world. 1 under <c>/compute</c>.</summary>
    public abstract int Attempt { get; }

    public abstract Namespace Namespace { get; }

    /// <summary>The task's own name.</summary>
    public abstract string Task { get; }

    /// <summary>When the time of this run is over, and its token is cancelled; null for no limit, and for a memoised computation that a job has started: others may wait for it longer.</summary>
    public virtual DateTimeOffset? Deadline => null;

    /// <summary>W3C trace context that this run belongs to; null for none.</summary>
    public abstract string? TraceParent { get; }

    /// <summary>What an earlier run of the job saved last, as UTF-8 JSON; null for none, and always under <c>/compute</c>.</summary>
    public abstract ReadOnlyMemory<byte>? Checkpoint { get; }

    /// <summary>The children that the run before waited for, in the order in which it named them; empty for none.</summary>
    public abstract IReadOnlyList<ChildOutcome> Children { get; }

    /// <summary>Where the task decides how its result is remembered.</summary>
    public virtual TaskCache Cache => _cache ?? Interlocked.CompareExchange(ref _cache, new TaskCache(), null) ?? _cache;

    /// <summary>Says how far the task is.</summary>
    /// <param name="percent">0 to 100; values outside are clamped.</param>
    /// <param name="message">For people, at most 1,000 characters kept; null keeps none.</param>
    /// <param name="data">UTF-8 JSON for programs that watch, at most 16 KiB; more, or what is no JSON, is left out. Empty for none.</param>
    public abstract void Progress(double percent, string? message = null, ReadOnlyMemory<byte> data = default);

    /// <summary>Keeps <paramref name="json"/> for the job's next run, should this one not end well. The newest wins; it is durable within a second,
    /// and when the run ends. Without effect under <c>/compute</c>.</summary>
    /// <param name="json">UTF-8 JSON of at most 64 KiB.</param>
    /// <exception cref="ArgumentException">It is no JSON, or larger.</exception>
    public abstract void SaveCheckpoint(ReadOnlyMemory<byte> json);

    /// <summary>Adds a log line to the attempt. At most 1,000 lines of 2,000 characters are kept; what is cut is counted.</summary>
    public abstract void Log(string line, LogLevel level = LogLevel.Information);
}
