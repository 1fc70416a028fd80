using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Applies writes of entities in the writer's open transaction. Lives on the write queue's thread.</summary>
/// <remarks>A write reads the version, asks <see cref="EntityRules"/>, and writes: two prepared statements on pages that the first one has brought in.
/// Counters and floors are summed up per kind and written once per transaction.</remarks>
internal sealed class SqliteEntityWriter(SqliteSession session, TimeProvider time)
{
    private const int MaxKinds = 10_000;
    private const int PruneAtOnce = 10_000;
    private static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromMinutes(1);

    private readonly SqliteStatement _find = session.Handle.Prepare("SELECT version, octet_length(data) FROM entity WHERE namespace = ? AND kind = ? AND id = ?");
    private readonly SqliteStatement _insert = session.Handle.Prepare("INSERT INTO entity (namespace, kind, id, version, updated_at, data) VALUES (?, ?, ?, ?, ?, ?)");
    private readonly SqliteStatement _update = session.Handle.Prepare("UPDATE entity SET version = ?, updated_at = ?, data = ? WHERE namespace = ? AND kind = ? AND id = ?");
    private readonly SqliteStatement _delete = session.Handle.Prepare("DELETE FROM entity WHERE namespace = ? AND kind = ? AND id = ?");
    private readonly Dictionary<(Namespace Namespace, string Kind), KindRow> _kinds = [];
    private readonly List<KindRow> _changed = [];
    private DateTimeOffset _now;
    private DateTimeOffset _pruned;

    /// <summary>Once per write, in the open transaction.</summary>
    public void Apply(SqliteEntityWrite write)
    {
        _now = time.GetUtcNow();
        switch (write)
        {
            case SqliteEntityWrite.Many many: many.Outcome = Many(many.Writes); break;
            case SqliteEntityWrite.Whole whole: whole.Outcome = Whole(whole.Namespace, whole.Content); break;
            case SqliteEntityWrite.Numbers numbers: numbers.Outcome = Allocate(numbers); break;
            case SqliteEntityWrite.Indexes indexes: Make(indexes); break;
            case SqliteEntityWrite.OtherIndexes others: Drop(others); break;
            default: throw new ArgumentOutOfRangeException(nameof(write), write, "an unknown kind of write");
        }
    }

    /// <summary>Writes what changed of the kinds: one row for each that the transaction touched.</summary>
    public void Flush()
    {
        foreach (var row in _changed)
        {
            session["""
                INSERT INTO entity_kind (namespace, kind, floor, next_id, entities, bytes) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET floor = excluded.floor, next_id = excluded.next_id, entities = entities + excluded.entities, bytes = bytes + excluded.bytes
                """].Bind(row.Namespace.Name).Bind(row.Kind).Bind(row.Floor).Bind(row.NextId).Bind(row.Entities).Bind(row.Bytes).Run();
            row.Written();
        }
        _changed.Clear();
        if (_kinds.Count > MaxKinds) _kinds.Clear();
    }

    /// <summary>The transaction was rolled back: what is remembered of kinds may be wrong, so it is read again.</summary>
    public void Forget()
    {
        _changed.Clear();
        _kinds.Clear();
    }

    private WriteOutcome[] Many(IReadOnlyList<EntityWrite> writes)
    {
        var outcomes = new WriteOutcome[writes.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var id = writes[i].Key.Id.ToBytes();
            var (version, bytes) = Find(writes[i].Key, id);
            outcomes[i] = Carry(writes[i], id, EntityRules.Decide(writes[i], version, KindOf(writes[i].Key).Floor), version, bytes);
        }
        return outcomes;
    }

    private CommitOutcome Whole(Namespace ns, EntityCommit commit)
    {
        var reads = commit.Reads.Select(read => Find(read.Key, read.Key.Id.ToBytes()).Version).ToArray();
        var ids = commit.Writes.Select(write => write.Key.Id.ToBytes()).ToArray();
        var found = commit.Writes.Select((write, i) => Find(write.Key, ids[i])).ToArray();
        var decisions = commit.Writes.Select((write, i) => EntityRules.Decide(write, found[i].Version, KindOf(write.Key).Floor)).ToArray();
        var conflicts = EntityRules.Conflicts(commit, reads, decisions);
        if (conflicts.Count > 0) return EntityRules.Refused(decisions, [.. found.Select(one => one.Version)], conflicts);
        var outcomes = commit.Writes.Select((write, i) => Carry(write, ids[i], decisions[i], found[i].Version, found[i].Bytes)).ToArray();
        session["INSERT INTO entity_commit (namespace, marker, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at"]
            .Bind(ns.Name).Bind(commit.Marker).Bind(SqliteTime.ToMicroseconds(_now)).Run();
        Prune();
        return new CommitOutcome(outcomes, []);
    }

