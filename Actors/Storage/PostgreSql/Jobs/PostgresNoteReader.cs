using ActorPerf.Jobs;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Reads what runs under way have said.</summary>
internal static class PostgresNoteReader
{
    private const string S = PostgresDialect.Schema;

    public static async Task<IReadOnlyDictionary<long, ProgressReport>> ProgressAsync(NpgsqlDataSource source, IReadOnlyList<JobRow> running, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            SELECT n.job_seq, n.body FROM unnest($1::bigint[], $2::integer[]) AS w (seq, attempt)
            JOIN {S}.run_note n ON n.job_seq = w.seq AND n.attempt = w.attempt AND n.first = 0
            """).Bind(Numbers(running.Select(row => row.Seq)), Smalls(running.Select(row => row.Attempt)));
        return (await command.ListAsync(r => (Seq: r.GetInt64(0), Progress: RunNoteBody.ReadProgress(r.GetFieldValue<byte[]>(1))), ct)).ToDictionary(each => each.Seq, each => each.Progress);
    }

    public static async Task<IReadOnlyList<RunNote>> NotesAsync(NpgsqlDataSource source, DateTimeOffset? since, int limit, CancellationToken ct)
    {
        if (since is not { } from) return [];
        await using var command = source.CreateCommand($"""
            SELECT j.namespace, j.id, n.attempt, n.first, n.at, n.body FROM {S}.run_note n JOIN {S}.job j ON j.seq = n.job_seq WHERE n.at >= $1
            ORDER BY n.at, n.job_seq, n.attempt, n.first LIMIT $2
            """).Bind(Number(PostgresTime.ToMicroseconds(from)), Small(limit));
        return await command.ListAsync(
            r => RunNoteBody.Read(Namespace.FromStore(r.GetString(0)), new JobId(r.GetGuid(1)), r.GetInt32(2), r.GetInt32(3), r.Time(4), r.GetFieldValue<byte[]>(5)), ct);
    }

    /// <summary>Lines of a job's runs, in order of attempt and number.</summary>
    public static async Task<IReadOnlyList<(int Attempt, int First, IReadOnlyList<LogLine> Lines)>> LinesAsync(NpgsqlDataSource source, long seq, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT attempt, first, body FROM {S}.run_note WHERE job_seq = $1 AND first > 0 ORDER BY attempt, first").Bind(Number(seq));
        return await command.ListAsync(r => (r.GetInt32(0), r.GetInt32(1), RunNoteBody.ReadLines(r.GetFieldValue<byte[]>(2))), ct);
    }
}
