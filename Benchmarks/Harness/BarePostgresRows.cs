using System.Diagnostics;
using Npgsql;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The limit of jobs in PostgreSQL: connections that write what a successful job leaves, a statement for each kind of row, and nothing else happens.</summary>
/// <remarks>Schema, indexes and durability are the node's. Every transaction takes in a batch of jobs that run at once and finishes the batch before: job and payload row, the update of the job, the
/// result, three history rows, the counters. The tables are copies of the node's, for what stands in those it reads as another node's work. The rows are made by the server from their numbers, so no row but its number crosses the wire.</remarks>
internal sealed class BarePostgresRows(string connectionString)
{
    private const int Connections = 4;

    private const string Copy = """
        DROP SCHEMA IF EXISTS actorperf_bare CASCADE;
        CREATE SCHEMA actorperf_bare;
        CREATE TABLE actorperf_bare.job (LIKE actorperf.job INCLUDING ALL);
        CREATE TABLE actorperf_bare.payload (LIKE actorperf.payload INCLUDING ALL);
        CREATE TABLE actorperf_bare.history (LIKE actorperf.history INCLUDING ALL);
        CREATE TABLE actorperf_bare.counter (LIKE actorperf.counter INCLUDING ALL);
        """;

    private const string Take = """
        INSERT INTO actorperf_bare.job (seq, id, namespace, task, queue, priority, state, rank, run_at, max_attempts, backoff_initial, backoff_factor, backoff_max, digest, when_lost, attempt, excused, crashes,
          incarnation, lease, node, cached, created_at, started_at, version, history_seq)
        SELECT s, gen_random_uuid(), 'bare', 'noop', 'noop', 5, 3, $2 - 300000000, $2, 5, 1000000, 2, 3600000000, '019a0000-0000-7000-8000-000000000000', 0, 1, 0, 0,
          '019a0000-0000-7000-8000-000000000001', gen_random_uuid(), 'node-1', false, $2, $2, 2, s * 3 + 1 FROM unnest($1::bigint[]) AS s
        """;

    private const string TakePayload = "INSERT INTO actorperf_bare.payload (job_seq, namespace, args) SELECT s, 'bare', '{}'::bytea FROM unnest($1::bigint[]) AS s";

    private const string Tell = """
        INSERT INTO actorperf_bare.history (seq, namespace, kind, subject, version, at, from_state, to_state, attempt, incarnation, node, previous)
        SELECT s * 3 + n, 'bare', 1, s, n + 1, $2, CASE n WHEN 1 THEN 2 WHEN 2 THEN 3 END, CASE n WHEN 0 THEN 2 WHEN 1 THEN 3 ELSE 10 END, least(n, 1),
          CASE WHEN n > 0 THEN '019a0000-0000-7000-8000-000000000001'::uuid END, CASE WHEN n > 0 THEN 'node-1' END, CASE WHEN n > 0 THEN s * 3 + n - 1 END
        FROM unnest($1::bigint[]) AS s, generate_series($3, $4) AS n
        """;

    private const string Finish = """
        UPDATE actorperf_bare.job SET state = 10, incarnation = NULL, lease = NULL, finished_at = $2, version = 3, history_seq = job.seq * 3 + 2 FROM unnest($1::bigint[]) AS s
        WHERE job.seq = s AND job.version = 2 AND job.state = 3
        """;

    private const string Result = "UPDATE actorperf_bare.payload SET result = '0'::bytea FROM unnest($1::bigint[]) AS s WHERE payload.job_seq = s";

    private const string Count = """
        INSERT INTO actorperf_bare.counter AS c (namespace, queue, task, state, slot, count) SELECT 'bare', 'noop', 'noop', n, $1, $2 FROM unnest('{3,10}'::integer[]) AS n
        ON CONFLICT (namespace, queue, task, state, slot) DO UPDATE SET count = c.count + excluded.count
        """;

    // Far behind the numbers that a node takes.
    private long _next = 1_000_000_000_000;

    /// <summary>Copies the node's tables, empty.</summary>
    public async Task PrepareAsync()
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Copy, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Writes for a time.</summary>
    /// <param name="batch">Jobs a transaction.</param>
    public async Task<Measurement> RunAsync(int batch, TimeSpan window)
    {
        var used = Usage.Here();
        var started = Stopwatch.GetTimestamp();
        var written = await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Run(() => WriteAsync(connection, batch, started, window))));
        return new Measurement(written.Sum(), Stopwatch.GetElapsedTime(started), Usage.Here() - used);
    }

    private async Task<long> WriteAsync(int slot, int batch, long started, TimeSpan window)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 50, AutoPrepareMinUsages = 1 }.ConnectionString);
        await connection.OpenAsync();
        var (finished, before) = (0L, Array.Empty<long>());
        while (Stopwatch.GetElapsedTime(started) < window)
        {
            var last = Interlocked.Add(ref _next, batch);
            var jobs = Enumerable.Range(0, batch).Select(i => last - i).Order().ToArray();
            await TransactAsync(connection, jobs, before, 1_000 + slot);
            finished += before.Length;
            before = jobs;
        }
        return finished;
    }

    private static async Task TransactAsync(NpgsqlConnection connection, long[] taken, long[] finished, int slot)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000;
        await using var batch = new NpgsqlBatch(connection);
        Add("BEGIN");
        Add(Take, taken, now);
        Add(TakePayload, taken);
        Add(Tell, taken, now, 0, 1);
        Add(Finish, finished, now);
        Add(Result, finished);
        Add(Tell, finished, now, 2, 2);
        Add(Count, slot, (long)taken.Length);
        Add("COMMIT");
        await batch.ExecuteNonQueryAsync();

        void Add(string sql, params object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            batch.BatchCommands.Add(command);
        }
    }
}
