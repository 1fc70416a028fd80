using ActorPerf.Data;
using ActorPerf.Storage.Sql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Reads entities and what is kept about them.</summary>
internal static class PostgresEntityReader
{
    /// <summary>The server's clock in microseconds since 1970, as it is when this is evaluated: on it all nodes agree.</summary>
    public const string Now = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    private const string One = $"SELECT version, updated_at, data FROM {PostgresDialect.Schema}.entity WHERE namespace = $1 AND kind = $2 AND id = $3";

    // One text for every number of keys. The ordinal goes through the statement, so rows are matched to keys without comparing keys here. LIMIT 1 keeps the planner
    // from joining otherwise than key by key through the primary key: of a table that was never analysed it reads all, twenty times as slowly.
    private const string Many = $"""
        SELECT (k.n - 1)::integer, e.version, e.updated_at, e.data
        FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS k (kind, id, n)
        CROSS JOIN LATERAL (SELECT version, updated_at, data FROM {PostgresDialect.Schema}.entity
          WHERE namespace = $1 AND kind = k.kind AND id = k.id LIMIT 1) e
        """;

    // The same for keys of one kind, which is said once: half the values to send, and none to compare for each key.
    private const string ManyOfOneKind = $"""
        SELECT (k.n - 1)::integer, e.version, e.updated_at, e.data
        FROM unnest($3::bytea[]) WITH ORDINALITY AS k (id, n)
        CROSS JOIN LATERAL (SELECT version, updated_at, data FROM {PostgresDialect.Schema}.entity
          WHERE namespace = $1 AND kind = $2 AND id = k.id LIMIT 1) e
        """;

    /// <summary>One item per key, in their order.</summary>
    public static async Task<IReadOnlyList<Entity?>> ReadManyAsync(NpgsqlDataSource source, Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        var entities = new Entity?[keys.Count];
        await using var command = keys.Count == 1 ? OneOf(source, keys[0]) : ManyOf(source, ns, keys);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var first = keys.Count == 1 ? 0 : 1;
        while (await reader.ReadAsync(ct))
        {
            var at = first == 0 ? 0 : reader.GetInt32(0);
            entities[at] = new Entity(keys[at], reader.GetInt64(first), reader.GetFieldValue<byte[]>(first + 2), SqliteTime.ToTime(reader.GetInt64(first + 1)));
        }
        return entities;
    }

    public static async Task<bool> FindCommitAsync(NpgsqlDataSource source, Namespace ns, Guid marker, TimeSpan life, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT 1 FROM {PostgresDialect.Schema}.entity_commit WHERE namespace = $1 AND marker = $2 AND at > {Now} - $3");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ns.Name });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = marker });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = life.Ticks / TimeSpan.TicksPerMicrosecond });
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    /// <summary>The first of the numbers.</summary>
    public static async Task<long> AllocateAsync(NpgsqlDataSource source, Namespace ns, string kind, int count, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            INSERT INTO {PostgresDialect.Schema}.entity_kind AS k (namespace, kind, floor, next_id) VALUES ($1, $2, 0, 1 + $3)
            ON CONFLICT (namespace, kind) DO UPDATE SET next_id = k.next_id + $3 RETURNING next_id - $3
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ns.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = count });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    public static async Task<IReadOnlyList<KindSize>> KindsAsync(NpgsqlDataSource source, Namespace ns, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            SELECT kind, sum(entities)::bigint, sum(bytes)::bigint FROM {PostgresDialect.Schema}.entity_counter
            WHERE namespace = $1 GROUP BY kind HAVING sum(entities) > 0 ORDER BY kind
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ns.Name });
        var kinds = new List<KindSize>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) kinds.Add(new KindSize(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        return kinds;
    }

    private static NpgsqlCommand OneOf(NpgsqlDataSource source, Key key)
    {
        var command = source.CreateCommand(One);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Namespace.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Kind });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key.Id.ToBytes() });
        return command;
    }

    private static NpgsqlCommand ManyOf(NpgsqlDataSource source, Namespace ns, IReadOnlyList<Key> keys)
    {
        var (kind, ids) = ((string?)keys[0].Kind, new byte[keys.Count][]);
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = keys[i].Id.ToBytes();
            if (keys[i].Kind != kind) kind = null;
        }
        var command = source.CreateCommand(kind is null ? Many : ManyOfOneKind);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ns.Name });
        command.Parameters.Add(kind is null ? new NpgsqlParameter<string[]> { TypedValue = [.. keys.Select(static key => key.Kind)] } : new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = ids });
        return command;
    }
}
