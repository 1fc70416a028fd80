using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads entities and what is kept about them. On a reader's thread.</summary>
/// <remarks>Many keys are one read transaction in which one prepared statement runs for each key. One statement that joins <c>json_each</c> was measured beside
/// it (<c>data-statements</c>, 128 keys): 4.4 µs of processor time a key against 3.7, and 507 bytes against 311, for ids have to become text and bytes again.</remarks>
internal static class SqliteEntityReader
{
    /// <summary>One item per key, in their order.</summary>
    public static IReadOnlyList<Entity?> ReadMany(SqliteSession session, IReadOnlyList<Key> keys)
    {
        var entities = new Entity?[keys.Count];
        var s = session["SELECT version, updated_at, data FROM entity WHERE namespace = ? AND kind = ? AND id = ?"];
        for (var i = 0; i < entities.Length; i++)
        {
            var key = keys[i];
            s.Bind(key.Namespace.Name).Bind(key.Kind).Bind(key.Id.ToBytes());
            if (s.Step()) entities[i] = new Entity(key, s.Long(0), s.Bytes(2).ToArray(), SqliteTime.ToTime(s.Long(1)));
            s.Reset();
        }
        return entities;
    }

    public static bool FindCommit(SqliteSession session, Namespace ns, Guid marker, DateTimeOffset since)
    {
        var s = session["SELECT 1 FROM entity_commit WHERE namespace = ? AND marker = ? AND at > ?"].Bind(ns.Name).Bind(marker).Bind(SqliteTime.ToMicroseconds(since));
        var found = s.Step();
        s.Reset();
        return found;
    }

    public static IReadOnlyList<KindSize> Kinds(SqliteSession session, Namespace ns)
    {
        var kinds = new List<KindSize>();
        var s = session["SELECT kind, entities, bytes FROM entity_kind WHERE namespace = ? AND entities > 0 ORDER BY kind"].Bind(ns.Name);
        while (s.Step()) kinds.Add(new KindSize(s.Text(0), s.Long(1), s.Long(2)));
        s.Reset();
        return kinds;
    }
}
