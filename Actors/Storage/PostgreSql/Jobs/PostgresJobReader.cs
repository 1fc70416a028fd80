using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Reads jobs. What must fit together is read in one statement, for each sees one moment.</summary>
internal static class PostgresJobReader
{
    private const string S = PostgresDialect.Schema;
    private const string Whole = $"{PostgresJobRows.Columns}, payload.args, payload.result, payload.result_coding";
    private const string HistoryColumns = "h.seq, h.version, h.at, h.from_state, h.to_state, h.attempt, h.node, h.detail";
    private const int At = PostgresJobRows.Count;

    /// <summary>The server's time.</summary>
    public static async Task<DateTimeOffset> NowAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT {PostgresTime.Now}");
        return PostgresTime.ToTime((long)(await command.ExecuteScalarAsync(ct))!);
    }

    public static async Task<IReadOnlyList<Job?>> ReadManyAsync(NpgsqlDataSource source, Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT {Whole} FROM {PostgresJobRows.From} WHERE job.namespace = $1 AND job.id = ANY ($2)")
            .Bind(Text(ns.Name), Ids(ids.Select(id => (Guid?)id.Value)));
        var found = (await command.ListAsync(Read, ct)).ToDictionary(job => job.Row.Id);
        var waiting = found.Values.Where(job => job.Row.Parents > 0).Select(job => job.Row.Seq).ToArray();
        if (waiting.Length > 0)
        {
            await using var edges = source.CreateCommand($"SELECT e.namespace, e.parent_seq, e.parent, e.child_seq, e.kind, e.\"on\", e.position, e.name, e.done FROM {S}.edge e WHERE e.child_seq = ANY ($1) AND e.kind = 0 ORDER BY e.position")
                .Bind(Numbers(waiting));
            var byChild = (await edges.ListAsync(EdgeBook.Read, ct)).ToLookup(edge => edge.Child);
            foreach (var job in found.Values.Where(job => job.Row.Parents > 0).ToArray())
                found[job.Row.Id] = job with { DependsOn = [.. byChild[job.Row.Seq].Select(edge => new JobDependency(edge.ParentId, edge.On))] };
        }
        return [.. ids.Select(id => found.GetValueOrDefault(id))];
    }

    public static async Task<StoredResult?> ReadResultAsync(NpgsqlDataSource source, Namespace ns, JobId id, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            SELECT {PostgresJobRows.Columns}, payload.result, payload.result_coding, payload.result_type, payload.result_form FROM {PostgresJobRows.From} WHERE job.namespace = $1 AND job.id = $2
            """).Bind(Text(ns.Name), Id(id.Value));
        return (await command.ListAsync(
            r => new StoredResult(
                PostgresJobRows.Read(r), r.BytesOrNull(At) is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null, r.IsDBNull(At + 1) ? ResultCoding.None : (ResultCoding)r.GetInt16(At + 1),
                r.IsDBNull(At + 2) ? null : new ResultMedia(r.GetString(At + 2), (ResultForm)r.GetInt16(At + 3))), ct)).FirstOrDefault();
    }

    public static async Task<JobHistory?> ReadHistoryAsync(NpgsqlDataSource source, Namespace ns, JobId id, CancellationToken ct)
    {
        // Each row names the one before it, so a job's story is a walk and needs no index.
        await using var command = source.CreateCommand($"""
            WITH RECURSIVE story AS (
              SELECT j.seq AS job, j.history_seq AS next FROM {S}.job j WHERE j.namespace = $1 AND j.id = $2
              UNION ALL SELECT story.job, h.previous FROM story JOIN {S}.history h ON h.seq = story.next)
            SELECT story.job, story.next, {HistoryColumns} FROM story LEFT JOIN {S}.history h ON h.seq = story.next ORDER BY h.version NULLS FIRST
            """).Bind(Text(ns.Name), Id(id.Value));
        var (seq, pruned) = (0L, false);
        var rows = new List<HistoryRow>();
        await using (var r = await command.ExecuteReaderAsync(ct))
        {
            while (await r.ReadAsync(ct))
            {
                seq = r.GetInt64(0);
                if (!r.IsDBNull(2)) rows.Add(ReadHistory(r, 2));
                else pruned |= !r.IsDBNull(1);
            }
        }
        return seq == 0 ? null : new JobHistory(rows, RunNote.Join(await AttemptsAsync(source, seq, ct), await PostgresNoteReader.LinesAsync(source, seq, ct)), pruned);
    }

    public static async Task<IReadOnlyList<string>> TagsAsync(NpgsqlDataSource source, Namespace ns, string prefix, int limit, CancellationToken ct)
    {
        // A step of the index for each tag, however many jobs carry it.
        await using var command = source.CreateCommand($"""
            WITH RECURSIVE step AS (
              (SELECT tag FROM {S}.tag WHERE namespace = $1 AND tag >= $2 ORDER BY tag LIMIT 1)
              UNION ALL
              SELECT n.tag FROM step, LATERAL (SELECT t.tag FROM {S}.tag t WHERE t.namespace = $1 AND t.tag > step.tag ORDER BY t.tag LIMIT 1) n WHERE starts_with(step.tag, $2))
            SELECT tag FROM step WHERE starts_with(tag, $2) LIMIT $3
            """).Bind(Text(ns.Name), Text(prefix), Small(limit));
        return await command.ListAsync(r => r.GetString(0), ct);
    }

    public static async Task<IReadOnlyList<JobCount>> CountAsync(NpgsqlDataSource source, Namespace? ns, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            $"SELECT queue, task, state, sum(count)::bigint FROM {S}.counter WHERE $1 IS NULL OR namespace = $1 GROUP BY queue, task, state HAVING sum(count) <> 0").Bind(Text(ns?.Name));
        return await command.ListAsync(r => new JobCount(r.GetString(0), r.GetString(1), (JobState)r.GetInt16(2), r.GetInt64(3)), ct);
    }

    public static async Task<IReadOnlyList<Job>> ReadRunningAsync(NpgsqlDataSource source, Incarnation owner, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            $"SELECT {PostgresJobRows.Columns}, payload.args, NULL::bytea, NULL::smallint FROM {PostgresJobRows.From} WHERE job.incarnation = $1 ORDER BY job.seq").Bind(Id(owner.Value));
        return await command.ListAsync(Read, ct);
    }

    public static async Task<DateTimeOffset?> NextDueAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT min(run_at) FROM {S}.job WHERE {PostgresJobSchema.AwaitsTime}");
        return (await command.ListAsync(r => r.TimeOrNull(0), ct))[0];
    }

    private static Job Read(NpgsqlDataReader r) => new(PostgresJobRows.Read(r), r.GetFieldValue<byte[]>(At), PostgresJobRows.ReadResult(r, At + 1), null);

    private static HistoryRow ReadHistory(NpgsqlDataReader r, int at) => new(
        r.GetInt64(at), r.GetInt64(at + 1), r.Time(at + 2), r.IsDBNull(at + 3) ? null : (JobState)r.GetInt16(at + 3), (JobState)r.GetInt16(at + 4), r.GetInt32(at + 5), r.TextOrNull(at + 6),
        r.TextOrNull(at + 7));

    private static async Task<IReadOnlyList<AttemptRecord>> AttemptsAsync(NpgsqlDataSource source, long seq, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"SELECT attempt, error_type, error_message, lines, dropped FROM {S}.attempt WHERE job_seq = $1 ORDER BY attempt").Bind(Number(seq));
        return await command.ListAsync(
            r => new AttemptRecord(r.GetInt32(0), r.IsDBNull(1) ? null : new TaskError(r.GetString(1), r.GetString(2)), ReadLines(r.BytesOrNull(3)), r.GetInt32(4)), ct);
    }

    private static IReadOnlyList<LogLine> ReadLines(byte[]? stored) => stored is not { Length: > 0 }
        ? []
        : [.. (JsonSerializer.Deserialize(stored, StorageJson.Default.ListStoredLine) ?? []).Select(line => new LogLine(PostgresTime.ToTime(line.At), (LogLevel)line.Level, line.Text))];
}
