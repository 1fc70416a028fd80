using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>What entities need stored. Implementations run one conformance suite: memory, SQLite, PostgreSQL.</summary>
/// <remarks>Every method is one round trip and one transaction. Callers batch: nothing here waits for company. A failure of one entity's own making
/// (a value the engine refuses) comes as <see cref="EntityFaultException"/> where it is alone in its call, and fails the call where it is not: the pipeline halves the batch.</remarks>
public interface IEntityStore
{
    EntityStoreLimits Limits { get; }

    /// <summary>Reads many entities in one statement.</summary>
    /// <param name="ns">Whose. Another namespace's key is absent, not an error.</param>
    /// <param name="keys">1 to <see cref="EntityStoreLimits.MaxReadBatch"/>; kinds may differ, a key may come twice.</param>
    /// <returns>One item per key, in the order of <paramref name="keys"/>; null where there is none.</returns>
    /// <exception cref="StoreUnavailableException">Transient: ask again.</exception>
    ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct);

    /// <summary>Writes many entities in one transaction, each on its own terms: one that conflicts does not hold up the others. Durable when it returns.</summary>
    /// <param name="writes">1 to <see cref="EntityStoreLimits.MaxWriteBatch"/>, at most one per key.</param>
    /// <returns>One outcome per write, in their order.</returns>
    /// <exception cref="StoreUnavailableException">Nothing changed.</exception>
    /// <exception cref="CommitUnknownException">It may or may not have taken place.</exception>
    ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct);

    /// <summary>Checks the reads and writes, and writes all or nothing.</summary>
    /// <exception cref="CommitUnknownException">Settle it with <see cref="FindCommitAsync"/> before trying again.</exception>
    ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct);

    /// <summary>Whether a commit with this marker took place. Markers are kept for a day.</summary>
    ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct);

    /// <summary>One page, in the query's order.</summary>
    /// <exception cref="ArgumentException">Thrown by the call and not by the await: a path, a value or a number breaks its rule.</exception>
    ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct);

    /// <summary>How many meet a filter; stops counting at <paramref name="most"/>.</summary>
    /// <exception cref="ArgumentException">As of <see cref="QueryAsync"/>.</exception>
    ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct);

    /// <summary>Sets numbers aside that no other call gets, ever, and returns the first.</summary>
    /// <param name="count">1 to 100,000.</param>
    ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct);

    /// <summary>The kinds of a namespace with how many entities and bytes each has, from kept counters, by name.</summary>
    ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct);

    /// <summary>Makes what indexes of a kind are missing or were left unfinished. Idempotent; nodes that call at once get one index. Reads and writes go on meanwhile, except where a store has one writer for all.</summary>
    ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct);

    /// <summary>Drops what indexes were made for declarations that are not among these. Indexes that others have made stay.</summary>
    /// <returns>The names of those dropped.</returns>
    ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct);
}

/// <param name="Paths">As in <see cref="EntityKind.Indexes"/>: <c>city,-createdAt</c>.</param>
public readonly record struct EntityIndexDeclaration(string Kind, string Paths);

/// <param name="Provider">Its name: <c>sqlite</c>, <c>postgresql</c>, <c>memory</c>.</param>
/// <param name="Slots">Statements worth having under way at once.</param>
public sealed record EntityStoreLimits(string Provider, int Slots, int MaxReadBatch = 512, int MaxWriteBatch = 512);

public readonly record struct KindSize(string Kind, long Entities, long Bytes);
