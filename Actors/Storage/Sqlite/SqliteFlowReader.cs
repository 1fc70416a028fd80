using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads limits, and how much of them is used.</summary>
internal static class SqliteFlowReader
{
    /// <summary>Blocked jobs of a queue that are looked at for the one that waits longest.</summary>
    public const int BlockedLook = 10_000;

    public static Dictionary<string, QueueOverrides> Settings(SqliteSession session)
    {
        var settings = new Dictionary<string, QueueOverrides>(StringComparer.Ordinal);
        var s = session["SELECT queue, paused, concurrency, rate_limit, rate_per, key_concurrency, key_rate_limit, key_rate_per FROM queue_setting"];
        while (s.Step())
        {
            settings.Add(s.Text(0), new QueueOverrides
            {
                Paused = s.LongOrNull(1) is { } paused ? paused != 0 : null,
                Concurrency = (int?)s.LongOrNull(2),
                Rate = RateOf(s, 3),
                KeyConcurrency = (int?)s.LongOrNull(5),
                KeyRate = RateOf(s, 6),
            });
        }
        s.Reset();
        return settings;
    }

    public static FlowUse Use(SqliteSession session, Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys)
    {
        var queueUse = new Dictionary<string, QueueUse>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            // Counters are few: one for each namespace, queue, task and state.
            var s = session["SELECT coalesce(sum(count), 0), (SELECT starts FROM queue_starts WHERE queue = ?1) FROM counter WHERE queue = ?1 AND (state = 3 OR state = 5)"].Bind(queue);
            s.Step();
            queueUse[queue] = new QueueUse(s.Long(0), RateWindow.Read(s.TextOrNull(1)));
        }
        var keyUse = new Dictionary<string, KeyUse>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var s = session["SELECT key, running, queued, queue, starts FROM limit_key WHERE namespace = ? AND key = ?"].Bind(ns.Name).Bind(key);
            if (s.Step()) keyUse[key] = ReadKey(s);
        }
        return new FlowUse(queueUse, keyUse);
    }

    public static IReadOnlyList<KeyUse> Keys(SqliteSession session, Namespace ns, string? after, int limit)
    {
        var keys = new List<KeyUse>();
        var s = session["SELECT key, running, queued, queue, starts FROM limit_key WHERE namespace = ? AND key > ? AND (running > 0 OR queued > 0) ORDER BY key LIMIT ?"]
            .Bind(ns.Name).Bind(after ?? "").Bind((long)limit);
        while (s.Step()) keys.Add(ReadKey(s));
        return keys;
    }

    public static int CountBefore(SqliteSession session, JobRow job, int atMost)
    {
        var rank = JobRules.Rank(job);
        var s = session[$"""
            SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_claim WHERE queue = ? AND {SqliteSchema.Claimable} AND rank <= ? AND (rank < ? OR seq < ?) LIMIT ?)
            """].Bind(job.Queue).Bind(rank).Bind(rank).Bind(job.Seq).Bind((long)atMost);
        s.Step();
        var before = s.Int(0);
        if (job.LimitKey is null || before == atMost) return before;
        s = session[$"""
            SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_blocked
              WHERE queue = ? AND namespace = ? AND limit_key = ? AND {SqliteSchema.Blocked} AND rank <= ? AND (rank < ? OR seq < ?) LIMIT ?)
            """].Bind(job.Queue).Bind(job.Namespace.Name).Bind(job.LimitKey).Bind(rank).Bind(rank).Bind(job.Seq).Bind((long)(atMost - before));
        s.Step();
        return before + s.Int(0);
    }

    /// <summary>When the first of a queue's line, or of those whose key is used up, became ready; null where none waits.</summary>
    /// <param name="ns">Of one namespace; it is looked for among the first <see cref="IJobStore.LineLook"/> of the line. Null: of all.</param>
    public static DateTimeOffset? Oldest(SqliteSession session, string queue, Namespace? ns)
    {
        // The head of the line by rank is the one that waits longest among equals; higher priorities overtake by minutes at most.
        var head = ns is { } one
            ? session[$"""
                SELECT since FROM (SELECT rank + priority * 60000000 AS since, namespace FROM job INDEXED BY job_claim
                  WHERE queue = ? AND {SqliteSchema.Claimable} ORDER BY rank, seq LIMIT {IJobStore.LineLook}) WHERE namespace = ? LIMIT 1
                """].Bind(queue).Bind(one.Name)
            : session[$"SELECT rank + priority * 60000000 FROM job INDEXED BY job_claim WHERE queue = ? AND {SqliteSchema.Claimable} ORDER BY rank, seq LIMIT 1"].Bind(queue);
        var ready = head.Step() ? SqliteTime.ToTime(head.Long(0)) : (DateTimeOffset?)null;
        var aside = ns is { } own
            ? session[$"SELECT min(since) FROM (SELECT rank + priority * 60000000 AS since FROM job INDEXED BY job_blocked WHERE queue = ? AND namespace = ? AND {SqliteSchema.Blocked} LIMIT ?)"]
                .Bind(queue).Bind(own.Name).Bind((long)BlockedLook)
            : session[$"SELECT min(since) FROM (SELECT rank + priority * 60000000 AS since FROM job INDEXED BY job_blocked WHERE queue = ? AND {SqliteSchema.Blocked} LIMIT ?)"]
                .Bind(queue).Bind((long)BlockedLook);
        aside.Step();
        return SqliteTime.ToTime(aside.LongOrNull(0)) is { } blocked && (ready is null || blocked < ready) ? blocked : ready;
    }

    private static KeyUse ReadKey(SqliteStatement s) => new(s.Text(0), s.Long(1), s.Long(2), s.TextOrNull(3), RateWindow.Read(s.TextOrNull(4)));

    private static Rate? RateOf(SqliteStatement s, int column) =>
        s.LongOrNull(column) is { } limit ? new Rate((int)limit, TimeSpan.FromMicroseconds(s.Long(column + 1))) : null;
}
