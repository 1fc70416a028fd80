namespace ActorPerf.Data;

/// <summary>What a scope knows of entities, misses included. Its members belong to the scope, which locks.</summary>
/// <remarks>Bounded: what was not used for longest is forgotten first. An entry stays, known or not, while reads or writes of its key are under way.</remarks>
internal sealed class IdentityMap(DataScope scope, int maxEntities, long maxBytes)
{
    private readonly Dictionary<Key, ScopeEntry> _entries = [];
    private readonly LinkedList<ScopeEntry> _known = new();          // least recently used first
    private long _bytes;
    private long _hits;
    private long _evictions;

    /// <summary>Entities that it knows, misses included.</summary>
    public int Remembered => _known.Count;

    /// <summary>Gets answered from it, and entities forgotten for want of room.</summary>
    public (long Hits, long Evictions) Usage => (_hits, _evictions);

    /// <summary>Null where there is no entry.</summary>
    public ScopeEntry? Find(Key key) => _entries.GetValueOrDefault(key);

    public ScopeEntry Own(Key key)
    {
        if (!_entries.TryGetValue(key, out var entry)) _entries[key] = entry = new ScopeEntry(scope, key);
        return entry;
    }

    /// <summary>A known entry answers a get.</summary>
    public void Hit(ScopeEntry entry)
    {
        _known.Remove(entry.Place!);
        _known.AddLast(entry.Place!);
        _hits++;
    }

    public void Know(ScopeEntry entry, Entity? entity)
    {
        Unknow(entry);
        entry.Entity = entity;
        entry.Place = _known.AddLast(entry);
        _bytes += entry.Bytes;
        while (_known.First is { } oldest && (_known.Count > maxEntities || _bytes > maxBytes))
        {
            _evictions++;
            if (oldest.Value.Reading > 0) Unknow(oldest.Value);
            else Remove(oldest.Value);
        }
    }

    public void Unknow(ScopeEntry entry)
    {
        if (entry.Place is null) return;
        _known.Remove(entry.Place);
        _bytes -= entry.Bytes;
        (entry.Place, entry.Entity) = (null, null);
    }

    /// <summary>Nothing is known of it any more, and unless something is under way the entry goes.</summary>
    public void Remove(ScopeEntry entry)
    {
        Unknow(entry);
        if (entry.Reading == 0 && entry.LastWrite is null && _entries.TryGetValue(entry.Key, out var current) && current == entry) _entries.Remove(entry.Key);
    }

    public LearnedEntity[] Known() => [.. _known.Select(entry => new LearnedEntity(entry.Key, entry.Entity, entry.Epoch))];

    /// <summary>Everybody who waits for a read of this scope.</summary>
    public List<ReadWaiter> Waiters()
    {
        var waiters = new List<ReadWaiter>();
        foreach (var entry in _entries.Values)
            for (var waiter = entry.Waiters; waiter is not null; waiter = waiter.Sibling) waiters.Add(waiter);
        return waiters;
    }
}
