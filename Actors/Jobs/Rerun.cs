using System.Security.Cryptography;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>How a finished job is to be run again: as a new job that names the old one.</summary>
public sealed record Rerun
{
    /// <summary>Exact UTF-8 JSON in place of the old arguments; null: those.</summary>
    public ReadOnlyMemory<byte>? Args { get; init; }

    /// <summary>The client's <c>Idempotency-Key</c>: repeats within 24 hours make one new job. Null: each call makes one.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>W3C trace context of the caller.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The submission of the new job: every member of the old one but its id, its time, its parents, workflow and schedule.</summary>
    /// <remarks>It competes for the same unique key, for only one job at a time may hold it; where another one does, the rerun is refused, as the
    /// answer to a rerun is a new job or none. A time to live counts from now.</remarks>
    public Submission Of(Job old) => new()
    {
        Namespace = old.Row.Namespace,
        Task = old.Row.Task,
        Args = Args ?? old.Args,
        Queue = old.Row.Queue,
        Priority = old.Row.Priority,
        ExpiresIn = old.Row.ExpiresAt - old.Row.CreatedAt,
        Timeout = old.Row.Timeout,
        MaxAttempts = old.Row.MaxAttempts,
        Backoff = old.Row.Backoff,
        UniqueKey = old.Row.UniqueKey,
        UniquePolicy = old.Row.UniqueKey is null ? old.Row.UniquePolicy : UniquePolicy.Reject,
        UniqueUntil = old.Row.UniqueUntil,
        LimitKey = old.Row.LimitKey,
        Callback = old.Row.Callback,
        Tags = old.Row.Tags,
        Meta = old.Row.Meta,
        IdempotencyKey = IdempotencyKey,
        Digest = Digest(old.Row.Id),
        TraceParent = TraceParent,
        RerunOf = old.Row.Id,
    };

    /// <summary>Tells a repeat from another rerun under the same key: docs/formats/submission-digest.md.</summary>
    private Guid Digest(JobId old)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("rerun-1"u8);
        hash.AppendData(old.Value.ToByteArray(bigEndian: true));
        if (Args is { } args) hash.AppendData(args.Span);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16), bigEndian: true);
    }
}
