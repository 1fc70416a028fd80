using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Data;

/// <summary>A store that breaks its contract: what it read of many keys is answered in disorder.</summary>
/// <param name="confuse">Changes the answer to one statement.</param>
internal sealed class ConfusedStore(IEntityStore inner, Action<List<Entity?>> confuse) : IEntityStore
{
    public EntityStoreLimits Limits => inner.Limits;

    public async ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        var entities = (await inner.ReadManyAsync(ns, keys, ct)).ToList();
        confuse(entities);
        return entities;
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct) => inner.WriteManyAsync(ns, writes, ct);

    public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct) => inner.CommitAsync(ns, commit, ct);

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) => inner.FindCommitAsync(ns, marker, ct);

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct) => inner.QueryAsync(query, ct);

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct) => inner.CountAsync(ns, kind, filter, most, ct);

    public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) => inner.AllocateAsync(ns, kind, count, ct);

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) => inner.KindsAsync(ns, ct);

    public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => inner.EnsureIndexesAsync(kind, indexes, ct);

    public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => inner.DropOtherIndexesAsync(declared, ct);
}
