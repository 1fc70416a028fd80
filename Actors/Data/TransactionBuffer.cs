namespace ActorPerf.Data;

/// <summary>What a transaction has seen and what it wants to write. Pure; its owner locks.</summary>
internal sealed class TransactionBuffer(TimeProvider time)
{
    /// <summary>Entities that one transaction may read and write.</summary>
    public const int MaxKeys = 10_000;

    private readonly Dictionary<Key, long> _seen = [];
    private readonly Dictionary<Key, BufferedWrite> _writes = [];

    public bool HasWrites => _writes.Count > 0;

    public IEnumerable<Key> WrittenKeys => _writes.Keys;

    public IEnumerable<EntityRead> Reads => _seen.Select(read => new EntityRead(read.Key, read.Value));

    /// <summary>Notes the version of a read; 0: there was none. The first one counts: what was decided on it must fail if it moved since.</summary>
    public void Saw(Key key, long version)
    {
        if (_seen.TryAdd(key, version)) CheckRoom();
    }

    public bool HasSeen(Key key) => _seen.ContainsKey(key);

    /// <summary>Whether the transaction itself decides what stands there.</summary>
    public bool TryGet(Key key, out Entity? entity)
    {
        var isOwn = _writes.TryGetValue(key, out var write);
        entity = isOwn ? write!.Entity : null;
        return isOwn;
    }

    /// <summary>Whether a write can be decided only after its entity was read.</summary>
    public bool NeedsRead(EntityWrite write) => write is EntityWrite.Update { IfVersion: null } && StandsAt(write.Key) is null;

    /// <summary>Takes a write in, after what is known of its key.</summary>
    /// <returns>What stands there then, with the version that it is likely to get.</returns>
    /// <exception cref="VersionConflictException">It stands at another version than the write names.</exception>
    /// <exception cref="EntityStateException">An insert meets one, or an update none.</exception>
    public Entity? Write(EntityWrite write)
    {
        var key = write.Key;
        var stands = StandsAt(key);
        if (write.IfVersion is { } wanted && stands is { } version && wanted != version) throw new VersionConflictException([key]);
        if (write is EntityWrite.Insert && (stands > 0 || write.IfVersion > 0)) throw new EntityStateException(key, exists: true);
        if (write is EntityWrite.Update && (stands ?? write.IfVersion) == 0) throw new EntityStateException(key, exists: false);
        var expected = _writes.TryGetValue(key, out var before) ? before.Expected : stands ?? write.IfVersion ?? (write is EntityWrite.Insert ? 0 : null);
        var entity = DataOf(write) is { } data ? new Entity(key, (expected ?? 0) + 1, data, time.GetUtcNow()) : null;
        _writes[key] = new BufferedWrite(expected, entity, before?.IsInsert ?? write is EntityWrite.Insert);
        CheckRoom();
        return entity;
    }

    public EntityCommit ToCommit(Guid marker, bool validateReads, IReadOnlyList<object> attached) => new(
        marker,
        validateReads ? [.. Reads.Where(read => !_writes.ContainsKey(read.Key))] : [],
        [.. Ordered().Select(write => write.Value.ToWrite(write.Key))])
    {
        Attached = attached,
    };

    /// <summary>What stands there after the commit.</summary>
    /// <param name="outcomes">As the commit's writes are ordered.</param>
    public IReadOnlyList<(Key Key, Entity? Entity)> Written(IReadOnlyList<WriteOutcome> outcomes) =>
        [.. Ordered().Select((write, i) => (write.Key, write.Value.Entity is { } entity ? entity with { Version = outcomes[i].Version, UpdatedAt = outcomes[i].At } : null))];

    /// <summary>Why a conflict over a key that the transaction never read will be there at the next try too; null where another try may help.</summary>
    public Exception? LastingConflict(Key key)
    {
        if (_seen.ContainsKey(key) || !_writes.TryGetValue(key, out var write)) return null;
        return write.IsInsert ? new EntityStateException(key, exists: true) : new VersionConflictException([key]);
    }

    /// <summary>In the order of keys: two commits never wait for each other's rows.</summary>
    private IOrderedEnumerable<KeyValuePair<Key, BufferedWrite>> Ordered() => _writes.OrderBy(write => write.Key.Kind, StringComparer.Ordinal).ThenBy(write => write.Key.Id);

    /// <summary>What is known to stand there: 0 for none, null where nothing is known.</summary>
    private long? StandsAt(Key key) =>
        _writes.TryGetValue(key, out var write) ? write.Entity?.Version ?? 0 : _seen.TryGetValue(key, out var version) ? version : null;

    private void CheckRoom()
    {
        if (_seen.Count <= MaxKeys && _writes.Count <= MaxKeys) return;
        throw new InvalidOperationException($"A transaction reads and writes at most {MaxKeys} entities each. Do the work in several, or read what need not be checked inside SuppressTransaction().");
    }

    private static ReadOnlyMemory<byte>? DataOf(EntityWrite write) => write switch
    {
        EntityWrite.Put put => put.Data,
        EntityWrite.Insert insert => insert.Data,
        EntityWrite.Update update => update.Data,
        _ => default(ReadOnlyMemory<byte>?),             // null alone would become an empty memory
    };

    /// <param name="Expected">Where the entity must stand at the commit; null: anywhere.</param>
    /// <param name="Entity">Null: it is to be deleted.</param>
    /// <param name="IsInsert">It rests on nothing but an insert's word that there is none.</param>
    private sealed record BufferedWrite(long? Expected, Entity? Entity, bool IsInsert)
    {
        public EntityWrite ToWrite(Key key) =>
            Entity is null ? new EntityWrite.Delete(key) { IfVersion = Expected } : new EntityWrite.Put(key, Entity.Data) { IfVersion = Expected };
    }
}
