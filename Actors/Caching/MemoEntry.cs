namespace ActorPerf.Caching;

/// <summary>A remembered result. Immutable but for its reader marks, which may be lost, and the links of its shard's list.</summary>
internal sealed class MemoEntry(long id, CacheKey key, ComputedResult result, long computedAt, long freshUntil, VersionStamp stamp, TaskBook book)
{
    /// <summary>What an entry costs beside its bytes: objects, links, table slots.</summary>
    private const int Overhead = 512;

    private long _hits;

    /// <summary>Rises with every entry stored.</summary>
    public long Id { get; } = id;
    public CacheKey Key { get; } = key;
    public ComputedResult Result { get; } = result;
    public TaskBook Book { get; } = book;

    /// <summary>The answer to a hit, made once.</summary>
    public ComputeOutcome Hit { get; } = new ComputeOutcome.Found(result, CacheSource.Hit);

    /// <summary>Timestamps of the <see cref="TimeProvider"/>: a clock that is set back must not lengthen a life.</summary>
    public long ComputedAt { get; } = computedAt;
    public long FreshUntil { get; } = freshUntil;

    /// <summary>When it is of no use any more. The same as <see cref="FreshUntil"/> while there is no stale window.</summary>
    public long DeadAt => FreshUntil;

    public long Bytes { get; } = Cost(key, result);
    public bool IsCurrent => stamp.IsCurrent;
    public long Hits => Volatile.Read(ref _hits);

    // Of the shard that owns it.
    public bool Visited { get; set; }
    public MemoEntry? Newer { get; set; }
    public MemoEntry? Older { get; set; }

    public static long Cost(CacheKey key, ComputedResult result) => Overhead + key.Args.Length + result.Json.Length;

    public void Touch()
    {
        Interlocked.Increment(ref _hits);
        if (!Visited) Visited = true; // a write only where it changes something: hot entries stay shared between processors' caches
    }
}
