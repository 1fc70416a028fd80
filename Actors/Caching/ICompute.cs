using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>The front door to computed results: remembered where the task is memoised, computed once however many ask.</summary>
public interface ICompute
{
    /// <summary>Answers from memory, joins the computation of the same key under way, or starts one.</summary>
    /// <remarks>Completes synchronously on a hit. Cancelling leaves the computation to its other waiters; the last one to leave cancels it.</remarks>
    ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct);

    /// <summary>Answers a call whose very bytes were a hit of late, if it still is one and nothing is due: without reading them as JSON.</summary>
    /// <returns>Null for anything else: ask <see cref="ComputeAsync"/>.</returns>
    ComputeOutcome.Found? TryHit(Namespace ns, string task, ReadOnlySpan<byte> args) => null;

    /// <summary>Totals and per task of a namespace.</summary>
    CacheView Statistics(Namespace ns);

    /// <summary>Answers from memory, joins the computation of the same key under way, or starts one: for code of one's own, with everything that tasks have.</summary>
    /// <remarks>Completes synchronously on a hit, without allocating. The factory runs on the pool of the options' queue, in nobody's scope, transaction or
    /// token, and at most once at a time for a key.</remarks>
    /// <param name="key">Made once with <see cref="CacheKey.Of(string, string, Namespace?)"/> and kept where it is asked for often.</param>
    /// <param name="factory">Gives UTF-8 JSON. Its context takes progress, log lines and what it decides of the cache; its token is cancelled when the last waiter has left.</param>
    /// <param name="options">Null: the defaults.</param>
    ValueTask<ComputeOutcome> GetOrComputeAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions? options, CancellationToken ct);

    /// <summary>A page of entries, in a stable order.</summary>
    /// <remarks>Looks at a bounded part of the table: a page may have fewer entries than asked for, or none, and go on all the same.</remarks>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">From the page before; null: the first.</param>
    CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor);

    /// <summary>Forgets entries; a computation that began before never counts as fresh afterwards.</summary>
    /// <returns>Entries forgotten, or the refusal.</returns>
    ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct);
}

