using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>The front door to computed results: remembered where the task is memoised, computed once however many ask.</summary>
public interface ICompute
{
    /// <summary>Answers from memory, joins the computation of the same key under way, or starts one.</summary>
    /// <remarks>Completes synchronously on a hit. Cancelling leaves the computation to its other waiters; the last one to leave cancels it.</remarks>
    ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct);

    /// <summary>Totals and per task of a namespace.</summary>
    CacheView Statistics(Namespace ns);

    /// <summary>A page of entries, in a stable order.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">From the page before; null: the first.</param>
    CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor);

    /// <summary>Forgets entries; a computation that began before never counts as fresh afterwards.</summary>
    /// <returns>Entries forgotten, or the refusal.</returns>
    ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct);
}

/// <param name="Args">UTF-8 JSON, already well-formed.</param>
/// <param name="Patience">How long this caller waits; the computation goes on for others.</param>
public readonly record struct ComputeRequest(Namespace Namespace, string Task, ReadOnlyMemory<byte> Args, CacheDirective Directive, TimeSpan Patience);

/// <summary>What the caller allows the cache to do (request <c>Cache-Control</c>).</summary>
/// <param name="NoCache">Compute again and store.</param>
/// <param name="NoStore">Neither read nor store.</param>
/// <param name="OnlyIfCached">Never compute.</param>
/// <param name="MaxAge">Accept nothing older; null: anything fresh.</param>
public readonly record struct CacheDirective(bool NoCache = false, bool NoStore = false, bool OnlyIfCached = false, TimeSpan? MaxAge = null);

/// <summary>What became of a call.</summary>
public abstract record ComputeOutcome
{
    private ComputeOutcome()
    {
    }

    public sealed record Found(ComputedResult Result, CacheSource Source) : ComputeOutcome;

    /// <summary>The task threw; nothing was stored.</summary>
    public sealed record Failed(TaskError Error) : ComputeOutcome;

    /// <summary>Refused: <c>unknown-task</c>, <c>invalid-args</c>, <c>busy</c>, <c>not-cached</c>, <c>compute-timeout</c>, <c>draining</c>.</summary>
    public sealed record Refused(Refusal Refusal) : ComputeOutcome;
}

/// <summary>Where a result came from.</summary>
public enum CacheSource
{
    /// <summary>Remembered and fresh.</summary>
    Hit,

    /// <summary>Remembered, past its life, answered while it is refreshed.</summary>
    Stale,

    /// <summary>Computed by this call and stored.</summary>
    Miss,

    /// <summary>Computed by a call already under way.</summary>
    Collapsed,

    /// <summary>Computed without the cache: the task is not memoised, or the caller said so.</summary>
    Bypass,
}

/// <summary>A result and its life.</summary>
/// <param name="Json">UTF-8 JSON; written to answers as it is.</param>
/// <param name="Duration">What computing it took.</param>
/// <param name="ExpiresAt">Null: not stored.</param>
public sealed record ComputedResult(ReadOnlyMemory<byte> Json, DateTimeOffset ComputedAt, TimeSpan Duration, DateTimeOffset? ExpiresAt);

/// <summary>What the cache did since the node started, and what it holds.</summary>
public sealed record CacheView(CacheTotals Total, IReadOnlyDictionary<string, CacheTotals> Tasks, long MaxEntries, long MaxBytes);

public readonly record struct CacheTotals(long Entries, long Bytes, long Hits, long Misses, long Joined, long Stale, long Evictions)
{
    /// <summary>Share of calls answered without a computation of their own, 0 to 1; 0 before the first.</summary>
    public double HitRatio => Hits + Stale + Joined + Misses == 0 ? 0 : (double)(Hits + Stale) / (Hits + Stale + Joined + Misses);
}

/// <param name="Args">Canonical arguments, UTF-8 JSON.</param>
public sealed record CacheEntryView(string Task, ReadOnlyMemory<byte> Args, DateTimeOffset ComputedAt, DateTimeOffset ExpiresAt, long Bytes, long Hits);

public sealed record CacheEntryPage(IReadOnlyList<CacheEntryView> Items, string? Next);

/// <summary>Which entries to forget: of a task, of one call, of tags, or everything of the namespace.</summary>
public sealed record Invalidation(Namespace Namespace, string? Task = null, ReadOnlyMemory<byte>? Args = null, IReadOnlyList<string>? Tags = null, bool All = false);

public abstract record InvalidateOutcome
{
    private InvalidateOutcome()
    {
    }

    public sealed record Done(long Invalidated) : InvalidateOutcome;

    public sealed record Refused(Refusal Refusal) : InvalidateOutcome;
}
