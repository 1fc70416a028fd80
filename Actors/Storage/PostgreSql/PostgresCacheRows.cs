using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Rows of the cache's second level and of its invalidations: the same as in a file (docs/formats/cache-entry.md), but that tags are an array.</summary>
internal static class PostgresCacheRows
{
    private const string S = PostgresDialect.Schema;
    private const string Text = "text COLLATE \"C\"";

    /// <summary>The row of <c>epoch</c> that counts invalidations. Whoever writes it holds it to the end of the transaction, so numbers rise in the order of commit.</summary>
    private const string Counter = "cache";

    private const string Columns = "value, coding, computed_at, took, fresh_until, revalidate_until, error_until, tags, as_of";

    public const string Tables = $"""
        CREATE TABLE {S}.cache_entry (
          hash bytea PRIMARY KEY, namespace {Text} NOT NULL, task {Text} NOT NULL, version integer NOT NULL, args bytea NOT NULL, value bytea NOT NULL,
          coding smallint NOT NULL, computed_at bigint NOT NULL, took bigint NOT NULL, fresh_until bigint NOT NULL, revalidate_until bigint NOT NULL,
          error_until bigint NOT NULL, dead_at bigint NOT NULL, tags text[] COLLATE "C", as_of bigint NOT NULL);
        CREATE INDEX cache_entry_dead ON {S}.cache_entry (dead_at);
        CREATE INDEX cache_entry_as_of ON {S}.cache_entry (as_of);
        CREATE TABLE {S}.cache_version (
          namespace {Text} NOT NULL, kind smallint NOT NULL, name {Text} NOT NULL, removed bigint NOT NULL, expired bigint NOT NULL, at bigint NOT NULL,
          PRIMARY KEY (namespace, kind, name));
        INSERT INTO {S}.epoch VALUES ('{Counter}', 0);
        """;

    /// <summary>Stores a result; an older one of the key gives way, a younger one stays.</summary>
    public const string Put = $"""
        INSERT INTO {S}.cache_entry AS e (hash, namespace, task, version, args, {Columns}, dead_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (hash) DO UPDATE SET namespace = excluded.namespace, task = excluded.task, version = excluded.version, args = excluded.args,
          value = excluded.value, coding = excluded.coding, computed_at = excluded.computed_at, took = excluded.took, fresh_until = excluded.fresh_until,
          revalidate_until = excluded.revalidate_until, error_until = excluded.error_until, tags = excluded.tags, as_of = excluded.as_of, dead_at = excluded.dead_at
        WHERE excluded.computed_at >= e.computed_at OR excluded.as_of > e.as_of
        """;

    // One statement is one view of the database: the result and the invalidations that concern it are of the same moment.
    private const string Find = $"""
        SELECT {Columns}, v.removed, v.expired FROM {S}.cache_entry e CROSS JOIN LATERAL (
          SELECT coalesce(max(c.removed), 0) AS removed, coalesce(max(c.expired), 0) AS expired FROM {S}.cache_version c
          WHERE (c.namespace, c.kind, c.name) IN (('', {EverythingKind}, ''), ($2, {NamespaceKind}, ''), ($2, {TaskKind}, $3), ($2, {KeyKind}, $6))
             OR (c.namespace = $2 AND c.kind = {TagKind} AND c.name = ANY (e.tags))) v
        WHERE e.hash = $1 AND e.namespace = $2 AND e.task = $3 AND e.version = $4 AND e.args = $5 AND e.dead_at > $7
        """;

    private const string Number = $"""
        WITH number AS (UPDATE {S}.epoch SET value = greatest(value, $6) + 1 WHERE name = '{Counter}' RETURNING value)
        INSERT INTO {S}.cache_version AS c (namespace, kind, name, removed, expired, at)
        SELECT $1, $2, $3, CASE WHEN $4 THEN 0 ELSE value END, CASE WHEN $4 THEN value ELSE 0 END, $5 FROM number
        ON CONFLICT (namespace, kind, name) DO UPDATE SET removed = greatest(c.removed, excluded.removed), expired = greatest(c.expired, excluded.expired), at = excluded.at
        RETURNING greatest(c.removed, c.expired)
        """;

    // Written out, for a constant's text takes no numbers.
    private const string EverythingKind = "0", NamespaceKind = "1", TaskKind = "2", TagKind = "3", KeyKind = "4";

