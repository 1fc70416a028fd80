using System.Collections.Concurrent;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What the cache counts and the versions it invalidates by, per namespace and task.</summary>
internal sealed class CacheBooks(int maxNamespaces)
{
    private const int DroppedAtOnce = 16;
    private const int MaxGone = 10_000;

    private readonly ConcurrentDictionary<Namespace, NamespaceBook> _namespaces = [];
    private readonly ConcurrentDictionary<string, CacheTotals> _gone = new(StringComparer.Ordinal);

    public InvalidationClock Clock { get; } = new();

    /// <summary>What concerns every namespace.</summary>
    public VersionCell Everything { get; } = new();

    public IEnumerable<KeyValuePair<Namespace, NamespaceBook>> All => _namespaces;

    /// <summary>Totals by task, or by cache of one's own code, over all namespaces; what is counted also of those whose books went for others.</summary>
    public Dictionary<string, CacheTotals> PerTask()
    {
        var totals = new Dictionary<string, CacheTotals>(_gone, StringComparer.Ordinal);
        foreach (var book in _namespaces)
            foreach (var task in book.Value.Tasks) totals[task.Task] = totals.GetValueOrDefault(task.Task) + task.Totals;
        return totals;
    }

    public TaskBook Of(Namespace ns, TaskDescriptor task) => (Find(ns) ?? Add(ns)).Of(task);

    /// <summary>Null: nothing was ever loaded or counted for the namespace.</summary>
    public NamespaceBook? Find(Namespace ns) => _namespaces.GetValueOrDefault(ns);

    public NamespaceBook Add(Namespace ns)
    {
        // Callers choose namespaces, so their number is bounded. Closing the versions of one that goes makes its entries and flights void.
        if (_namespaces.Count >= maxNamespaces)
        {
            var victims = _namespaces.Where(static book => book.Value.Entries == 0).Take(DroppedAtOnce).Select(static book => book.Key).ToList();
            if (victims.Count == 0 && _namespaces.FirstOrDefault() is { Value: not null } first) victims.Add(first.Key);
            foreach (var victim in victims)
            {
                if (!_namespaces.TryRemove(victim, out var gone)) continue;
                gone.Close();
                foreach (var task in gone.Tasks) Gone(task);
            }
        }
        return _namespaces.GetOrAdd(ns, static (_, self) => new NamespaceBook(self), this);
    }

    /// <summary>A book goes, and what it held with it; what it counted stays.</summary>
    public void Gone(TaskBook book)
    {
        if (_gone.Count < MaxGone || _gone.ContainsKey(book.Task))
            _gone.AddOrUpdate(book.Task, static (_, all) => all, static (_, before, all) => before + all, book.Totals with { Entries = 0, Bytes = 0 });
    }
}

/// <summary>The books of one namespace.</summary>
internal sealed class NamespaceBook(CacheBooks books)
{
    /// <summary>Tags whose versions are kept; beyond, those without entries go. Those of entries are bounded by what entries may cost.</summary>
    private const int MaxTags = 100_000;

    /// <summary>Tasks are bounded by the catalog, caches of a user's own code by this.</summary>
    private const int MaxBooks = 10_000;

    private readonly ConcurrentDictionary<string, TaskBook> _tasks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, VersionCell> _tags = new(StringComparer.Ordinal);
    private readonly Lock _tagGate = new();
    private int _tagCount;      // kept here: to count itself the dictionary takes all of its locks, up to a thousand
    private long _tagFloor;
    private int _roomForTags = MaxTags;

    public VersionCell Whole { get; } = new();

    public IEnumerable<TaskBook> Tasks => _tasks.Values;

    /// <summary>Held and not removed.</summary>
    public long Entries => _tasks.Sum(static task => task.Value.Version.Entries);

    public CacheTotals Total => Tasks.Aggregate(default(CacheTotals), static (sum, task) => sum + task.Totals);

    public TaskBook Of(TaskDescriptor task) => _tasks.TryGetValue(task.Name, out var book) ? book : Open(task);

    /// <summary>Null: nothing was ever loaded or counted for the task.</summary>
    public TaskBook? Find(string task) => _tasks.GetValueOrDefault(task);

    /// <summary>The cell of a tag; made where there is none, for a load under way may yet end with the tag.</summary>
    public VersionCell Tag(string tag) => _tags.TryGetValue(tag, out var known) ? known : Tags([tag])[0];

    /// <summary>The cells of tags, in order. Those that nothing holds yet may go when others ask for more; those of one call do not push each other out.</summary>
    public VersionCell[] Tags(IEnumerable<string> tags)
    {
        lock (_tagGate)
        {
            if (_tagCount >= _roomForTags) DropTags();
            return [.. tags.Select(Cell)];
        }
    }

    /// <returns>Entries concerned.</returns>
    public long Remove(long at)
    {
        Whole.Remove(at);
        return _tasks.Sum(task => task.Value.Version.Remove(at));
    }

    /// <returns>Entries concerned.</returns>
    public long Expire(long at)
    {
        Whole.Expire(at);
        return Entries;
    }

    public void Close() => Whole.Close(books.Clock);

