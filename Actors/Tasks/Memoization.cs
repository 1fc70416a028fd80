namespace ActorPerf.Tasks;

/// <summary>How long results are remembered, and what happens around the end of that life (docs/caching.md has the state table).</summary>
/// <param name="Duration">Fresh for so long, counted from the end of the computation.</param>
/// <param name="StaleWhileRevalidate">After that, answered stale for so long while one refresh runs.</param>
/// <param name="StaleIfError">After the fresh life, answered stale for so long where the computation failed or is late.</param>
/// <param name="Eager">Share of the duration after which a call starts a refresh in the background; null: 0.9 with <paramref name="StaleWhileRevalidate"/>, else none.</param>
/// <param name="Tags">Invalidate all entries of a tag at once. At most 16, of 1 to 256 characters.</param>
public sealed record Memoization(
    TimeSpan Duration, TimeSpan StaleWhileRevalidate = default, TimeSpan StaleIfError = default, double? Eager = null, IReadOnlyList<string>? Tags = null)
{
    /// <summary>Written instead of a duration: remember for as long as <c>actorperf.cache.duration</c> says.</summary>
    public const string On = "on";

    public const int MaxTags = 16;
    public const int MaxTagLength = 256;

    /// <summary>The node's own duration where its configuration says nothing.</summary>
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan DefaultErrorBackoff = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan DefaultErrorThrottle = TimeSpan.FromSeconds(30);

    private const double DefaultEager = 0.9;
    private static readonly TimeSpan LongestNegative = TimeSpan.FromSeconds(10);

    private bool _resilient;

    /// <summary>Stands for the node's duration until the catalog puts it in.</summary>
    internal static Memoization AsNode { get; } = new(Timeout.InfiniteTimeSpan);

    /// <summary>How long a result <c>null</c> is fresh, for what is absent now may be there soon; zero does not keep it, null: as long as the duration, at most 10 s.</summary>
    public TimeSpan? Negative { get; init; }

    /// <summary>After a failure the next try waits so long, twice as long after the next one, and so on; zero for none. Without a stale result the
    /// first failure is free: the next call tries again at once.</summary>
    public TimeSpan ErrorBackoff { get; init; } = DefaultErrorBackoff;

    /// <summary>The longest wait between tries.</summary>
    public TimeSpan ErrorThrottle { get; init; } = DefaultErrorThrottle;

    /// <summary>A caller for whom there is a stale result waits so long for a new one; the computation goes on. Null: to its end.</summary>
    public TimeSpan? SoftTimeout { get; init; }

    /// <summary>No caller waits longer; the computation goes on. Null: as long as the caller's patience.</summary>
    public TimeSpan? HardTimeout { get; init; }

    /// <summary>Share of the duration by which an entry's life is shortened at random, so that what came together does not end together; null: <c>actorperf.cache.jitter</c>.</summary>
    public double? Jitter { get; init; }

    /// <summary>Whether results also go to the second level; null: those that cost more than its threshold.</summary>
    public bool? Store { get; init; }

    /// <summary>Share of the duration after which a call starts a refresh; null: none.</summary>
    public double? EagerShare => Eager ?? (StaleWhileRevalidate > TimeSpan.Zero ? DefaultEager : null);

    /// <summary>Life of a result <c>null</c>.</summary>
    public TimeSpan NegativeLife => Negative ?? (Duration < LongestNegative ? Duration : LongestNegative);

    /// <summary>The same with stale answers of ten times the duration: at most 1 h while a refresh runs, at most 24 h where it fails.</summary>
    public Memoization Resilient() => this with
    {
        StaleWhileRevalidate = StaleWhileRevalidate > TimeSpan.Zero ? StaleWhileRevalidate : Shorter(10 * Duration, TimeSpan.FromHours(1)),
        StaleIfError = StaleIfError > TimeSpan.Zero ? StaleIfError : Shorter(10 * Duration, TimeSpan.FromHours(24)),
    };

    /// <summary>The same as a call, or the task itself, wants it; what it leaves open stays.</summary>
    public Memoization With(CacheChoice? choice)
    {
        if (choice is null) return this;
        var chosen = this with
        {
            Duration = choice.Duration ?? Duration,
            StaleWhileRevalidate = choice.StaleWhileRevalidate ?? StaleWhileRevalidate,
            StaleIfError = choice.StaleIfError ?? StaleIfError,
            Eager = choice.Eager ?? Eager,
            Negative = choice.Negative ?? Negative,
            SoftTimeout = choice.SoftTimeout ?? SoftTimeout,
            HardTimeout = choice.HardTimeout ?? HardTimeout,
            ErrorBackoff = choice.ErrorBackoff ?? ErrorBackoff,
            ErrorThrottle = choice.ErrorThrottle ?? ErrorThrottle,
            Jitter = choice.Jitter ?? Jitter,
            Store = choice.Store ?? Store,
            Tags = choice.Tags is not { Count: > 0 } more ? Tags : Tags is null ? more : [.. Tags.Union(more, StringComparer.Ordinal)],
        };
        return choice.Resilient ? chosen.Resilient() : chosen;
    }

    /// <summary>With the node's duration where none was said; null where the duration is zero, which takes memoisation away.</summary>
    internal Memoization? Under(TimeSpan nodeDuration)
    {
        var memoize = Duration == AsNode.Duration ? this with { Duration = nodeDuration } : this;
        if (_resilient) memoize = memoize.Resilient();
        return memoize.Duration > TimeSpan.Zero ? memoize : null;
    }

    /// <summary>Resilient once the duration is known.</summary>
    internal Memoization ResilientLater() => this with { _resilient = true };

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

/// <summary>What one call, or the task from inside, wants of the cache; what is null is left to the task's setting.</summary>
public sealed record CacheChoice
{
    /// <summary>Fresh for so long.</summary>
    public TimeSpan? Duration { get; init; }

    public TimeSpan? StaleWhileRevalidate { get; init; }

    public TimeSpan? StaleIfError { get; init; }

    /// <summary>Above 0 and below 1.</summary>
    public double? Eager { get; init; }

    /// <summary>Life of a result <c>null</c>; zero does not keep it.</summary>
    public TimeSpan? Negative { get; init; }

    public TimeSpan? SoftTimeout { get; init; }

    public TimeSpan? HardTimeout { get; init; }

    /// <summary>After a failure the next try waits so long, twice as long after the next one, and so on.</summary>
    public TimeSpan? ErrorBackoff { get; init; }

    /// <summary>The longest wait between tries.</summary>
    public TimeSpan? ErrorThrottle { get; init; }

    /// <summary>0 to 1.</summary>
    public double? Jitter { get; init; }

    /// <summary>Stale answers as of <see cref="Memoization.Resilient"/>.</summary>
    public bool Resilient { get; init; }

    /// <summary>Whether the result goes to the second level.</summary>
    public bool? Store { get; init; }

    /// <summary>Added to those of the task; 16 in all are kept, those of the task and of its result before those of a call.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Answer it and do not keep it.</summary>
    public bool DoNotStore { get; init; }
}
