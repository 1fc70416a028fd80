using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Rows of the cache's second level, in whoever's transaction is open.</summary>
internal static class SqliteCacheRows
{
    private const string Columns = "namespace, task, version, args, value, coding, computed_at, took, fresh_until, revalidate_until, error_until, tags, as_of";

    /// <summary>Stores a result; an older one of the key gives way, a younger one stays.</summary>
    public static void Put(SqliteSession session, StoredEntry entry)
    {
        var (key, packed) = (entry.Key, ResultPacking.TryPack(entry.Json.Span));
        session[$"""
            INSERT INTO cache_entry (hash, {Columns}, dead_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (hash) DO UPDATE SET namespace = excluded.namespace, task = excluded.task, version = excluded.version, args = excluded.args,
              value = excluded.value, coding = excluded.coding, computed_at = excluded.computed_at, took = excluded.took, fresh_until = excluded.fresh_until,
              revalidate_until = excluded.revalidate_until, error_until = excluded.error_until, tags = excluded.tags, as_of = excluded.as_of, dead_at = excluded.dead_at
            WHERE excluded.computed_at >= computed_at OR excluded.as_of > as_of
            """]
            .Bind(CacheScope.Hash(key)).Bind(key.Namespace.Name).Bind(key.Task).Bind((long)key.Version).Bind(key.Args.Span)
            .Bind(packed ?? entry.Json.Span).Bind(packed is null ? (long)ResultCoding.None : (long)ResultCoding.Brotli)
            .Bind(SqliteTime.ToMicroseconds(entry.ComputedAt)).Bind(entry.Took.Ticks / TimeSpan.TicksPerMicrosecond).Bind(SqliteTime.ToMicroseconds(entry.FreshUntil))
            .Bind(SqliteTime.ToMicroseconds(entry.RevalidateUntil)).Bind(SqliteTime.ToMicroseconds(entry.ErrorUntil))
            .Bind(SqliteJobRows.WriteTags(entry.Tags)).Bind(entry.AsOf).Bind(SqliteTime.ToMicroseconds(entry.DeadAt)).Run();
    }

    public static RecalledEntry? Find(SqliteSession session, CacheKey key, DateTimeOffset now)
    {
        if (Read(session, key, now) is not { } entry) return null;
        var (removed, expired) = (0L, 0L);
        foreach (var scope in CacheScope.Concerning(key, entry.Tags))
        {
            var s = session["SELECT removed, expired FROM cache_version WHERE namespace = ? AND kind = ? AND name = ?"].Bind(scope.Namespace).Bind((long)scope.Kind).Bind(scope.Name);
            if (s.Step()) (removed, expired) = (Math.Max(removed, s.Long(0)), Math.Max(expired, s.Long(1)));
            s.Reset();
        }
        return removed > entry.AsOf ? null : new RecalledEntry(entry, expired > entry.AsOf);
    }

    /// <returns>Its number.</returns>
    public static long Invalidate(SqliteSession session, CacheInvalidation what, long above, DateTimeOffset now)
    {
        var s = session["INSERT INTO sequence (name, value) VALUES ('cache', ? + 1) ON CONFLICT (name) DO UPDATE SET value = max(value + 1, excluded.value) RETURNING value"].Bind(above);
        s.Step();
        var number = s.Long(0);
        while (s.Step())
        {
        }
        s.Reset();
        var scope = CacheScope.Of(what);
        session["""
            INSERT INTO cache_version (namespace, kind, name, removed, expired, at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET removed = max(removed, excluded.removed), expired = max(expired, excluded.expired), at = excluded.at
            """]
            .Bind(scope.Namespace).Bind((long)scope.Kind).Bind(scope.Name).Bind(what.Expire ? 0 : number).Bind(what.Expire ? number : 0).Bind(SqliteTime.ToMicroseconds(now)).Run();
        return number;
    }

    public static long Position(SqliteSession session)
    {
        var s = session["SELECT value FROM sequence WHERE name = 'cache'"];
        var position = s.Step() ? s.Long(0) : 0;
        s.Reset();
        return position;
    }

    public static long Count(SqliteSession session)
    {
        var s = session["SELECT count(*) FROM cache_entry"];
        s.Step();
        var count = s.Long(0);
        s.Reset();
        return count;
    }

    /// <param name="excess">Entries beyond the bound.</param>
    /// <param name="forgetBefore">Versions from before this go, unless a row is as old.</param>
    public static int Sweep(SqliteSession session, DateTimeOffset now, long excess, int most, DateTimeOffset forgetBefore)
    {
        var gone = session["DELETE FROM cache_entry WHERE rowid IN (SELECT rowid FROM cache_entry WHERE dead_at <= ? ORDER BY dead_at LIMIT ?)"]
            .Bind(SqliteTime.ToMicroseconds(now)).Bind((long)most).Run();
        if (excess > gone && gone < most)
            gone += session["DELETE FROM cache_entry WHERE rowid IN (SELECT rowid FROM cache_entry ORDER BY dead_at LIMIT ?)"].Bind(Math.Min(excess - gone, most - gone)).Run();
        session["DELETE FROM cache_version WHERE at < ? AND max(removed, expired) <= coalesce((SELECT min(as_of) FROM cache_entry), 9223372036854775807)"]
            .Bind(SqliteTime.ToMicroseconds(forgetBefore)).Run();
        return gone;
    }

    private static StoredEntry? Read(SqliteSession session, CacheKey key, DateTimeOffset now)
    {
        var s = session[$"SELECT {Columns} FROM cache_entry WHERE hash = ? AND dead_at > ?"].Bind(CacheScope.Hash(key)).Bind(SqliteTime.ToMicroseconds(now));
        var entry = s.Step() && s.Text(0) == key.Namespace.Name && s.Text(1) == key.Task && s.Int(2) == key.Version && s.Bytes(3).SequenceEqual(key.Args.Span)
            ? new StoredEntry(
                key, ResultPacking.Unpack(s.Bytes(4).ToArray(), (ResultCoding)s.Int(5)), SqliteTime.ToTime(s.Long(6)), TimeSpan.FromMicroseconds(s.Long(7)),
                SqliteTime.ToTime(s.Long(8)), SqliteTime.ToTime(s.Long(9)), SqliteTime.ToTime(s.Long(10)), SqliteJobRows.ReadTags(s, 11), s.Long(12))
            : null;
        s.Reset();
        return entry;
    }
}
