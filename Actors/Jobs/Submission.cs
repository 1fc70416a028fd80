using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A request to run a task as a durable job: what API.md's <c>POST /jobs</c> carries, read but not yet checked against the task.</summary>
public sealed record Submission
{
    public required Namespace Namespace { get; init; }
    public required string Task { get; init; }

    /// <summary>Exact UTF-8 JSON; <c>{}</c> when the client gave none.</summary>
    public ReadOnlyMemory<byte> Args { get; init; } = "{}"u8.ToArray();

    /// <summary>The client's own id; null: we make one. The same id with the same submission is answered with the existing job.</summary>
    public JobId? Id { get; init; }

    /// <summary>Null: the task's queue.</summary>
    public string? Queue { get; init; }

    public int Priority { get; init; } = 5;

    /// <summary>At most one of <see cref="RunAt"/> and <see cref="Delay"/>.</summary>
    public DateTimeOffset? RunAt { get; init; }

    public TimeSpan? Delay { get; init; }
    public TimeSpan? ExpiresIn { get; init; }
    public TimeSpan? Timeout { get; init; }

    /// <summary>1 to 1,000; null: the task's, else the node's.</summary>
    public int? MaxAttempts { get; init; }

    public BackoffPolicy? Backoff { get; init; }

    /// <summary>Among the jobs of the namespace only one at a time holds it. 1 to 200 characters; null for none.</summary>
    public string? UniqueKey { get; init; }

    public UniquePolicy UniquePolicy { get; init; }
    public UniqueUntil UniqueUntil { get; init; }

    /// <summary>Jobs with the same key share a limit. 1 to 200 characters; null for none.</summary>
    public string? LimitKey { get; init; }

    /// <summary>Jobs that have to end before this one may start; at most 10,000, all of the namespace.</summary>
    public IReadOnlyList<JobDependency> DependsOn { get; init; } = [];

    /// <summary>Where a webhook tells of the job's end; null for none.</summary>
    public string? Callback { get; init; }

    /// <summary>The workflow it belongs to; null for none.</summary>
    public string? Workflow { get; init; }

    /// <summary>The schedule that submits it; null for none.</summary>
    public string? Schedule { get; init; }

    /// <summary>At most 50 of at most 100 characters.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>A JSON object of at most 16 KiB; empty for none.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    /// <summary>The client's <c>Idempotency-Key</c>: the first answer is repeated for 24 hours. 1 to 255 printable ASCII characters.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>First 16 bytes of SHA-256 over what the client sent; tells a repeat from another submission under the same id or key.</summary>
    public Guid Digest { get; init; }

    public string? TraceParent { get; init; }
    public JobId? RerunOf { get; init; }

    /// <summary>The node itself submits it, so that it may be of an internal task.</summary>
    internal bool ByNode { get; init; }
}

/// <summary>What became of a submission.</summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome()
    {
    }

    /// <summary>A new job, durable.</summary>
    public sealed record Accepted(Job Job) : SubmitOutcome;

    /// <summary>There was such a job already (same id and body, or same unique key); this is it, and nothing changed.</summary>
    public sealed record Deduplicated(Job Job) : SubmitOutcome;

    /// <summary>The same <c>Idempotency-Key</c> and body came before; this is the job it made.</summary>
    public sealed record Replayed(Job Job) : SubmitOutcome;

    public sealed record Refused(Refusal Refusal) : SubmitOutcome;
}

/// <summary>What became of a command to an existing job.</summary>
public abstract record JobOutcome
{
    private JobOutcome()
    {
    }

    /// <summary>Done, or so already; the job as it is now.</summary>
    public sealed record Done(Job Job) : JobOutcome;

    public sealed record Refused(Refusal Refusal) : JobOutcome;
}
