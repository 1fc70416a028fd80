using System.Collections.Concurrent;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What the cache counts and the versions it invalidates by, per namespace and task.</summary>
internal sealed class CacheBooks(int maxNamespaces)
{
    private readonly ConcurrentDictionary<Namespace, NamespaceBook> _namespaces = [];

    public TaskBook Of(Namespace ns, TaskDescriptor task) => (Find(ns) ?? Add(ns)).Of(task);

    /// <summary>Null: nothing was ever loaded or counted for the namespace.</summary>
    public NamespaceBook? Find(Namespace ns) => _namespaces.GetValueOrDefault(ns);

    private NamespaceBook Add(Namespace ns)
    {
        // Callers choose namespaces, so their number is bounded. Advancing the version of one that goes makes its entries and flights void.
        if (_namespaces.Count >= maxNamespaces)
        {
            var victim = _namespaces.FirstOrDefault(book => book.Value.Total.Entries == 0);
            if (victim.Value is null) victim = _namespaces.FirstOrDefault();
            if (victim.Value is not null && _namespaces.TryRemove(victim.Key, out var gone)) gone.All.Advance();
        }
        return _namespaces.GetOrAdd(ns, static _ => new NamespaceBook());
    }
}

/// <summary>The books of one namespace.</summary>
internal sealed class NamespaceBook
{
    private readonly ConcurrentDictionary<string, TaskBook> _tasks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, VersionCell> _tags = new(StringComparer.Ordinal);

    public VersionCell All { get; } = new();

    public IEnumerable<TaskBook> Tasks => _tasks.Values;

    public CacheTotals Total => Tasks.Aggregate(default(CacheTotals), static (sum, task) => Add(sum, task.Totals));

    public TaskBook Of(TaskDescriptor task) => _tasks.TryGetValue(task.Name, out var book) ? book : _tasks.GetOrAdd(task.Name, Open(task));

    /// <summary>Null: nothing was ever loaded or counted for the task.</summary>
    public TaskBook? Find(string task) => _tasks.GetValueOrDefault(task);

    /// <summary>Null: no task that was used here has the tag.</summary>
    public VersionCell? FindTag(string tag) => _tags.GetValueOrDefault(tag);

    private TaskBook Open(TaskDescriptor task)
    {
        var own = new VersionCell();
        var tags = task.Memoize?.Tags ?? [];
        return new TaskBook(task.Name, tags, own, [All, own, .. tags.Select(tag => _tags.GetOrAdd(tag, static _ => new VersionCell()))]);
    }

    private static CacheTotals Add(CacheTotals a, CacheTotals b) => new(
        a.Entries + b.Entries, a.Bytes + b.Bytes, a.Hits + b.Hits, a.Misses + b.Misses, a.Joined + b.Joined, a.Stale + b.Stale, a.Evictions + b.Evictions);
}

/// <summary>The counters and versions of one task in one namespace. Any thread counts.</summary>
internal sealed class TaskBook(string task, IReadOnlyList<string> tags, VersionCell version, VersionCell[] cells)
{
    private long _entries;
    private long _bytes;
    private long _hits;
    private long _misses;
    private long _joined;
    private long _evictions;

    public string Task { get; } = task;
    public IReadOnlyList<string> Tags { get; } = tags;
    public VersionCell Version { get; } = version;

    public CacheTotals Totals => new(
        Volatile.Read(ref _entries), Volatile.Read(ref _bytes), Volatile.Read(ref _hits), Volatile.Read(ref _misses), Volatile.Read(ref _joined),
        Stale: 0, Volatile.Read(ref _evictions));

    public VersionStamp Capture() => VersionStamp.Capture(cells);

    public void CountHit() => Interlocked.Increment(ref _hits);

    public void CountMiss() => Interlocked.Increment(ref _misses);

    public void CountJoined() => Interlocked.Increment(ref _joined);

    public void CountEviction() => Interlocked.Increment(ref _evictions);

    public void Holds(int entries, long bytes)
    {
        Interlocked.Add(ref _entries, entries);
        Interlocked.Add(ref _bytes, bytes);
    }
}