    private WriteOutcome Carry(EntityWrite write, byte[] id, EntityDecision decision, long version, long bytes)
    {
        if (!decision.Changes) return decision.At(_now);
        var key = write.Key;
        var row = Touch(KindOf(key));
        if (decision.Next == 0)
        {
            _delete.Bind(key.Namespace.Name).Bind(key.Kind).Bind(id).Run();
            row.Floor = Math.Max(row.Floor, version);
            row.Entities--;
            row.Bytes -= bytes;
            return decision.At(_now);
        }
        var data = EntityRules.DataOf(write).Span;
        var at = SqliteTime.ToMicroseconds(_now);
        if (version == 0) _insert.Bind(key.Namespace.Name).Bind(key.Kind).Bind(id).Bind(decision.Next).Bind(at).BindUtf8(data).Run();
        else _update.Bind(decision.Next).Bind(at).BindUtf8(data).Bind(key.Namespace.Name).Bind(key.Kind).Bind(id).Run();
        if (version == 0) row.Entities++;
        row.Bytes += data.Length - bytes;
        return decision.At(SqliteTime.ToTime(at));
    }

    private (long Version, long Bytes) Find(Key key, byte[] id)
    {
        _find.Bind(key.Namespace.Name).Bind(key.Kind).Bind(id);
        var found = _find.Step() ? (_find.Long(0), _find.Long(1)) : (0, 0);
        _find.Reset();
        return found;
    }

    private long Allocate(SqliteEntityWrite.Numbers numbers)
    {
        var row = Touch(KindOf(numbers.Namespace, numbers.Kind));
        var first = row.NextId;
        row.NextId += numbers.Count;
        return first;
    }

    private bool Make(SqliteEntityWrite.Indexes indexes)
    {
        foreach (var statement in indexes.Statements) session.Handle.Execute(statement);
        return indexes.Outcome = true;
    }

    /// <summary>SQLite forgets how the rows of an index were spread together with the index.</summary>
    private void Drop(SqliteEntityWrite.OtherIndexes others)
    {
        var names = new List<string>();
        var s = session["SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'entity'"];
        while (s.Step()) names.Add(s.Text(0));
        others.Outcome = EntityIndex.Others(names, others.Declared);
        foreach (var name in others.Outcome) session.Handle.Execute($"DROP INDEX {SqliteDialect.Instance.Name(name)}");
    }

    private void Prune()
    {
        if (_now - _pruned < PrunePeriod) return;
        var gone = session["DELETE FROM entity_commit WHERE (namespace, marker) IN (SELECT namespace, marker FROM entity_commit WHERE at <= ? LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(_now - MarkerLife)).Bind((long)PruneAtOnce).Run();
        if (gone < PruneAtOnce) _pruned = _now;
    }

    private KindRow KindOf(Key key) => KindOf(key.Namespace, key.Kind);

    private KindRow KindOf(Namespace ns, string kind)
    {
        if (_kinds.TryGetValue((ns, kind), out var row)) return row;
        var s = session["SELECT floor, next_id FROM entity_kind WHERE namespace = ? AND kind = ?"].Bind(ns.Name).Bind(kind);
        row = s.Step() ? new KindRow(ns, kind, s.Long(0), s.Long(1)) : new KindRow(ns, kind, 0, 1);
        s.Reset();
        _kinds.Add((ns, kind), row);
        return row;
    }

    private KindRow Touch(KindRow row)
    {
        if (row.Touched) return row;
        row.Touched = true;
        _changed.Add(row);
        return row;
    }

    /// <summary>What is known of a kind, and how its counters change in this transaction.</summary>
    private sealed class KindRow(Namespace ns, string kind, long floor, long nextId)
    {
        public Namespace Namespace { get; } = ns;
        public string Kind { get; } = kind;
        public long Floor { get; set; } = floor;
        public long NextId { get; set; } = nextId;
        public long Entities { get; set; }
        public long Bytes { get; set; }
        public bool Touched { get; set; }

        public void Written() => (Entities, Bytes, Touched) = (0, 0, false);
    }
}
