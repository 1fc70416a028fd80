using System.Collections.Concurrent;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>A store that costs next to nothing, so that what is measured over it is the way there and back.</summary>
internal sealed class BareEntities : IEntityStore
{
    private readonly ConcurrentDictionary<Key, Entity> _entities = [];

    public EntityStoreLimits Limits { get; } = new("bare", Slots: 4);

    public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        var entities = new Entity?[keys.Count];
        for (var i = 0; i < entities.Length; i++) entities[i] = _entities.GetValueOrDefault(keys[i]);
        return new(entities);
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct)
    {
        var outcomes = new WriteOutcome[writes.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var put = (EntityWrite.Put)writes[i];
            var version = (_entities.GetValueOrDefault(put.Key)?.Version ?? 0) + 1;
            _entities[put.Key] = new Entity(put.Key, version, put.Data, DateTimeOffset.UnixEpoch);
            outcomes[i] = new WriteOutcome(WriteStatus.Written, version, DateTimeOffset.UnixEpoch);
        }
        return new(outcomes);
    }

    public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => default;

    public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => new([]);
}