/// <param name="Args">UTF-8 JSON, already well-formed.</param>
/// <param name="Patience">How long this caller waits; the computation goes on for others.</param>
public readonly record struct ComputeRequest(Namespace Namespace, string Task, ReadOnlyMemory<byte> Args, CacheDirective Directive, TimeSpan Patience)
{
    /// <summary>The W3C trace context of the caller, for what the task calls itself; null for none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>What the caller allows the cache to do (request <c>Cache-Control</c>).</summary>
/// <param name="NoCache">Compute again and store.</param>
/// <param name="NoStore">Neither read nor store.</param>
/// <param name="OnlyIfCached">Never compute.</param>
/// <param name="MaxAge">Accept nothing older; null: anything fresh.</param>
public readonly record struct CacheDirective(bool NoCache = false, bool NoStore = false, bool OnlyIfCached = false, TimeSpan? MaxAge = null)
{
    /// <summary>Accept what is stale by at most so much, as long as it is there, without waiting; null: only as the task allows.</summary>
    public TimeSpan? MaxStale { get; init; }

    /// <summary>Accept only what stays fresh for so long; null: anything fresh.</summary>
    public TimeSpan? MinFresh { get; init; }

    /// <summary>Where the computation fails, accept what is stale by at most so much; zero never, null: as the task says.</summary>
    public TimeSpan? StaleIfError { get; init; }

    /// <summary>Computed only while nobody else waits for the pool: for warming up.</summary>
    public bool Quiet { get; init; }

    /// <summary>How the result is remembered, where it differs from the task's setting; null: it does not.</summary>
    public CacheChoice? Choice { get; init; }

    /// <summary>Anything fresh will do.</summary>
    internal bool IsPlain => !NoCache && !NoStore && MaxAge is null && MinFresh is null;
}

/// <summary>What became of a call.</summary>
public abstract record ComputeOutcome
{
    private ComputeOutcome()
    {
    }

    public sealed record Found(ComputedResult Result, CacheSource Source) : ComputeOutcome
    {
        /// <summary>Why the result is stale, where a computation failed; null otherwise.</summary>
        public TaskError? LastError { get; init; }
    }

    /// <summary>The task threw; nothing was stored.</summary>
    public sealed record Failed(TaskError Error) : ComputeOutcome
    {
        /// <summary>It failed for calls before, and is not tried again before this has passed; null: this call computed, or joined who did.</summary>
        public TimeSpan? RetryAfter { get; init; }
    }

    /// <summary>Refused: <c>unknown-task</c>, <c>invalid-args</c>, <c>busy</c>, <c>not-cached</c>, <c>compute-timeout</c>, <c>draining</c>.</summary>
    public sealed record Refused(Refusal Refusal) : ComputeOutcome;
}

/// <summary>Where a result came from.</summary>
public enum CacheSource
{
    /// <summary>Remembered and fresh.</summary>
    Hit,

    /// <summary>Remembered, past its life: answered while it is refreshed, or because it cannot be.</summary>
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

/// <summary>How a call of <see cref="ICompute.GetOrComputeAsync"/> is computed and remembered.</summary>
public sealed record CacheCallOptions
{
    /// <summary>As of a task; five minutes unless said otherwise.</summary>
    public Memoization Memoize { get; init; } = new(Memoization.DefaultDuration);

    /// <summary>Whose pool computes.</summary>
    public string Queue { get; init; } = "default";

    private readonly CacheDirective _directive;

    /// <summary>What the call allows the cache to do.</summary>
    public CacheDirective Directive
    {
        get => _directive;
        init => (_directive, IsPlain) = (value, value.IsPlain);
    }

    /// <summary>The same without a copy.</summary>
    internal ref readonly CacheDirective Allowed => ref _directive;

    /// <summary>Anything fresh will do.</summary>
    internal bool IsPlain { get; private init; } = true;

    /// <summary>How long the call waits.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the factory may take; null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    internal static CacheCallOptions Default { get; } = new();
}

/// <summary>What the cache did since the node started, and what it holds.</summary>
public sealed record CacheView(CacheTotals Total, IReadOnlyDictionary<string, CacheTotals> Tasks, long MaxEntries, long MaxBytes);

public readonly record struct CacheTotals(long Entries, long Bytes, long Hits, long Misses, long Joined, long Stale, long Evictions)
{
    /// <summary>Computations in the background: refreshes.</summary>
    public long Refreshes { get; init; }

    /// <summary>Computations that failed, each once.</summary>
    public long Failures { get; init; }

    /// <summary>Results that were answered and not kept, for they are larger than an entry may be.</summary>
    public long TooLarge { get; init; }

    /// <summary>Misses that the second level answered.</summary>
    public long Recalled { get; init; }

    /// <summary>Share of calls answered without a computation of their own, 0 to 1; 0 before the first.</summary>
    public double HitRatio => Hits + Stale + Joined + Misses == 0 ? 0 : (double)(Hits + Stale) / (Hits + Stale + Joined + Misses);

    public static CacheTotals operator +(CacheTotals a, CacheTotals b) => new(
        a.Entries + b.Entries, a.Bytes + b.Bytes, a.Hits + b.Hits, a.Misses + b.Misses, a.Joined + b.Joined, a.Stale + b.Stale, a.Evictions + b.Evictions)
    {
        Refreshes = a.Refreshes + b.Refreshes,
        Failures = a.Failures + b.Failures,
        TooLarge = a.TooLarge + b.TooLarge,
        Recalled = a.Recalled + b.Recalled,
    };

    public static CacheTotals Add(CacheTotals left, CacheTotals right) => left + right;
}

/// <param name="Args">Canonical arguments, UTF-8 JSON.</param>
public sealed record CacheEntryView(string Task, ReadOnlyMemory<byte> Args, DateTimeOffset ComputedAt, DateTimeOffset ExpiresAt, long Bytes, long Hits)
{
    /// <summary><c>fresh</c>, <c>stale</c>, or <c>kept</c>: answered only where the computation fails.</summary>
    public string State { get; init; } = "fresh";

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Why the last refresh failed; null when none did.</summary>
    public TaskError? LastError { get; init; }
}

public sealed record CacheEntryPage(IReadOnlyList<CacheEntryView> Items, string? Next);

/// <summary>Which entries to forget: of a task, of one call, of tags, or everything of the namespace.</summary>
/// <param name="Args">Arguments as a caller would send them, UTF-8 JSON; with <paramref name="Task"/>.</param>
public sealed record Invalidation(Namespace Namespace, string? Task = null, ReadOnlyMemory<byte>? Args = null, IReadOnlyList<string>? Tags = null, bool All = false)
{
    /// <summary>Everything of every namespace, this one's or not.</summary>
    public bool Everywhere { get; init; }

    /// <summary>What is concerned is not fresh any more, but answers where its computation fails, as its task allows. Else nobody sees it again.</summary>
    public bool Expire { get; init; }
}

public abstract record InvalidateOutcome
{
    private InvalidateOutcome()
    {
    }

    /// <param name="Invalidated">Entries of this node concerned; one with two of the tags counts twice.</param>
    public sealed record Done(long Invalidated) : InvalidateOutcome;

    public sealed record Refused(Refusal Refusal) : InvalidateOutcome;
}
