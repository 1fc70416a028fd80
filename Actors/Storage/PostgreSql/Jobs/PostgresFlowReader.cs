using ActorPerf.Jobs;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Reads limits, and how much of them is used.</summary>
internal static class PostgresFlowReader
{
    public const string SettingColumns = "s.paused, s.concurrency, s.rate_limit, s.rate_per, s.key_concurrency, s.key_rate_limit, s.key_rate_per";

    public const int SettingCount = 7;

    /// <summary>Blocked jobs of a queue that are looked at for the one that waits longest.</summary>
    private const int BlockedLook = 10_000;

    private const string S = PostgresDialect.Schema;
    private const string KeyColumns = "k.key, k.running, k.queued, k.queue, k.starts";

    public static async Task<IReadOnlyDictionary<string, QueueOverrides>> SettingsAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT s.queue, {SettingColumns} FROM {S}.queue_setting s");
        return (await command.ListAsync(r => (Queue: r.GetString(0), Now: ReadSetting(r, 1)), ct)).ToDictionary(setting => setting.Queue, setting => setting.Now, StringComparer.Ordinal);
    }

    /// <summary>What is set; none where the columns are null.</summary>
    public static QueueOverrides ReadSetting(NpgsqlDataReader r, int at) => new()
    {
        Paused = r.IsDBNull(at) ? null : r.GetBoolean(at),
        Concurrency = r.IsDBNull(at + 1) ? null : r.GetInt32(at + 1),
        Rate = ReadRate(r, at + 2),
        KeyConcurrency = r.IsDBNull(at + 4) ? null : r.GetInt32(at + 4),
        KeyRate = ReadRate(r, at + 5),
    };

    public static async Task<FlowUse> UseAsync(NpgsqlDataSource source, Namespace ns, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        await using var ofQueues = source.CreateCommand($"""
            SELECT w.queue, (SELECT coalesce(sum(c.count), 0)::bigint FROM {S}.counter c WHERE c.queue = w.queue AND (c.state = 3 OR c.state = 5)),
              (SELECT t.starts FROM {S}.queue_starts t WHERE t.queue = w.queue) FROM unnest($1::text[]) AS w (queue)
            """).Bind(Texts(queues));
        var byQueue = (await ofQueues.ListAsync(r => (Queue: r.GetString(0), Use: new QueueUse(r.GetInt64(1), RateWindow.Read(r.TextOrNull(2)))), ct))
            .ToDictionary(use => use.Queue, use => use.Use, StringComparer.Ordinal);
        await using var ofKeys = source.CreateCommand($"SELECT {KeyColumns} FROM {S}.limit_key k WHERE k.namespace = $1 AND k.key = ANY ($2)").Bind(Text(ns.Name), Texts(keys));
        return new FlowUse(byQueue, (await ofKeys.ListAsync(ReadKey, ct)).ToDictionary(use => use.Key, StringComparer.Ordinal));
    }

    public static async Task<IReadOnlyList<KeyUse>> KeysAsync(NpgsqlDataSource source, Namespace ns, string? after, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            $"SELECT {KeyColumns} FROM {S}.limit_key k WHERE k.namespace = $1 AND k.key > $2 AND (k.running > 0 OR k.queued > 0) ORDER BY k.key LIMIT $3").Bind(Text(ns.Name), Text(after ?? ""), Small(limit));
        return await command.ListAsync(ReadKey, ct);
    }

    public static async Task<int> CountBeforeAsync(NpgsqlDataSource source, JobRow job, int atMost, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            SELECT count(*)::integer FROM (
              (SELECT 1 FROM {S}.job WHERE queue = $1 AND {PostgresJobSchema.Claimable} AND (rank, seq) < ($2, $3) LIMIT $4)
              UNION ALL
              (SELECT 1 FROM {S}.job WHERE queue = $1 AND namespace = $5 AND limit_key = $6 AND {PostgresJobSchema.Blocked} AND (rank, seq) < ($2, $3) LIMIT $4)
              LIMIT $4) before
            """).Bind(Text(job.Queue), Number(JobRules.Rank(job)), Number(job.Seq), Small(atMost), Text(job.Namespace.Name), Text(job.LimitKey));
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>When the first of each queue's line, or of those whose key is used up, became ready.</summary>
    /// <param name="ns">Of one namespace; it is looked for among the first <see cref="IJobStore.LineLook"/> of the line. Null: of all.</param>
    public static async Task<IReadOnlyDictionary<string, DateTimeOffset>> OldestAsync(NpgsqlDataSource source, Namespace? ns, CancellationToken ct)
    {
        var (own, head) = ns is null ? ("", "LIMIT 1") : ("AND namespace = $1", $"LIMIT {IJobStore.LineLook}");
        // The head of the line by rank is the one that waits longest among equals; higher priorities overtake by minutes at most.
        await using var command = source.CreateCommand($"""
            SELECT c.queue, least(
              (SELECT a.since FROM (SELECT rank + priority::bigint * 60000000 AS since, namespace FROM {S}.job WHERE job.queue = c.queue AND {PostgresJobSchema.Claimable} ORDER BY rank, seq {head}) a
                WHERE true {own} LIMIT 1),
              (SELECT min(b.since) FROM (SELECT rank + priority::bigint * 60000000 AS since FROM {S}.job WHERE job.queue = c.queue {own} AND {PostgresJobSchema.Blocked} LIMIT {BlockedLook}) b))
            FROM (SELECT queue FROM {S}.counter WHERE state = 2 {own} GROUP BY queue HAVING sum(count) > 0) c
            """);
        if (ns is { } one) command.Bind(Text(one.Name));
        return (await command.ListAsync(r => (Queue: r.GetString(0), Since: r.TimeOrNull(1)), ct)).Where(queue => queue.Since is not null)
            .ToDictionary(queue => queue.Queue, queue => queue.Since!.Value, StringComparer.Ordinal);
    }

    private static KeyUse ReadKey(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.TextOrNull(3), RateWindow.Read(r.TextOrNull(4)));

    private static Rate? ReadRate(NpgsqlDataReader r, int at) => r.IsDBNull(at) ? null : new Rate(r.GetInt32(at), TimeSpan.FromMicroseconds(r.GetInt64(at + 1)));
}
