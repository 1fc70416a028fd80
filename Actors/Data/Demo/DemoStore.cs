using ActorPerf.Tasks;

namespace ActorPerf.Data.Demo;

/// <summary>A store in front of the node's own: reads and queries of the namespace <c>demo</c> take a scripted time and are counted. Everything else passes through.</summary>
internal sealed class DemoStore(IEntityStore inner, DemoMeter meter, TimeProvider time, TimeSpan delay) : IEntityStore
{
    public EntityStoreLimits Limits => inner.Limits;

    public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct) =>
        ns == DemoWorld.Namespace ? SlowAsync(() => inner.ReadManyAsync(ns, keys, ct), ct) : inner.ReadManyAsync(ns, keys, ct);

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct) =>
        query.Namespace == DemoWorld.Namespace ? SlowAsync(() => inner.QueryAsync(query, ct), ct) : inner.QueryAsync(query, ct);

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct) => inner.WriteManyAsync(ns, writes, ct);

    public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct) => inner.CommitAsync(ns, commit, ct);

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) => inner.FindCommitAsync(ns, marker, ct);

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct) => inner.CountAsync(ns, kind, filter, most, ct);

    public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) => inner.AllocateAsync(ns, kind, count, ct);

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) => inner.KindsAsync(ns, ct);

    public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => inner.EnsureIndexesAsync(kind, indexes, ct);

    public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => inner.DropOtherIndexesAsync(declared, ct);

    private async ValueTask<T> SlowAsync<T>(Func<ValueTask<T>> read, CancellationToken ct)
    {
        meter.Count();
        if (delay > TimeSpan.Zero) await Task.Delay(delay, time, ct);
        return await read();
    }
}
