using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <summary>Entities in memory: gone with the process. For tests, demonstrations, and as the plain model that other stores are held against.</summary>
/// <remarks>Every call is applied whole under one lock, so each is a transaction of its own. A query looks at every entity of its kind.</remarks>
internal sealed class MemoryEntityStore(TimeProvider time, Action<IReadOnlyList<object>> attach) : IEntityStore
{
    private static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(Namespace, string), Shelf> _shelves = [];
    private readonly Dictionary<(Namespace, Guid), DateTimeOffset> _markers = [];
    private readonly Queue<(DateTimeOffset At, (Namespace, Guid) Marker)> _markersByAge = new();

    /// <summary>Entities of all namespaces.</summary>
    public long Count
    {
        get
        {
            lock (_gate) return _shelves.Values.Sum(shelf => (long)shelf.Entities.Count);
        }
    }

    public EntityStoreLimits Limits { get; } = new("memory", Slots: 4);

    public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        EntityChecks.Keys(ns, keys, Limits.MaxReadBatch);
        var entities = new Entity?[keys.Count];
        lock (_gate)
        {
            for (var i = 0; i < entities.Length; i++) entities[i] = Find(keys[i]);
        }
        return new(entities);
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct)
    {
        EntityChecks.Writes(ns, writes, Limits.MaxWriteBatch);
        var outcomes = new WriteOutcome[writes.Count];
        lock (_gate)
        {
            var now = time.GetUtcNow();
            for (var i = 0; i < outcomes.Length; i++) outcomes[i] = Carry(writes[i], Decide(writes[i]), now);
        }
        return new(outcomes);
    }

    public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        EntityChecks.Commit(ns, commit);
        lock (_gate)
        {
            var reads = commit.Reads.Select(read => Find(read.Key)?.Version ?? 0).ToArray();
            var versions = commit.Writes.Select(write => Find(write.Key)?.Version ?? 0).ToArray();
            var decisions = commit.Writes.Select(Decide).ToArray();
            var conflicts = EntityRules.Conflicts(commit, reads, decisions);
            if (conflicts.Count > 0) return new(EntityRules.Refused(decisions, versions, conflicts));
            if (commit.Attached.Count > 0) attach(commit.Attached);
            var now = time.GetUtcNow();
            Mark((ns, commit.Marker), now);
            return new(new CommitOutcome([.. commit.Writes.Select((write, i) => Carry(write, decisions[i], now))], []));
        }
    }

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct)
    {
        lock (_gate) return new(_markers.TryGetValue((ns, marker), out var at) && at > time.GetUtcNow() - MarkerLife);
    }

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct)
    {
        var plan = QueryPlan.Of(query);
        var rows = Matching(query.Namespace, query.Kind, query.Filter)
            .Select(entity => new Row(entity, [.. plan.Order.Select(order => SortValue.Of(Root(entity, order.Path)))]))
            .Where(row => plan.Place is not { } place || Compare(plan, row.Values, row.Entity.Key.Id, place.Values, place.Id) > 0)
            .ToList();
        rows.Sort((left, right) => Compare(plan, left.Values, left.Entity.Key.Id, right.Values, right.Entity.Key.Id));
        var bytes = 0L;
        var page = rows.TakeWhile((row, i) =>
        {
            if (plan.IsFull(i, bytes)) return false;
            bytes += plan.KeysOnly ? 0 : row.Entity.Data.Length;
            return true;
        }).ToList();
        var next = rows.Count > page.Count ? new QueryPlace([.. page[^1].Values.Select(value => value.ToEntityValue())], page[^1].Entity.Key.Id) : null;
        // It reads everything, and there is no index that anybody could declare for it.
        return new(new EntityPage([.. page.Select(row => Show(row.Entity, plan))], next, Indexed: true));
    }

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct)
    {
        Key.CheckKind(kind);
        _ = Condition.Of(filter);
        return new(Math.Min(most, Matching(ns, kind, filter).LongCount()));
    }

    public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct)
    {
        EntityChecks.Allocation(kind, count);
        lock (_gate)
        {
            var shelf = ShelfOf(ns, kind);
            var first = shelf.NextId;
            shelf.NextId += count;
            return new(first);
        }
    }

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_shelves.Where(pair => pair.Key.Item1 == ns && pair.Value.Entities.Count > 0)
                .Select(pair => new KindSize(pair.Key.Item2, pair.Value.Entities.Count, pair.Value.Bytes)).OrderBy(size => size.Kind, StringComparer.Ordinal).ToArray());
        }
    }

    public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct)
    {
        foreach (var index in indexes) EntityIndex.Of(kind, index);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => new([]);

    private EntityDecision Decide(EntityWrite write) => EntityRules.Decide(write, Find(write.Key)?.Version ?? 0, ShelfOf(write.Key.Namespace, write.Key.Kind).Floor);

    private WriteOutcome Carry(EntityWrite write, EntityDecision decision, DateTimeOffset now)
    {
        if (!decision.Changes) return decision.At(now);
        var shelf = ShelfOf(write.Key.Namespace, write.Key.Kind);
        if (shelf.Entities.Remove(write.Key.Id, out var old)) shelf.Bytes -= old.Data.Length;
        if (decision.Next == 0)
        {
            shelf.Floor = Math.Max(shelf.Floor, old!.Version);
        }
        else
        {
            var data = EntityRules.DataOf(write).ToArray();
            shelf.Entities.Add(write.Key.Id, new Entity(write.Key, decision.Next, data, now));
            shelf.Bytes += data.Length;
        }
        return decision.At(now);
    }

    private void Mark((Namespace, Guid) marker, DateTimeOffset now)
    {
        _markers[marker] = now;
        _markersByAge.Enqueue((now, marker));
        while (_markersByAge.TryPeek(out var oldest) && oldest.At <= now - MarkerLife) _markers.Remove(_markersByAge.Dequeue().Marker);
    }

    private Entity? Find(Key key) => _shelves.TryGetValue((key.Namespace, key.Kind), out var shelf) && shelf.Entities.TryGetValue(key.Id, out var entity) ? entity : null;

    private Shelf ShelfOf(Namespace ns, string kind)
    {
        if (!_shelves.TryGetValue((ns, kind), out var shelf)) _shelves.Add((ns, kind), shelf = new Shelf());
        return shelf;
    }

    private IEnumerable<Entity> Matching(Namespace ns, string kind, EntityFilter? filter)
    {
        Entity[] entities;
        lock (_gate) entities = _shelves.TryGetValue((ns, kind), out var shelf) ? [.. shelf.Entities.Values] : [];
        return filter is null ? entities : entities.Where(entity => Meets(filter, entity));
    }

    private static bool Meets(EntityFilter filter, Entity entity)
    {
        using var document = JsonDocument.Parse(entity.Data);
        return EntityMatch.Meets(filter, document.RootElement);
    }

    private static JsonElement? Root(Entity entity, EntityPath path)
    {
        using var document = JsonDocument.Parse(entity.Data);
        return path.Find(document.RootElement)?.Clone();
    }

    private static int Compare(QueryPlan plan, SortValue[] left, EntityId leftId, IReadOnlyList<SortValue> right, EntityId rightId)
    {
        for (var i = 0; i < plan.Order.Count; i++)
        {
            var order = left[i].CompareTo(right[i]);
            if (order != 0) return plan.Order[i].Descending ? -order : order;
        }
        return leftId.CompareTo(rightId);
    }

    private static Entity Show(Entity entity, QueryPlan plan) =>
        plan.KeysOnly ? entity with { Data = default } : plan.Select.Count > 0 ? entity with { Data = EntityProjection.Select(entity.Data, plan.Select) } : entity;

    private readonly record struct Row(Entity Entity, SortValue[] Values);

    /// <summary>The entities of one kind of one namespace.</summary>
    private sealed class Shelf
    {
        public Dictionary<EntityId, Entity> Entities { get; } = [];
        public long Bytes { get; set; }
        public long Floor { get; set; }
        public long NextId { get; set; } = 1;
    }
}
