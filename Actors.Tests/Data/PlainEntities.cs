using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Data;

/// <summary>Entities in a dictionary: what the pipelines need of a store, and no queries.</summary>
internal sealed class PlainEntities(TimeProvider time) : IEntityStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Key, Entity> _entities = [];
    private readonly Dictionary<Key, long> _versions = [];
    private long _next = 1;

    public EntityStoreLimits Limits { get; init; } = new("plain", Slots: 4);

    public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        Assert.InRange(keys.Count, 1, Limits.MaxReadBatch);
        Assert.All(keys, key => Assert.Equal(ns, key.Namespace));
        lock (_gate) return new([.. keys.Select(key => _entities.GetValueOrDefault(key))]);
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct)
    {
        Assert.InRange(writes.Count, 1, Limits.MaxWriteBatch);
        Assert.All(writes, write => Assert.Equal(ns, write.Key.Namespace));
        Assert.Equal(writes.Count, writes.DistinctBy(write => write.Key).Count());
        lock (_gate) return new([.. writes.Select(Write)]);
    }

    public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        lock (_gate) return new(new CommitOutcome([.. commit.Writes.Select(Write)], []));
    }

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) => new(false);

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct) => throw new NotSupportedException("Queries need a store.");

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct)
    {
        lock (_gate) return new(_entities.Keys.Count(key => key.Namespace == ns && key.Kind == kind));
    }

    public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) => new(Interlocked.Add(ref _next, count) - count);

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) => new([]);

    public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => default;

    public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => new([]);

    private WriteOutcome Write(EntityWrite write)
    {
        var found = _entities.GetValueOrDefault(write.Key);
        var at = found?.Version ?? 0;
        if (write.IfVersion is { } wanted && wanted != at) return new(WriteStatus.Conflict, at, default);
        if (write is EntityWrite.Insert && found is not null) return new(WriteStatus.Exists, at, default);
        if (write is EntityWrite.Update && found is null) return new(WriteStatus.Missing, 0, default);
        var version = _versions[write.Key] = _versions.GetValueOrDefault(write.Key) + 1;
        var now = time.GetUtcNow();
        switch (write)
        {
            case EntityWrite.Put put: _entities[put.Key] = new Entity(put.Key, version, put.Data, now); break;
            case EntityWrite.Insert insert: _entities[insert.Key] = new Entity(insert.Key, version, insert.Data, now); break;
            case EntityWrite.Update update: _entities[update.Key] = new Entity(update.Key, version, update.Data, now); break;
            default: _entities.Remove(write.Key); return new(WriteStatus.Written, 0, now);
        }
        return new(WriteStatus.Written, version, now) { Created = found is null };
    }
}
