using System.Data;
using ActorPerf.Cluster;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>The invariants as questions to the database; each answers with the ids that break it.</summary>
/// <remarks>The same names as in a SQLite file. What a server checks by itself (its pages) is left to it.</remarks>
internal static class PostgresVerify
{
    private const int MaxIds = 20;

    /// <summary>Name, what it says, and a query whose first column names what breaks it.</summary>
    private static readonly (string Name, string Detail, string Sql)[] Checks =
    [
        ("history-agrees", "A job's state and version are those of its newest history row.", """
            SELECT job.id::text FROM job JOIN history ON history.seq = job.history_seq
            WHERE history.subject <> job.seq OR history.kind <> 1 OR history.to_state IS DISTINCT FROM job.state OR history.version <> job.version
            """),
        ("history-present", "A job that is not final has its newest history row, unless retention deleted it with all that are older.", """
            SELECT job.id::text FROM job LEFT JOIN history ON history.seq = job.history_seq WHERE history.seq IS NULL AND job.state < 10
              AND job.history_seq > (SELECT coalesce(min(seq), 0) FROM history)
            """),
        ("history-chain", "Each history row names the one before it: same job, version one less, and the state it moved from.", """
            SELECT now.seq::text FROM history now JOIN history before ON before.seq = now.previous
            WHERE now.kind = 1 AND (before.subject <> now.subject OR before.version <> now.version - 1 OR before.to_state IS DISTINCT FROM now.from_state)
            """),
        ("history-starts", "A history row without one before it is a submission.", """
            SELECT seq::text FROM history WHERE kind = 1 AND previous IS NULL AND (from_state IS NOT NULL OR version <> 1)
            """),
        ("transitions-allowed", "Only the transitions of the state table occur; an edit may leave the state as it is.", """
            SELECT seq::text FROM history WHERE kind = 1 AND from_state IS NOT NULL AND (from_state, to_state) NOT IN (VALUES
              (0, 1), (0, 2), (0, 11), (0, 12), (0, 13), (1, 2), (1, 12), (1, 13), (2, 3), (2, 12), (2, 13), (3, 10), (3, 11), (3, 4), (3, 1), (3, 0),
              (3, 5), (3, 2), (4, 2), (4, 12), (4, 13), (5, 10), (5, 12), (2, 1), (0, 0), (1, 1), (2, 2), (4, 4))
            """),
        ("final-is-final", "No history row leaves a final state.", "SELECT seq::text FROM history WHERE kind = 1 AND from_state >= 10"),
        ("attempts-counted", "A job was claimed as often as it counts attempts.", """
            SELECT job.id::text FROM job JOIN
              (SELECT subject, count(*) FILTER (WHERE from_state = 2 AND to_state = 3) AS claims, bool_or(version = 1) AS whole FROM history WHERE kind = 1 GROUP BY subject) h
            ON h.subject = job.seq WHERE h.claims > job.attempt OR (h.claims < job.attempt AND h.whole)
            """),
        ("attempts-bounded", "No job is claimed again after its attempts are used up.", "SELECT id::text FROM job WHERE attempt - excused > max_attempts"),
        ("runs-owned", "Exactly the running jobs have an owner and a lease.", """
            SELECT id::text FROM job WHERE (state IN (3, 5)) <> (incarnation IS NOT NULL AND lease IS NOT NULL)
            """),
        ("finished-at", "Exactly the final jobs have an end.", "SELECT id::text FROM job WHERE (state >= 10) <> (finished_at IS NOT NULL)"),
        ("results-belong", "Exactly the succeeded jobs have a result.", """
            SELECT job.id::text FROM job JOIN payload ON payload.job_seq = job.seq WHERE (job.state = 10) <> (payload.result IS NOT NULL)
            """),
        ("results-told", "A result that is packed or no JSON says how, and nothing else does.", """
            SELECT job.id::text FROM job JOIN payload ON payload.job_seq = job.seq
            WHERE (payload.result IS NULL AND (payload.result_coding IS NOT NULL OR payload.result_type IS NOT NULL))
              OR coalesce(payload.result_coding, 1) <> 1 OR (payload.result_type IS NULL) <> (payload.result_form IS NULL)
              OR coalesce(payload.result_form, 1) NOT IN (1, 2)
            """),
        ("checkpoints-end", "A job that succeeded keeps no checkpoint.", """
            SELECT job.id::text FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.state = 10 AND payload.checkpoint IS NOT NULL
            """),
        ("payload-present", "Every job has its arguments, and nothing else does.", """
            SELECT coalesce(job.id::text, 'payload ' || payload.job_seq) FROM job FULL JOIN payload ON payload.job_seq = job.seq WHERE payload.job_seq IS NULL OR job.seq IS NULL
            """),
        ("rank-agrees", "A waiting job stands in its line where its time and priority say; one that a lost or stopped node ran, before that or there.", """
            SELECT id::text FROM job WHERE state = 2 AND (rank > run_at - priority::bigint * 60000000 OR (excused = 0 AND rank <> run_at - priority::bigint * 60000000))
            """),
        ("counters-agree", "The kept counters are the numbers of jobs.", """
            SELECT namespace || '/' || queue || '/' || task || '/' || state FROM
              (SELECT namespace, queue, task, state, count AS n FROM counter UNION ALL
               SELECT namespace, queue, task, state, -count(*) AS n FROM job GROUP BY namespace, queue, task, state) c
            GROUP BY namespace, queue, task, state HAVING sum(n) <> 0
            """),
        ("limits-counted", "A limit key counts the jobs of it that run and that are queued.", """
            SELECT namespace || '/' || key FROM
              (SELECT namespace, key, running, queued FROM limit_key UNION ALL
               SELECT namespace, limit_key, -count(*) FILTER (WHERE state IN (3, 5)), -count(*) FILTER (WHERE state = 2) FROM job
               WHERE limit_key IS NOT NULL AND state < 10 GROUP BY namespace, limit_key) c
            GROUP BY namespace, key HAVING sum(running) <> 0 OR sum(queued) <> 0
            """),
        ("blocked-waits", "Only queued jobs with a limit key are blocked by it.", "SELECT id::text FROM job WHERE blocked IS NOT NULL AND (state <> 2 OR limit_key IS NULL)"),
        ("idempotency-points", "An idempotency key names a job of its namespace, or one that retention deleted.", """
            SELECT i.key FROM idempotency i JOIN job ON job.seq = i.job_seq WHERE job.namespace <> i.namespace
            """),
        ("unique-keys-held", "Every unique key names the job that holds it: of its namespace, with that key, not final, not started where that ends the hold.", """
            SELECT u.namespace || '/' || u.key FROM unique_key u LEFT JOIN job ON job.seq = u.job_seq
            WHERE job.seq IS NULL OR job.namespace <> u.namespace OR job.unique_key IS DISTINCT FROM u.key OR job.unique_until IS DISTINCT FROM u.until
              OR job.state >= 10 OR (job.unique_until = 1 AND job.attempt > 0)
            """),
        ("unique-keys-taken", "Every job that holds its unique key has the key's row; so no two jobs hold one.", """
            SELECT job.id::text FROM job LEFT JOIN unique_key u ON u.namespace = job.namespace AND u.key = job.unique_key AND u.job_seq = job.seq
            WHERE job.unique_key IS NOT NULL AND job.state < 10 AND (job.unique_until = 0 OR job.attempt = 0) AND u.job_seq IS NULL
            """),
        ("callbacks-told", "Every job with a callback that became final in the last 7 days has a delivery of it.", """
            SELECT job.id::text FROM job WHERE job.state >= 10 AND job.callback IS NOT NULL
              AND job.finished_at > (SELECT max(at) FROM history) - 604800000000
              AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.job = job.id AND delivery.job_seq = job.seq AND delivery.webhook = 'callback')
            """),
        ("deliveries-belong", "A delivery is of a webhook of its namespace; only callbacks need none.", """
            SELECT d.id::text FROM delivery d LEFT JOIN webhook w ON w.namespace = d.namespace AND w.name = d.webhook
            WHERE w.name IS NULL AND d.webhook <> 'callback'
            """),
        ("schedule-ticks-belong", "A schedule's history is of that schedule, one line in each place of its ring, and none newer than the schedule counts.", """
            SELECT t.namespace || '/' || t.name || '/' || t.number FROM schedule_tick t LEFT JOIN schedule s ON s.namespace = t.namespace AND s.name = t.name
            WHERE s.name IS NULL OR t.number >= s.ticks OR t.number % 50 <> t.slot
            """),
        .. PostgresGraphVerify.Checks,
        ("terms-belong", "Every indexed argument is of a job of its namespace and task, and is one of those kept with the job.", """
            SELECT term.path || ' ' || term.job_seq FROM term LEFT JOIN job ON job.seq = term.job_seq
            WHERE job.seq IS NULL OR job.namespace <> term.namespace OR job.task <> term.task
              OR NOT EXISTS (SELECT 1 FROM payload, json_array_elements(payload.terms::json) pair WHERE payload.job_seq = term.job_seq
                AND pair ->> 0 = term.path AND pair ->> 1 = term.value)
            """),
        ("terms-indexed", "Every indexed argument that is kept with a job has its row in the index.", """
            SELECT job.id::text FROM payload JOIN job ON job.seq = payload.job_seq CROSS JOIN LATERAL json_array_elements(payload.terms::json) pair WHERE json_array_length(pair) = 2 AND NOT EXISTS
              (SELECT 1 FROM term WHERE term.namespace = job.namespace AND term.task = job.task AND term.path = pair ->> 0 AND term.value = pair ->> 1 AND term.job_seq = job.seq)
            """),
        .. PostgresEntityVerify.Checks,
    ];

