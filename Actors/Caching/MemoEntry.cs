namespace ActorPerf.Caching;

/// <summary>A remembered result. Immutable but for its reader marks, of which some may be lost, what became of its refresh, and its places in its shard's lists.</summary>
/// <remarks>A hit reads as little memory as it can, for in a large table every line of it is a wait: what hits read is declared together, so that it lies together.</remarks>
internal sealed class MemoEntry : EntryNode
{
    /// <summary>What an entry costs beside its bytes: objects, links, its slot, its share of the sketch. A test measures it.</summary>
    public const int Overhead = 640;

    /// <summary>What a tag costs beside its text: its cell and its place in the namespace's book, which other entries may share, and its places in the entry. A test measures it.</summary>
    public const int TagOverhead = 320;

    // In the order in which they lie in memory: references first, then numbers. A hit by an equal key needs the last two references and the first number; the rest of what it needs lies in the
    // entry's key (KeptHit), beside the parts that it compares.
    private Tasks.TaskError? _lastError;
    private readonly IReadOnlyList<string>? _tags;
    private readonly ComputedResult _result;
    private readonly VersionCell[] _cells;
    private readonly ComputeOutcome.Found _hit;
    private readonly TaskBook _book;
    private MemoShard? _home;
    private MemoEntry? _next;
    private readonly CacheKey _key;
    private readonly long _hash;
    private readonly long _eagerAt;
    private readonly long _asOf;
    private long _hits;
    private long _retryAt;
    private long _refreshing;

    /// <param name="tags">Tags beside those of the task, or all of them; null for none.</param>
    public MemoEntry(long id, CacheKey key, ComputedResult result, EntryLife life, VersionStamp stamp, TaskBook book, IReadOnlyList<string>? tags = null)
    {
        (Id, _key, _result, Life, _book, _tags, Bytes) = (id, key, result, life, book, tags, Cost(key, result, book, tags));
        (_cells, _asOf, _eagerAt) = (stamp.Cells, stamp.AsOf, life.EagerAt);
        _hash = key.GetHashCode();
        _hit = new ComputeOutcome.Found(result, CacheSource.Hit);
    }

    /// <summary>The answer to a hit, made once.</summary>
    public ComputeOutcome.Found Hit => _hit;

    public TaskBook Book => _book;

    /// <summary>The next entry of its slot.</summary>
    public MemoEntry? Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>The shard that holds it, or held it; null before it was stored.</summary>
    public MemoShard? Home
    {
        get => _home;
        set => _home = value;
    }

    public CacheKey Key => _key;

    public ComputedResult Result => _result;

    public EntryLife Life { get; }

    /// <summary>Rises with every entry stored.</summary>
    public long Id { get; }

    public long Bytes { get; }

    public int Hash => (int)_hash;

    /// <summary>Until then it is fresh and nothing is due.</summary>
    public long EagerAt => _eagerAt;

    public VersionStamp Stamp => new(_cells, _asOf);

    public bool IsCurrent => Stamp.IsCurrent;

    public EntryValidity Validity => Stamp.Validity;

    public long Hits => Volatile.Read(ref _hits) + _key.Kept.UsesOf(this);

    /// <summary>Its refresh failed, and the next one may not begin before this timestamp; 0: none failed.</summary>
    public long RetryAt => Volatile.Read(ref _retryAt);

    /// <summary>Why the last refresh failed; null when none did.</summary>
    public Tasks.TaskError? LastError => Volatile.Read(ref _lastError);

    /// <summary>Of the policy.</summary>
    public EntrySegment Segment { get; set; }

    /// <summary>Tags beside those of the task, or all of them; null for none.</summary>
    public IReadOnlyList<string>? Tags => _tags;

    public static long Cost(CacheKey key, ComputedResult result, TaskBook book, IReadOnlyList<string>? tags)
    {
        long cost = Overhead + key.Args.Length + result.Json.Length;
        // All entries of a task share the texts and the cells of its own.
        foreach (var tag in tags ?? [])
            if (!book.Tags.Contains(tag)) cost += TagOverhead + (2 * tag.Length);
        return cost;
    }

    /// <summary>It answers a call as a hit, and is counted. From any thread; allocates nothing.</summary>
    public ComputeOutcome.Found AnswerHit()
    {
        var thread = Environment.CurrentManagedThreadId;
        _home?.Touch(this, thread);
        _book.CountHit(thread);
        return _hit;
    }

    public void CountUse() => _hits++; // a lost count costs nothing, a locked one a cache line between processors

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
        Volatile.Write(ref _lastError, null);
        Volatile.Write(ref _retryAt, 0);
    }

    public void Failed(Tasks.TaskError error, long retryAt)
    {
        Volatile.Write(ref _lastError, error);
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
