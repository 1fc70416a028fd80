using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Fills a database with finished no-op jobs and jobs that wait in a queue that nobody serves, as a node would have left them.</summary>
internal static class DeepTable
{
    private const int Chunk = 100_000;

    public static void Fill(string file, int finished, int waiting)
    {
        SqliteStorage.Open($"Data Source={file}", TimeProvider.System, new Random(1), fault => throw fault).Dispose();
        using var writer = SqliteHandle.Open(file, readOnly: false);
        writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;");
        var now = SqliteTime.ToMicroseconds(DateTimeOffset.UtcNow);
        for (var first = 1; first <= finished + waiting; first += Chunk)
        {
            var last = Math.Min(first + Chunk - 1, finished + waiting);
            writer.Execute("BEGIN IMMEDIATE");
            Insert(writer, Jobs, first, last, finished, now);
            Insert(writer, Payloads, first, last, finished, now);
            Insert(writer, Submitted, first, last, finished, now);
            if (first <= finished) Insert(writer, ClaimedAndFinished, first, Math.Min(last, finished), finished, now);
            writer.Execute("COMMIT");
            writer.Checkpoint();
        }
        Count(writer, "noop", 10, finished);
        Count(writer, "nobody", 2, waiting);
    }

    // ?1 first, ?2 last, ?3 finished, ?4 now. Ids rise with time, as UUIDs of version 7 do.
    private const string Numbers = "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) ";

    private const string Jobs = Numbers + """
        INSERT INTO job (seq, id, namespace, task, queue, priority, state, rank, run_at, max_attempts, backoff_initial, backoff_factor, backoff_max,
          digest, when_lost, attempt, excused, crashes, node, cached, created_at, started_at, finished_at, version, history_seq)
        SELECT i, unhex(printf('%012x7%03x8%015x', (?4 - 10000000000) / 1000 + i / 20, i % 4096, i)), 'default', 'noop', iif(i <= ?3, 'noop', 'nobody'), 5,
          iif(i <= ?3, 10, 2), ?4 - 310000000 + i, ?4 - 10000000 + i, 5, 1000000, 2.0, 3600000000, zeroblob(16), 0, i <= ?3, 0, 0, iif(i <= ?3, 'node-1', NULL), 0,
          ?4 - 10000000, iif(i <= ?3, ?4, NULL), iif(i <= ?3, ?4, NULL), iif(i <= ?3, 3, 1), iif(i <= ?3, i * 3, ?3 * 3 + (i - ?3))
        FROM n
        """;

    private const string Payloads = Numbers + """
        INSERT INTO payload (job_seq, namespace, args, result)
        SELECT i, 'default', CAST('{}' AS BLOB), iif(i <= ?3, CAST('0' AS BLOB), NULL) FROM n WHERE ?4 > 0
        """;

    private const string Submitted = Numbers + """
        INSERT INTO history (seq, namespace, kind, subject, version, at, to_state, attempt)
        SELECT iif(i <= ?3, i * 3 - 2, ?3 * 3 + (i - ?3)), 'default', 1, i, 1, ?4 - 10000000, 2, 0 FROM n
        """;

    private const string ClaimedAndFinished = Numbers + """
        INSERT INTO history (seq, namespace, kind, subject, version, at, from_state, to_state, attempt, incarnation, node, previous)
        SELECT i * 3 - 2 + step, 'default', 1, i, 1 + step, ?4, iif(step = 1, 2, 3), iif(step = 1, 3, 10), 1, zeroblob(16), 'node-1', i * 3 - 3 + step
        FROM n, (SELECT 1 AS step UNION ALL SELECT 2) WHERE ?3 >= 0
        """;

    private static void Insert(SqliteHandle writer, string sql, long first, long last, long finished, long now)
    {
        using var statement = writer.Prepare(sql);
        statement.Bind(first).Bind(last).Bind(finished).Bind(now).Run();
    }

    private static void Count(SqliteHandle writer, string queue, long state, long count)
    {
        using var statement = writer.Prepare("INSERT INTO counter (namespace, queue, task, state, count) VALUES ('default', ?, 'noop', ?, ?)");
        statement.Bind(queue).Bind(state).Bind(count).Run();
    }
}
