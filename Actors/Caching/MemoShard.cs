using System.Collections.Concurrent;

namespace ActorPerf.Caching;

/// <summary>One shard's part of the memo table: read by anyone, changed by its actor alone.</summary>
/// <remarks>Eviction is SIEVE: entries stand in order of arrival, a hit only sets a mark, and a hand that moves from the oldest to the newest
/// takes the first entry without a mark, clearing marks as it passes. Like CLOCK it costs a hit nothing but a write, and unlike CLOCK it lets
/// entries that nobody asks for twice go first, so a scan does not wash the table out. No step looks at all entries on a caller's time.</remarks>
internal sealed class MemoShard(int maxEntries, long maxBytes, long maxEntryBytes)
{
    private static readonly Comparer<MemoEntry> ByDeath = Comparer<MemoEntry>.Create(static (a, b) =>
        a.DeadAt != b.DeadAt ? a.DeadAt.CompareTo(b.DeadAt) : a.Id.CompareTo(b.Id));

    private readonly ConcurrentDictionary<CacheKey, MemoEntry> _entries = new(concurrencyLevel: 1, capacity: 31);
    private readonly SortedSet<MemoEntry> _deaths = new(ByDeath);
    private MemoEntry? _newest;
    private MemoEntry? _oldest;
    private MemoEntry? _hand;
    private long _bytes;

    public int Count => _deaths.Count;

    public long Bytes => _bytes;

    /// <summary>All entries at some moment during the call, in no order. From any thread.</summary>
    public IEnumerable<MemoEntry> Entries => _entries.Select(static pair => pair.Value);

    /// <summary>A fresh entry. From any thread; allocates nothing.</summary>
    /// <param name="oldest">Computed no earlier than this timestamp.</param>
    public MemoEntry? Find(CacheKey key, long now, long oldest) =>
        _entries.TryGetValue(key, out var entry) && now < entry.FreshUntil && entry.ComputedAt >= oldest && entry.IsCurrent ? entry : null;

    /// <summary>Whether an entry of so many bytes may be kept.</summary>
    public bool Fits(long bytes) => bytes <= Math.Min(maxEntryBytes, maxBytes);

    /// <summary>Keeps an entry, in the place of the one with the same key; evicts until the bounds hold.</summary>
    public void Store(MemoEntry entry)
    {
        Remove(entry.Key);
        while (_deaths.Count >= maxEntries || _bytes + entry.Bytes > maxBytes)
        {
            var victim = Victim();
            victim.Book.CountEviction();
            Unlink(victim);
        }
        (entry.Older, entry.Newer) = (_newest, null);
        if (_newest is not null) _newest.Newer = entry;
        _newest = entry;
        _oldest ??= entry;
        _bytes += entry.Bytes;
        _deaths.Add(entry);
        entry.Book.Holds(1, entry.Bytes);
        _entries[entry.Key] = entry;
    }

    /// <returns>The entry that was there.</returns>
    public MemoEntry? Remove(CacheKey key)
    {
        if (!_entries.TryGetValue(key, out var entry)) return null;
        Unlink(entry);
        return entry;
    }

    /// <summary>Removes dead entries, at most <paramref name="most"/> at once.</summary>
    /// <returns>How many.</returns>
    public int Sweep(long now, int most)
    {
        var swept = 0;
        while (swept < most && _deaths.Min is { } first && first.DeadAt <= now)
        {
            Unlink(first);
            swept++;
        }
        return swept;
    }

    private MemoEntry Victim()
    {
        var candidate = _hand ?? _oldest ?? throw new InvalidOperationException("An empty shard has nothing to evict.");
        while (candidate.Visited)
        {
            candidate.Visited = false;
            candidate = candidate.Newer ?? _oldest ?? candidate;
        }
        _hand = candidate.Newer;
        return candidate;
    }

    private void Unlink(MemoEntry entry)
    {
        _entries.TryRemove(entry.Key, out _);
        if (_hand == entry) _hand = entry.Newer;
        if (entry.Newer is { } newer) newer.Older = entry.Older;
        else _newest = entry.Older;
        if (entry.Older is { } older) older.Newer = entry.Newer;
        else _oldest = entry.Newer;
        (entry.Newer, entry.Older) = (null, null);
        _deaths.Remove(entry);
        _bytes -= entry.Bytes;
        entry.Book.Holds(-1, -entry.Bytes);
    }
}
