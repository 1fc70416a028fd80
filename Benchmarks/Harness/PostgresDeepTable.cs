using System.Globalization;
using Npgsql;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The rows of <see cref="DeepTable"/> in a PostgreSQL database that a node has set up, with the statistics that autovacuum would have gathered by then.</summary>
internal static class PostgresDeepTable
{
    private const int Chunk = 100_000;

    private const string Jobs = """
        INSERT INTO actorperf.job (seq, id, namespace, task, queue, priority, state, rank, run_at, max_attempts, backoff_initial, backoff_factor, backoff_max, digest, when_lost, attempt, excused, crashes,
          node, cached, created_at, started_at, finished_at, version, history_seq)
        SELECT i, gen_random_uuid(), 'default', 'noop', CASE WHEN i <= $3 THEN 'noop' ELSE 'nobody' END, 5, CASE WHEN i <= $3 THEN 10 ELSE 2 END, $4 - 310000000 + i, $4 - 10000000 + i, 5, 1000000, 2,
          3600000000, '019a0000-0000-7000-8000-000000000000', 0, CASE WHEN i <= $3 THEN 1 ELSE 0 END, 0, 0, CASE WHEN i <= $3 THEN 'node-1' END, false, $4 - 10000000,
          CASE WHEN i <= $3 THEN $4 END, CASE WHEN i <= $3 THEN $4 END, CASE WHEN i <= $3 THEN 3 ELSE 1 END, CASE WHEN i <= $3 THEN i * 3 ELSE $3 * 3 + (i - $3) END
        FROM generate_series($1, $2) AS i
        """;

    private const string Payloads = """
        INSERT INTO actorperf.payload (job_seq, namespace, args, result) SELECT i, 'default', '{}'::bytea, CASE WHEN i <= $3 THEN '0'::bytea END FROM generate_series($1, $2) AS i WHERE $4 > 0
        """;

    private const string History = """
        INSERT INTO actorperf.history (seq, namespace, kind, subject, version, at, from_state, to_state, attempt, node, previous)
        SELECT CASE WHEN i <= $3 THEN i * 3 - 2 + n ELSE $3 * 3 + (i - $3) END, 'default', 1, i, 1 + n, $4, CASE n WHEN 1 THEN 2 WHEN 2 THEN 3 END, CASE n WHEN 0 THEN 2 WHEN 1 THEN 3 ELSE 10 END, least(n, 1),
          CASE WHEN n > 0 THEN 'node-1' END, CASE WHEN n > 0 THEN i * 3 - 3 + n END
        FROM generate_series($1, $2) AS i, generate_series(0, 2) AS n WHERE n = 0 OR i <= $3
        """;

    public static async Task FillAsync(string connectionString, long finished, long waiting)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000;
        for (var first = 1L; first <= finished + waiting; first += Chunk)
        {
            var last = Math.Min(first + Chunk - 1, finished + waiting);
            foreach (var sql in (string[])[Jobs, Payloads, History])
            {
                await using var insert = new NpgsqlCommand(sql, connection);
                foreach (var value in (long[])[first, last, finished, now]) insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
                await insert.ExecuteNonQueryAsync();
            }
        }
        await using var rest = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"""
                INSERT INTO actorperf.counter (namespace, queue, task, state, slot, count) VALUES ('default', 'noop', 'noop', 10, 999, {finished}), ('default', 'nobody', 'noop', 2, 999, {waiting});
                SELECT setval('actorperf.job_seq_seq', {finished} + {waiting}), setval('actorperf.history_seq_seq', 3 * {finished} + {waiting});
                ANALYZE actorperf.job, actorperf.payload, actorperf.history, actorperf.counter;
                """), connection);
        await rest.ExecuteNonQueryAsync();
    }

    /// <summary>Makes a database beside that of the connection string anew.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> BesideAsync(string connectionString, string suffix)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        var name = builder.Database + suffix;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        foreach (var sql in (string[])[$"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)", $"CREATE DATABASE \"{name}\""])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
        builder.Database = name;
        return builder.ConnectionString;
    }
}
