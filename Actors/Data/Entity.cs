namespace ActorPerf.Data;

/// <summary>An entity as it is stored. Immutable: a change is a new one.</summary>
/// <param name="Version">Counted from 1, and 1 more at every write; a deleted and inserted entity goes on where it ended or higher, never lower.</param>
/// <param name="Data">A JSON object in UTF-8, exactly as it was written; at most 1 MiB.</param>
public sealed record Entity(Key Key, long Version, ReadOnlyMemory<byte> Data, DateTimeOffset UpdatedAt);

/// <summary>An entity read into its type.</summary>
/// <param name="Version">As of <see cref="Entity.Version"/>.</param>
public sealed record Entity<T>(Key Key, long Version, T Value, DateTimeOffset UpdatedAt);