    /// <summary>Under the gate.</summary>
    private VersionCell Cell(string tag)
    {
        if (_tags.TryGetValue(tag, out var known)) return known;
        _tagCount++;
        return _tags[tag] = new VersionCell(_tagFloor);
    }

    private TaskBook Open(TaskDescriptor task)
    {
        if (_tasks.Count >= MaxBooks && _tasks.FirstOrDefault(static one => one.Value.Version.Entries == 0).Key is { } empty && _tasks.TryRemove(empty, out var gone))
        {
            gone.Version.Close(books.Clock);
            books.Gone(gone);
        }
        var own = new VersionCell();
        var tags = task.Memoize?.Tags ?? [];
        lock (_tagGate)      // none of its cells goes before the book has it
        {
            var cells = Tags(tags);
            return _tasks.GetOrAdd(task.Name, new TaskBook(task.Name, own, tags, cells, [books.Everything, Whole, own, .. cells], books.Clock));
        }
    }

    /// <summary>Those without entries go. What they knew goes into the floor: a load from before it never counts for a tag that is
    /// new to the book, and a load that knows a dropped cell never counts at all. As many as stay are added before all are looked at again, so an addition costs a step or two.</summary>
    private void DropTags()
    {
        var ofTasks = _tasks.Values.SelectMany(static task => task.TagCells).ToHashSet();
        foreach (var (tag, cell) in _tags)
        {
            if (cell.Entries > 0 || ofTasks.Contains(cell) || !_tags.TryRemove(tag, out _)) continue;
            _tagCount--;
            _tagFloor = Math.Max(_tagFloor, cell.TouchedAt);
            cell.Close(books.Clock);
        }
        _roomForTags = Math.Max(MaxTags, 2 * _tagCount);
    }
}

/// <summary>The counters and versions of one task in one namespace. Any thread counts.</summary>
internal sealed class TaskBook(string task, VersionCell version, IReadOnlyList<string> tags, VersionCell[] tagCells, VersionCell[] cells, InvalidationClock clock)
{
    private readonly ThreadedCounter _hits = new();
    private HitPlace[] _places = [];
    private long _bytes;
    private long _misses;
    private long _joined;
    private long _stale;
    private long _evictions;
    private long _refreshes;
    private long _failures;
    private long _tooLarge;
    private long _recalled;

    public string Task { get; } = task;

    /// <summary>Of the task itself.</summary>
    public IReadOnlyList<string> Tags { get; } = tags;

    public VersionCell Version { get; } = version;

    public CacheTotals Totals => new(
        Version.Entries, Volatile.Read(ref _bytes), _hits.Value, Volatile.Read(ref _misses), Volatile.Read(ref _joined), Volatile.Read(ref _stale), Volatile.Read(ref _evictions))
    {
        Refreshes = Volatile.Read(ref _refreshes),
        Failures = Volatile.Read(ref _failures),
        TooLarge = Volatile.Read(ref _tooLarge),
        Recalled = Volatile.Read(ref _recalled),
    };

    public VersionStamp Capture() => new(cells, clock.Now);

    public InvalidationClock Clock => clock;

    /// <summary>What hits on its entries in a shard have in common; made once for those without tags of their own.</summary>
    public HitPlace PlaceIn(MemoShard shard, VersionCell[] versions)
    {
        if (versions != cells) return new HitPlace(shard, this, versions);
        var known = Volatile.Read(ref _places);
        while (true)
        {
            foreach (var place in known)
                if (place.Shard == shard) return place;
            var made = new HitPlace(shard, this, versions);
            var before = Interlocked.CompareExchange(ref _places, [.. known, made], known);
            if (before == known) return made;
            known = before;
        }
    }

    /// <summary>Of the task's own tags.</summary>
    public IReadOnlyList<VersionCell> TagCells => tagCells;

    /// <param name="thread">The caller's number.</param>
    public void CountHit(int thread) => _hits.Add(thread);

    public void CountMiss() => Interlocked.Increment(ref _misses);

    public void CountJoined() => Interlocked.Increment(ref _joined);

    public void CountStale() => Interlocked.Increment(ref _stale);

    public void CountEviction() => Interlocked.Increment(ref _evictions);

    public void CountRefresh() => Interlocked.Increment(ref _refreshes);

    public void CountFailure() => Interlocked.Increment(ref _failures);

    public void CountTooLarge() => Interlocked.Increment(ref _tooLarge);

    /// <summary>Found in the second level.</summary>
    public void CountRecalled() => Interlocked.Increment(ref _recalled);

    public void Holds(MemoEntry entry)
    {
        Interlocked.Add(ref _bytes, entry.Bytes);
        foreach (var cell in Counting(entry.Stamp.Cells)) cell.Hold(entry.Stamp.AsOf);
    }

    public void Releases(MemoEntry entry)
    {
        Interlocked.Add(ref _bytes, -entry.Bytes);
        foreach (var cell in Counting(entry.Stamp.Cells)) cell.Release(entry.Stamp.AsOf);
    }

    /// <summary>The task's own cell and those of tags; what a namespace holds is the sum over its tasks.</summary>
    private static ReadOnlySpan<VersionCell> Counting(VersionCell[] cells) => cells.AsSpan(2);
}
