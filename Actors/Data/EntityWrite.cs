namespace ActorPerf.Data;

/// <summary>What is to become of one entity.</summary>
public abstract record EntityWrite
{
    private EntityWrite(Key key) => Key = key;

    public Key Key { get; }

    /// <summary>The write takes place only at this version; 0 means: only if there is none. Null: whatever is there.</summary>
    public long? IfVersion { get; init; }

    /// <summary>What it takes in memory and in a statement: its data, and as much for the rest as a usual key takes.</summary>
    internal int Size => 128 + (this switch
    {
        Put put => put.Data.Length,
        Insert insert => insert.Data.Length,
        Update update => update.Data.Length,
        _ => 0,
    });

    /// <summary>Writes whether or not it exists.</summary>
    public sealed record Put(Key Key, ReadOnlyMemory<byte> Data) : EntityWrite(Key);

    /// <summary>Writes only where there is none.</summary>
    public sealed record Insert(Key Key, ReadOnlyMemory<byte> Data) : EntityWrite(Key);

    /// <summary>Writes only where there is one.</summary>
    public sealed record Update(Key Key, ReadOnlyMemory<byte> Data) : EntityWrite(Key);

    /// <summary>Removes it; removing what is not there is no error.</summary>
    public sealed record Delete(Key Key) : EntityWrite(Key);
}

/// <summary>What became of a write.</summary>
public enum WriteStatus
{
    Written,

    /// <summary>An insert found one.</summary>
    Exists,

    /// <summary>An update found none.</summary>
    Missing,

    /// <summary>It stood at another version than the write named.</summary>
    Conflict,
}

/// <param name="Version">The version it stands at now, written or not; 0 where there is none.</param>
/// <param name="At">When this write took place; of no meaning otherwise.</param>
public readonly record struct WriteOutcome(WriteStatus Status, long Version, DateTimeOffset At)
{
    /// <summary>Whether there was none before, so that this write made it. The version does not tell: what is new stands above the versions of what was deleted.
    /// Never said inside a transaction, where nothing has taken place yet.</summary>
    public bool Created { get; init; }
}

/// <summary>A read that a transaction relied on.</summary>
/// <param name="Version">What it saw; 0 for none.</param>
public readonly record struct EntityRead(Key Key, long Version);

/// <summary>All or nothing, of one namespace.</summary>
/// <param name="Marker">Random; kept with the commit, so that an unknown outcome can be settled (<see cref="IEntityStore.FindCommitAsync"/>).</param>
/// <param name="Reads">Must still stand at these versions.</param>
/// <param name="Writes">At most one per key.</param>
public sealed record EntityCommit(Guid Marker, IReadOnlyList<EntityRead> Reads, IReadOnlyList<EntityWrite> Writes)
{
    /// <summary>Writes of other features that belong to the same transaction, such as jobs to be submitted; the store knows whose they are.</summary>
    public IReadOnlyList<object> Attached { get; init; } = [];
}

/// <param name="Outcomes">One per write, in their order.</param>
/// <param name="Conflicts">The keys that stood in the way; empty when it was committed.</param>
public sealed record CommitOutcome(IReadOnlyList<WriteOutcome> Outcomes, IReadOnlyList<Key> Conflicts)
{
    public bool Committed => Conflicts.Count == 0;
}