    /// <summary>All checks against one snapshot, in a transaction that writes nothing.</summary>
    public static async Task<VerifyReport> RunAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await using (var settings = Command(connection, $"SET TRANSACTION READ ONLY; SET LOCAL search_path TO {Sql.PostgresDialect.Schema}"))
            await settings.ExecuteNonQueryAsync(ct);
        var violations = new List<Violation>();
        foreach (var (name, detail, sql) in Checks)
        {
            var (count, ids) = await BrokenAsync(connection, sql, ct);
            if (count > 0) violations.Add(new Violation(name, detail, count, ids));
        }
        return new VerifyReport(await NumberAsync(connection, "job", ct), await NumberAsync(connection, "history", ct), await NumberAsync(connection, "entity", ct), violations);
    }

    private static async Task<(long Count, List<string> Ids)> BrokenAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        var ids = new List<string>();
        var count = 0L;
        await using var command = Command(connection, sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (count++ < MaxIds) ids.Add(reader.GetString(0));
        }
        return (count, ids);
    }

    private static async Task<long> NumberAsync(NpgsqlConnection connection, string table, CancellationToken ct)
    {
        await using var command = Command(connection, $"SELECT count(*) FROM {table}");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>As long as reading everything takes.</summary>
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection) { CommandTimeout = 0 };
}
