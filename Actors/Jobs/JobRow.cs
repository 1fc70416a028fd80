using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A job as the store keeps it: every submitted member, and where it is in its life. The row is the truth; this is a copy of one moment.</summary>
public sealed record JobRow
{
    /// <summary>The store's own number, in order of submission; 0 before the store gave one.</summary>
    public long Seq { get; init; }

    public required JobId Id { get; init; }
    public required Namespace Namespace { get; init; }
    public required string Task { get; init; }
    public required string Queue { get; init; }

    /// <summary>0 to 9, higher first; a step is worth a minute of waiting.</summary>
    public int Priority { get; init; } = 5;

    public JobState State { get; init; }

    /// <summary>When it may start (or start again); the moment of submission unless a time was given.</summary>
    public DateTimeOffset RunAt { get; init; }

    /// <summary>How far its place in the line is before <see cref="RunAt"/>: what a run took from it that its node did not bring to an end. Zero or more.</summary>
    /// <remarks>A lost node and a drain are not the job's doing, so they cost no place. A back-off of its own, a snooze and another start time set it to zero.</remarks>
    public TimeSpan Ahead { get; init; }

    /// <summary>From when on it waits in its queue's line: with <see cref="Priority"/> its place among those that are due.</summary>
    public DateTimeOffset LineAt => RunAt - Ahead;

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Limit of one attempt; null: the task's.</summary>
    public TimeSpan? Timeout { get; init; }

    public int MaxAttempts { get; init; } = 5;
    public BackoffPolicy Backoff { get; init; } = BackoffPolicy.Default;
    public string? UniqueKey { get; init; }
    public UniquePolicy UniquePolicy { get; init; }
    public UniqueUntil UniqueUntil { get; init; }
    public string? LimitKey { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>A JSON object as the client wrote it; empty for none.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    public string? Callback { get; init; }
    public JobId? RerunOf { get; init; }
    public string? Workflow { get; init; }
    public string? Schedule { get; init; }

    /// <summary>SHA-256 of the submission, first 16 bytes: tells the same submission from another one under the same id.</summary>
    public Guid Digest { get; init; }

    /// <summary>W3C trace context of the submitter; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What happens to an attempt whose node died.</summary>
    public WhenLost WhenLost { get; init; }

    /// <summary>Runs so far; + 1 at every claim, never lowered.</summary>
    public int Attempt { get; init; }

    /// <summary>Runs that cost nothing: snooze, drain, waiting for children, lost node.</summary>
    public int Excused { get; init; }

    /// <summary>Runs whose node was lost.</summary>
    public int Crashes { get; init; }

    /// <summary>The run under way; null unless running or cancelling.</summary>
    public Run? Run { get; init; }

    /// <summary>Name of the node of the latest run.</summary>
    public string? Node { get; init; }

    /// <summary>Whether the result came from memory.</summary>
    public bool Cached { get; init; }

    /// <summary>Of the latest attempt that failed; stays when a later one succeeds.</summary>
    public TaskError? Error { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Start of the latest run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>+ 1 at every change; the ETag.</summary>
    public long Version { get; init; } = 1;

    /// <summary>How many jobs it depends on (<see cref="Job.DependsOn"/> names them).</summary>
    public int Parents { get; init; }

    /// <summary>The job whose run submitted it and waits for it; null for none.</summary>
    public JobId? Parent { get; init; }

    /// <summary>Place of the newest history row of this job; each row names the one before it.</summary>
    /// <remarks>Set by the store on a row that nobody has seen yet; the rules do not know it.</remarks>
    public long HistorySeq { get; internal set; }
}

/// <summary>A job with what is kept beside the narrow row.</summary>
/// <param name="Args">The arguments' exact UTF-8 JSON.</param>
/// <param name="Result">The result's exact UTF-8 JSON; null unless succeeded (or no longer kept).</param>
/// <param name="Progress">Of the attempt that runs: on this node the newest, on another one at most about a second old; null for none, and as the store gives it.</param>
public sealed record Job(JobRow Row, ReadOnlyMemory<byte> Args, ReadOnlyMemory<byte>? Result, ProgressReport? Progress)
{
    /// <summary>What an earlier run saved last, as UTF-8 JSON; read when the job is claimed, null otherwise and for none.</summary>
    public ReadOnlyMemory<byte>? Checkpoint { get; init; }

    /// <summary>Why a queued job does not start, in words; null when nothing stands in its way.</summary>
    public string? Reason { get; init; }

    /// <summary>What it waited or waits for; empty in lists.</summary>
    public IReadOnlyList<JobDependency> DependsOn { get; init; } = [];

    /// <summary>Those that the newest wait of the job was for, in their order; read when the job is claimed, empty otherwise.</summary>
    public IReadOnlyList<ChildOutcome> Children { get; init; } = [];

    /// <summary>A queued job's place in its queue's line, from 1; null when more than 10,000 are before it, or where nobody counted.</summary>
    /// <remarks>Jobs that another limit key keeps from starting are not counted, for this one goes before them.</remarks>
    public int? Position { get; init; }

    /// <summary>When it may start, from its place and the pace of its queue over the last minute; null when unknown.</summary>
    public DateTimeOffset? EstimatedStart { get; init; }
}
