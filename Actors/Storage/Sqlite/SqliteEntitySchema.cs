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
        """;
}
