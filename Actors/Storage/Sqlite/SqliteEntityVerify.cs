namespace ActorPerf.Storage.Sqlite;

/// <summary>The invariants of entities as questions to the database, as in <see cref="SqliteVerify"/>.</summary>
internal static class SqliteEntityVerify
{
    public static IReadOnlyList<(string Name, string Detail, string Sql)> Checks { get; } =
    [
        ("entities-readable", "Every entity is a JSON object.", """
            SELECT namespace || '/' || kind || '/' || hex(id) FROM entity WHERE NOT json_valid(data) OR json_type(data) <> 'object'
            """),
        ("entities-counted", "The kept counters of a kind are its entities and their bytes.", """
            SELECT c.namespace || '/' || c.kind FROM
              (SELECT namespace, kind, sum(n) AS n, sum(b) AS b FROM
                (SELECT namespace, kind, entities AS n, bytes AS b FROM entity_kind UNION ALL
                 SELECT namespace, kind, -count(*) AS n, -sum(octet_length(data)) AS b FROM entity GROUP BY namespace, kind)
               GROUP BY namespace, kind) c WHERE c.n <> 0 OR c.b <> 0
            """),
    ];
}
