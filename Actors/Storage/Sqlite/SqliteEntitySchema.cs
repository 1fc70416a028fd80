using System.Globalization;
using System.Text;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The tables of entities. docs/formats/entity.md explains each.</summary>
internal static class SqliteEntitySchema
{
    // WITHOUT ROWID: an entity is found by its key in one descent of one tree. Its data is TEXT, so that SQLite's JSON functions read it as JSON text;
    // it is bound and read as the exact bytes.
    public const string Tables = """
        CREATE TABLE entity (
          namespace TEXT NOT NULL, kind TEXT NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, updated_at INTEGER NOT NULL, data TEXT NOT NULL,
          PRIMARY KEY (namespace, kind, id), CHECK (version > 0)) WITHOUT ROWID;
        CREATE TABLE entity_kind (
          namespace TEXT NOT NULL, kind TEXT NOT NULL, floor INTEGER NOT NULL, next_id INTEGER NOT NULL, entities INTEGER NOT NULL, bytes INTEGER NOT NULL,
          PRIMARY KEY (namespace, kind)) WITHOUT ROWID;
        CREATE TABLE entity_commit (
          namespace TEXT NOT NULL, marker BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (namespace, marker)) WITHOUT ROWID;
        CREATE INDEX entity_commit_age ON entity_commit (at);
        ANALYZE entity;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('entity', 'entity', '10000000 5000000 1000000 1');
        """;

    /// <summary>Makes a declared index, and tells the planner how the rows of such an index are spread.</summary>
    /// <remarks>Without being told, SQLite takes any two equal columns of a key to be nearly unique, and reads a whole kind rather than use its index. Measuring
    /// instead of telling would give each file its own plans, which change as it grows; these are the same from the first row on.</remarks>
    public static string Index(EntityIndex index)
    {
        var name = SqlDialect.Constant(index.Name);
        return $"""
            {EntityStatements.Index(SqliteDialect.Instance, index)};
            DELETE FROM sqlite_stat1 WHERE tbl = 'entity' AND idx = {name};
            INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('entity', {name}, '{Spread(index)}');
            ANALYZE sqlite_schema;
            """;
    }

    /// <summary>Rows of the index, then how many share the first column, the first two, and so on: a namespace, a sort, a value, ... and the id, which is alone.</summary>
    private static string Spread(EntityIndex index)
    {
        const long rows = 1_000_000;
        var spread = new StringBuilder().Append(rows).Append(' ').Append(rows);
        var alike = rows;
        for (var i = 0; i < index.Paths.Count; i++)
        {
            spread.Append(CultureInfo.InvariantCulture, $" {Math.Max(2, alike * 9 / 10)}");
            alike = Math.Max(2, alike / 1_000);
            spread.Append(CultureInfo.InvariantCulture, $" {alike}");
        }
        return spread.Append(" 1").ToString();
    }
}