    public static NpgsqlParameter[] Row(StoredEntry entry)
    {
        var (key, packed) = (entry.Key, ResultPacking.TryPack(entry.Json.Span));
        return
        [
            Bytes(CacheScope.Hash(key)), PostgresValues.Text(key.Namespace.Name), PostgresValues.Text(key.Task), Small(key.Version), Bytes(key.Args.ToArray()),
            Bytes(packed ?? entry.Json.ToArray()), Small((int)(packed is null ? ResultCoding.None : ResultCoding.Brotli)), Time(entry.ComputedAt),
            PostgresValues.Number(PostgresTime.ToMicroseconds((TimeSpan?)entry.Took)), Time(entry.FreshUntil), Time(entry.RevalidateUntil), Time(entry.ErrorUntil),
            Texts(entry.Tags), PostgresValues.Number(entry.AsOf), Time(entry.DeadAt),
        ];
    }

    public static NpgsqlCommand FindCommand(NpgsqlDataSource source, CacheKey key, DateTimeOffset now)
    {
        var hash = CacheScope.Hash(key);
        return source.CreateCommand(Find).Bind(
            Bytes(hash), PostgresValues.Text(key.Namespace.Name), PostgresValues.Text(key.Task), Small(key.Version), Bytes(key.Args.ToArray()),
            PostgresValues.Text(Convert.ToHexStringLower(hash)), Time(now));
    }

    /// <summary>Null for one that an invalidation took away.</summary>
    public static RecalledEntry? Read(NpgsqlDataReader r, CacheKey key)
    {
        var entry = new StoredEntry(
            key, ResultPacking.Unpack(r.GetFieldValue<byte[]>(0), (ResultCoding)r.GetInt32(1)), r.Time(2), TimeSpan.FromMicroseconds(r.GetInt64(3)), r.Time(4), r.Time(5), r.Time(6),
            r.IsDBNull(7) ? [] : r.GetFieldValue<string[]>(7), r.GetInt64(8));
        return r.GetInt64(9) > entry.AsOf ? null : new RecalledEntry(entry, r.GetInt64(10) > entry.AsOf);
    }

    /// <summary>Answers with its number.</summary>
    public static NpgsqlCommand InvalidateCommand(NpgsqlDataSource source, CacheInvalidation what, long above, DateTimeOffset now)
    {
        var scope = CacheScope.Of(what);
        return source.CreateCommand(Number).Bind(PostgresValues.Text(scope.Namespace), Small(scope.Kind), PostgresValues.Text(scope.Name), Flag(what.Expire), Time(now), PostgresValues.Number(above));
    }

    public static NpgsqlCommand PositionCommand(NpgsqlDataSource source) => source.CreateCommand($"SELECT value FROM {S}.epoch WHERE name = '{Counter}'");

    /// <summary>Deletes those whose time is over. Nodes that sweep at a time take different rows.</summary>
    public static NpgsqlCommand SweepOverCommand(NpgsqlDataSource source, DateTimeOffset now, int most) =>
        source.CreateCommand(Delete("WHERE dead_at <= $1", "$2")).Bind(Time(now), PostgresValues.Number(most));

    /// <summary>Deletes what is beyond the bound, those first whose time is over first.</summary>
    public static NpgsqlCommand SweepExcessCommand(NpgsqlDataSource source, long maxEntries, int most) =>
        source.CreateCommand(Delete("", $"greatest(0, least($2, (SELECT count(*) FROM {S}.cache_entry) - $1))")).Bind(PostgresValues.Number(maxEntries), PostgresValues.Number(most));

    /// <summary>Deletes versions from before a time, unless a row is as old.</summary>
    public static NpgsqlCommand SweepVersionsCommand(NpgsqlDataSource source, DateTimeOffset before) => source.CreateCommand(
        $"DELETE FROM {S}.cache_version WHERE at < $1 AND greatest(removed, expired) <= coalesce((SELECT min(as_of) FROM {S}.cache_entry), 9223372036854775807)").Bind(Time(before));

    private static string Delete(string which, string most) =>
        $"DELETE FROM {S}.cache_entry WHERE hash = ANY (ARRAY(SELECT hash FROM {S}.cache_entry {which} ORDER BY dead_at, hash LIMIT {most} FOR UPDATE SKIP LOCKED))";
}
