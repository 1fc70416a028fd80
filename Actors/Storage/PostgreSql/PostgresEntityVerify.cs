namespace ActorPerf.Storage.PostgreSql;

/// <summary>The invariants of entities as questions to the database, as in <see cref="PostgresVerify"/>.</summary>
internal static class PostgresEntityVerify
{
    public static IReadOnlyList<(string Name, string Detail, string Sql)> Checks { get; } =
    [
        // The writer takes nothing that is no JSON, and older servers have no question for it that does not end in an error.
        ("entities-readable", "Every entity is a JSON object.", """
            SELECT namespace || '/' || kind || '/' || encode(id, 'hex') FROM entity WHERE left(ltrim(data, E' \t\r\n'), 1) <> '{' OR right(rtrim(data, E' \t\r\n'), 1) <> '}'
            """),
        ("entities-counted", "The kept counters of a kind are its entities and their bytes.", """
            SELECT namespace || '/' || kind FROM
              (SELECT namespace, kind, entities AS n, bytes AS b FROM entity_counter UNION ALL
               SELECT namespace, kind, -count(*) AS n, -sum(octet_length(data)) AS b FROM entity GROUP BY namespace, kind) c
            GROUP BY namespace, kind HAVING sum(n) <> 0 OR sum(b) <> 0
            """),
    ];
}
