namespace ActorPerf.Caching;

/// <summary>Numbers this node's invalidations in the order in which it learned of them. Integers, because clocks cannot order.</summary>
internal sealed class InvalidationClock
{
    private long _last;

    /// <summary>The newest invalidation; a load that starts now knows all up to it. It moves on before any cell changes, so what was loaded at this very number is current.</summary>
    public long Now => Volatile.Read(ref _last);

    public long Next() => Interlocked.Increment(ref _last);
}

/// <summary>What invalidations did to everything under one name: a namespace, a task, a tag. What was loaded before counts no more.</summary>
/// <remarks>Read by anyone on every hit; changed seldom.</remarks>
internal sealed class VersionCell
{
    private readonly Lock _gate = new();
    private long _removedAt;
    private long _touchedAt;
    private long _entries;

    /// <param name="floor">Whatever was loaded before this counts as removed.</param>
    public VersionCell(long floor = 0) => (_removedAt, _touchedAt) = (floor, floor);

    /// <summary>The newest invalidation of either kind.</summary>
    public long TouchedAt => Volatile.Read(ref _touchedAt);

    /// <summary>The newest that lets nobody see what was loaded before.</summary>
    public long RemovedAt => Volatile.Read(ref _removedAt);

    /// <summary>Entries that are held and not removed by this cell.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <returns>Entries concerned.</returns>
    public long Remove(long at)
    {
        lock (_gate)
        {
            if (at > _removedAt) Volatile.Write(ref _removedAt, at);
            if (at > _touchedAt) Volatile.Write(ref _touchedAt, at);
            var count = _entries;
            _entries = 0;
            return count;
        }
    }

    /// <returns>Entries concerned.</returns>
    public long Expire(long at)
    {
        lock (_gate)
        {
            if (at > _touchedAt) Volatile.Write(ref _touchedAt, at);
            return _entries;
        }
    }

    /// <summary>Nothing that knows this cell counts any more.</summary>
    /// <param name="clock">Moves on first, as with every change of a cell: where it stands still, no cell has changed.</param>
    public void Close(InvalidationClock clock)
    {
        clock.Next();
        Remove(long.MaxValue);
    }

    /// <summary>An entry is held that was loaded at <paramref name="asOf"/>.</summary>
    public void Hold(long asOf)
    {
        lock (_gate)
            if (_removedAt <= asOf) _entries++;
    }

    /// <summary>The entry is gone; it was counted unless an invalidation took it out.</summary>
    public void Release(long asOf)
    {
        lock (_gate)
            if (_removedAt <= asOf) _entries--;
    }
}

/// <summary>What a load knew: the cells that concern it, and the newest invalidation at its start. Captured before the load.</summary>
internal readonly struct VersionStamp(VersionCell[] cells, long asOf)
{
    public VersionCell[] Cells => cells;

    public long AsOf => asOf;

    /// <summary>Nothing was invalidated since.</summary>
    public bool IsCurrent
    {
        get
        {
            foreach (var cell in cells)
                if (cell.TouchedAt > asOf) return false;
            return true;
        }
    }

    public EntryValidity Validity
    {
        get
        {
            if (IsCurrent) return EntryValidity.Current;
            foreach (var cell in cells)
                if (cell.RemovedAt > asOf) return EntryValidity.Removed;
            return EntryValidity.Expired;
        }
    }

    /// <summary>The same load under more names.</summary>
    public VersionStamp With(IEnumerable<VersionCell> more) => new([.. cells, .. more.Except(cells)], asOf);
}
