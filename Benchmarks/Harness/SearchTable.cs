using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Fills a database with finished jobs to search: twenty tasks, one job in ten failed, one in five tagged, twenty customers in an indexed argument.</summary>
internal static class SearchTable
{
    private const int Chunk = 100_000;

    public const string Task = "task-7";
    public const string Path = "customer.id";

    public static void Fill(string file, int jobs)
    {
        SqliteStorage.Open($"Data Source={file}", TimeProvider.System, new Random(1), fault => throw fault).Dispose();
        using var writer = SqliteHandle.Open(file, readOnly: false);
        writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;");
        var now = SqliteTime.ToMicroseconds(DateTimeOffset.UtcNow);
        for (var first = 1; first <= jobs; first += Chunk)
        {
            writer.Execute("BEGIN IMMEDIATE");
            foreach (var sql in (string[])[Jobs, Payloads, Tags, Terms])
            {
                using var statement = writer.Prepare(Numbers + sql);
                statement.Bind(first).Bind((long)Math.Min(first + Chunk - 1, jobs)).Bind(now).Run();
            }
            writer.Execute("COMMIT");
            writer.Checkpoint();
        }
        writer.Execute("INSERT INTO counter (namespace, queue, task, state, count) SELECT namespace, queue, task, state, count(*) FROM job GROUP BY 1, 2, 3, 4");
    }

    // ?1 first, ?2 last, ?3 now. Every statement uses all three.
    private const string Numbers = "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) ";

    private const string Jobs = """
        INSERT INTO job (seq, id, namespace, task, queue, priority, state, rank, run_at, max_attempts, backoff_initial, backoff_factor, backoff_max, tags,
          digest, when_lost, attempt, excused, crashes, node, cached, error_type, error_message, created_at, started_at, finished_at, version, history_seq)
        SELECT i, unhex(printf('%012x7%03x8%015x', (?3 - 10000000000) / 1000 + i / 20, i % 4096, i)), 'default', 'task-' || (i % 20), 'default', 5,
          iif(i / 20 % 10 = 0, 11, 10), ?3 - 310000000 + i, ?3 - 10000000 + i, 5, 1000000, 2.0, 3600000000, iif(i / 200 % 5 = 0, '["nightly"]', NULL),
          zeroblob(16), 0, 1, 0, 0, 'node-1', 0, iif(i / 20 % 10 = 0, 'timeout', NULL), iif(i / 20 % 10 = 0, 'It took too long.', NULL),
          ?3 - 10000000, ?3, ?3, 3, i
        FROM n
        """;

    private const string Payloads = """
        INSERT INTO payload (job_seq, namespace, args, terms)
        SELECT i, 'default', CAST('{"customer":{"id":' || (i / 1000 % 20) || '}}' AS BLOB), iif(i % 20 = 7, '[["customer.id","' || (i / 1000 % 20) || '"]]', NULL)
        FROM n WHERE ?3 > 0
        """;

    private const string Tags = "INSERT INTO tag (namespace, tag, job_seq) SELECT 'default', 'nightly', i FROM n WHERE i / 200 % 5 = 0 AND ?3 > 0";

    private const string Terms = """
        INSERT INTO term (namespace, task, path, value, job_seq)
        SELECT 'default', 'task-7', 'customer.id', CAST(i / 1000 % 20 AS TEXT), i FROM n WHERE i % 20 = 7 AND ?3 > 0
        """;
}
