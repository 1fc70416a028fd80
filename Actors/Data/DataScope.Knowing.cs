namespace ActorPerf.Data;

/// <summary>What a scope knows of entities. What it has seen once is never followed by something older: not by a transaction's older reads, not by a read that comes back out of turn, not by the late
/// outcome of a write that another one has overtaken.</summary>
public sealed partial class DataScope
{
    /// <summary>What it knows of entities now, misses included.</summary>
    internal IReadOnlyList<LearnedEntity> Known()
    {
        lock (_gate) return _map.Known();
    }

    /// <summary>A transaction inside has taken place: what it read and wrote is known here too, unless something newer is.</summary>
    /// <remarks>What a scope knows of a key is never replaced by something older. So nothing is taken over that a write in this process may have overtaken, which shows in the key's epoch:
    /// that write may be one of this scope, or of a scope inside it. One of a scope around it, called before, may still come: then nothing is taken over either. Writes of other processes show in
    /// the version, of which the higher is the newer. Of an entity and a miss nobody can tell which came first: then nothing is known any more, and the next get asks the store.</remarks>
    internal void Learn(IEnumerable<LearnedEntity> learned)
    {
        if (Transaction is not null) return;                       // another transaction around it keeps to what it has seen
        lock (_gate)
        {
            if (_left) return;
            foreach (var (key, entity, epoch) in learned)
            {
                // Under the lock: a write whose outcome comes later finds what is put here, and forgets it.
                if (_parts.Fence.Of(key) != epoch || _parent?.IsWriting(key) == true) continue;
                var entry = _map.Own(key);
                if (entry.LastWrite is not null) continue;
                if (!entry.IsKnown || entry.Entity?.Version < entity?.Version) _map.Know(entry, entity);
                else if ((entry.Entity is null) != (entity is null)) _map.Remove(entry);
            }
        }
    }

    /// <summary>Entities were changed beside the pipelines: nothing is known of them any more.</summary>
    internal void Forget(Key key)
    {
        lock (_gate)
        {
            if (_map.Find(key) is { IsKnown: true } entry) _map.Remove(entry);
        }
        ForgetAbove(key);
    }

    /// <summary>Two reads of a key may be under way, a write between them, and come back in any order: what has been seen once is never followed by something older.</summary>
    private void Take(ScopeEntry entry, Entity? entity, bool isFresh)
    {
        if (!entry.IsKnown)
        {
            if (isFresh) _map.Know(entry, entity);
        }
        else if (entry.Entity?.Version < entity?.Version && isFresh)
        {
            _map.Know(entry, entity);
        }
        else if (entry.Entity?.Version < entity?.Version || (entry.Entity is null) != (entity is null))
        {
            _map.Unknow(entry);
        }
    }

    /// <summary>What is known of a key here or further out, or the write whose outcome has to be awaited to know it.</summary>
    private (ScopeEntry? Known, PendingWrite? Write) Look(Key key)
    {
        if (_map.Find(key) is not { } entry) return _parent is null ? default : _parent.LookFromWithin(key);
        if (entry.LastWrite is { } write) return (null, write);
        if (!entry.IsKnown) return default;
        _map.Hit(entry);
        return (entry, null);
    }

    private (ScopeEntry? Known, PendingWrite? Write) LookFromWithin(Key key)
    {
        lock (_gate) return Look(key);
    }

    /// <summary>Whether a write of the key that was called here or further out has no outcome yet.</summary>
    private bool IsWriting(Key key)
    {
        lock (_gate) return _map.Find(key)?.LastWrite is not null || _parent?.IsWriting(key) == true;
    }

    private List<PendingWrite> WritesOf(IReadOnlyList<Key> keys)
    {
        var writes = new List<PendingWrite>();
        foreach (var key in keys)
            if (Look(key).Write is { } write) writes.Add(write);
        return writes;
    }

    private void ForgetAbove(Key key) => _parent?.Forget(key);
}
