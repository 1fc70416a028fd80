namespace ActorPerf.Caching;

/// <summary>A remembered result. Immutable but for its reader marks, of which some may be lost, what became of its refresh, and its places in its shard's lists.</summary>
internal sealed class MemoEntry(long id, CacheKey key, ComputedResult result, EntryLife life, VersionStamp stamp, TaskBook book) : EntryNode
{
    /// <summary>What an entry costs beside its bytes: objects, links, its slot, its share of the sketch. A test measures it.</summary>
    public const int Overhead = 640;

    private long _refreshing;
    private long _retryAt;
    private int _hits;

    public int Hash { get; } = key.GetHashCode();

    /// <summary>The next entry of its slot.</summary>
    public MemoEntry? Next { get; set; }

    public CacheKey Key { get; } = key;

    /// <summary>A copy, so that reading it touches this object alone.</summary>
    public EntryLife Life { get; } = life;

    /// <summary>The answer to a hit, made once.</summary>
    public ComputeOutcome Hit { get; } = new ComputeOutcome.Found(result, CacheSource.Hit);

    public ComputedResult Result { get; } = result;

    public TaskBook Book { get; } = book;

    public VersionStamp Stamp => stamp;

    /// <summary>Rises with every entry stored.</summary>
    public long Id { get; } = id;

    public long Bytes { get; } = Cost(key, result);

    public bool IsCurrent => stamp.IsCurrent;

    public EntryValidity Validity => stamp.Validity;

    public int Hits => Volatile.Read(ref _hits);

    /// <summary>Its refresh failed, and the next one may not begin before this timestamp; 0: none failed.</summary>
    public long RetryAt => Volatile.Read(ref _retryAt);

    /// <summary>Why the last refresh failed; null when none did.</summary>
    public Tasks.TaskError? LastError { get; private set; }

    /// <summary>Of the policy.</summary>
    public EntrySegment Segment { get; set; }

    /// <summary>Tags beside those of the task, or all of them; null for none.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    public static long Cost(CacheKey key, ComputedResult result) => Overhead + key.Args.Length + result.Json.Length;

    public void CountHit() => _hits++; // a lost count costs nothing, a locked one a cache line between processors

    /// <summary>True for the one caller who is to start a refresh.</summary>
    /// <param name="longest">A refresh that nobody heard of for so long counts as lost.</param>
    public bool TryBeginRefresh(long now, long longest)
    {
        var since = Volatile.Read(ref _refreshing);
        return (since == 0 || now - since > longest) && Interlocked.CompareExchange(ref _refreshing, now == 0 ? 1 : now, since) == since;
    }

    /// <summary>No refresh is under way any more.</summary>
    public void EndRefresh() => Volatile.Write(ref _refreshing, 0);

    /// <summary>A computation of its key ended well.</summary>
    public void Worked()
    {
        LastError = null;
        Volatile.Write(ref _retryAt, 0);
    }

    public void Failed(Tasks.TaskError error, long retryAt)
    {
        LastError = error;
        Volatile.Write(ref _retryAt, retryAt);
        EndRefresh();
    }
}

/// <summary>Where the policy holds an entry.</summary>
internal enum EntrySegment : byte
{
    None,
    Window,
    Probation,
    Protected,
}
