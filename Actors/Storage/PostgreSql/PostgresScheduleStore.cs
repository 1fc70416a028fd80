using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Schedules in a PostgreSQL database. The history of each is a ring of rows, so that it never grows and nothing is pruned.</summary>
internal sealed class PostgresScheduleStore(NpgsqlDataSource source, PostgresHints hints) : IScheduleStore
{
    private const string Schedule = PostgresDialect.Schema + ".schedule";
    private const string Tick = PostgresDialect.Schema + ".schedule_tick";

    private const string Read = $"""
        SELECT s.namespace, s.name, s.cron, s.time_zone, s.task, s.args, s.queue, s.priority, s.expires_in, s.timeout, s.max_attempts, s.tags, s.meta, s.overlap,
          s.misfire, s.misfire_limit, s.jitter, s.paused, s.shape, s.cursor, s.last_job, s.ticks, s.created_at, s.updated_at, s.version,
          t.at, t.outcome, t.job, t.reason, t.handled_at
        FROM {Schedule} s LEFT JOIN {Tick} t ON t.namespace = s.namespace AND t.name = s.name AND t.slot = (s.ticks - 1) % 50
        """;

    private const string Put = $"""
        INSERT INTO {Schedule} AS s (namespace, name, cron, time_zone, task, args, queue, priority, expires_in, timeout, max_attempts, tags, meta, overlap, misfire,
          misfire_limit, jitter, paused, shape, cursor, ticks, created_at, updated_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 0, $21, $22, $23)
        ON CONFLICT (namespace, name) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone, task = excluded.task, args = excluded.args, queue = excluded.queue,
          priority = excluded.priority, expires_in = excluded.expires_in, timeout = excluded.timeout, max_attempts = excluded.max_attempts, tags = excluded.tags,
          meta = excluded.meta, overlap = excluded.overlap, misfire = excluded.misfire, misfire_limit = excluded.misfire_limit, jitter = excluded.jitter,
          paused = excluded.paused, cursor = CASE WHEN s.shape = excluded.shape THEN greatest(s.cursor, excluded.cursor) ELSE excluded.cursor END,
          shape = excluded.shape, updated_at = excluded.updated_at, version = excluded.version
        """;

    // Of a step with more lines than the ring has places, the newest.
    private const string Step = $"""
        WITH moved AS (
          UPDATE {Schedule} SET cursor = greatest(cursor, $3), last_job = coalesce($4, last_job), ticks = ticks + cardinality($5)
          WHERE namespace = $1 AND name = $2 RETURNING ticks - cardinality($5) - 1 AS before)
        INSERT INTO {Tick} (namespace, name, slot, number, at, outcome, job, reason, handled_at)
        SELECT $1, $2, (moved.before + t.n) % 50, moved.before + t.n, t.at, t.outcome, t.job, t.reason, t.handled_at
        FROM moved, unnest($5, $6, $7, $8, $9) WITH ORDINALITY AS t (at, outcome, job, reason, handled_at, n) WHERE t.n > cardinality($5) - 50
        ON CONFLICT (namespace, name, slot) DO UPDATE SET number = excluded.number, at = excluded.at, outcome = excluded.outcome, job = excluded.job, reason = excluded.reason,
          handled_at = excluded.handled_at
        """;

    public async ValueTask<IReadOnlyList<ScheduleRow>> ReadAllAsync(CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand(Read);
        return await command.ListAsync(ReadRow, ct);
    });

    public ValueTask PutAsync(ScheduleRow row, CancellationToken ct)
    {
        var of = row.Definition;
        return ChangeAsync(row.Namespace, row.Name, [new NpgsqlBatchCommand(Put).Bind(
            Text(row.Namespace.Name), Text(row.Name), Text(of?.Cron), Text(of?.TimeZone), Text(of?.Task), Bytes(of?.Args.ToArray()), Text(of?.Queue), Small(of?.Priority),
            Number(PostgresTime.ToMicroseconds(of?.ExpiresIn)), Number(PostgresTime.ToMicroseconds(of?.Timeout)), Small(of?.MaxAttempts),
            Text(of is null ? null : WriteList(of.Tags)), Bytes(of is null || of.Meta.IsEmpty ? null : of.Meta.ToArray()), Small((int?)of?.Overlap), Small((int?)of?.Misfire),
            Small(of?.MisfireLimit), Number(PostgresTime.ToMicroseconds(of?.Jitter)), Flag(of?.Paused), Text(row.Shape), Time(row.Cursor), Time(row.CreatedAt), Time(row.UpdatedAt),
            Number(row.Version))], ct);
    }

    // The schedule first, as a step does: so neither waits for what the other holds.
    public ValueTask DeleteAsync(Namespace ns, string name, CancellationToken ct) => ChangeAsync(
        ns, name, [.. new[] { Schedule, Tick }.Select(table => new NpgsqlBatchCommand($"DELETE FROM {table} WHERE namespace = $1 AND name = $2").Bind(Text(ns.Name), Text(name)))], ct);

    public async ValueTask AdvanceAsync(IReadOnlyList<ScheduleStep> steps, CancellationToken ct)
    {
        if (steps.Count == 0) return;
        await PostgresFaults.AskAsync(async () =>
        {
            await using var batch = source.CreateBatch();
            foreach (var step in steps.OrderBy(step => step.Namespace.Name, StringComparer.Ordinal).ThenBy(step => step.Name, StringComparer.Ordinal))
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(Step).Bind(
                    Text(step.Namespace.Name), Text(step.Name), Time(step.Cursor), Id(step.LastJob?.Value), Numbers(step.Ticks.Select(tick => PostgresTime.ToMicroseconds(tick.At))),
                    Smalls(step.Ticks.Select(tick => (int)tick.Outcome)), Ids(step.Ticks.Select(tick => tick.Job?.Value)), Texts(step.Ticks.Select(tick => tick.Reason)),
                    Numbers(step.Ticks.Select(tick => PostgresTime.ToMicroseconds(tick.HandledAt)))));
            }
            return await batch.ExecuteNonQueryAsync(ct);
        });
    }

    public async ValueTask<IReadOnlyList<ScheduleTick>> ReadHistoryAsync(Namespace ns, string name, CancellationToken ct) => await PostgresFaults.AskAsync(async () =>
    {
        await using var command = source.CreateCommand($"SELECT at, outcome, job, reason, handled_at FROM {Tick} WHERE namespace = $1 AND name = $2 ORDER BY number DESC")
            .Bind(Text(ns.Name), Text(name));
        return await command.ListAsync(reader => ReadTick(reader, 0), ct);
    });

    /// <summary>With what others of the cluster must know: a definition, not how far its ticks are.</summary>
    private async ValueTask ChangeAsync(Namespace ns, string name, IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await PostgresFaults.AskAsync(async () =>
        {
            await using var batch = source.CreateBatch();
            foreach (var command in commands) batch.BatchCommands.Add(command);
            batch.BatchCommands.Add(PostgresFeedStore.Row(new FeedNote(FeedKind.Schedule, ns.Name, name), hints.Origin));
            return await batch.ExecuteNonQueryAsync(ct);
        });
        hints.Tell();
    }

    private static ScheduleRow ReadRow(NpgsqlDataReader r) => new()
    {
        Namespace = Namespace.FromStore(r.GetString(0)),
        Name = r.GetString(1),
        Definition = r.IsDBNull(2) ? null : ReadDefinition(r),
        Shape = r.GetString(18),
        Cursor = r.Time(19),
        LastJob = r.IdOrNull(20) is { } job ? new JobId(job) : null,
        Ticks = r.GetInt64(21),
        CreatedAt = r.Time(22),
        UpdatedAt = r.Time(23),
        Version = r.GetInt64(24),
        Last = r.IsDBNull(25) ? null : ReadTick(r, 25),
    };

    private static ScheduleDefinition ReadDefinition(NpgsqlDataReader r) => new()
    {
        Cron = r.GetString(2),
        TimeZone = r.GetString(3),
        Task = r.GetString(4),
        Args = r.GetFieldValue<byte[]>(5),
        Queue = r.TextOrNull(6),
        Priority = r.GetInt32(7),
        ExpiresIn = PostgresTime.ToSpan(r.NumberOrNull(8)),
        Timeout = PostgresTime.ToSpan(r.NumberOrNull(9)),
        MaxAttempts = (int?)r.NumberOrNull(10),
        Tags = r.ReadList(11),
        Meta = r.BytesOrNull(12),
        Overlap = (ScheduleOverlap)r.GetInt32(13),
        Misfire = (ScheduleMisfire)r.GetInt32(14),
        MisfireLimit = r.GetInt32(15),
        Jitter = TimeSpan.FromMicroseconds(r.GetInt64(16)),
        Paused = r.GetBoolean(17),
    };

    private static ScheduleTick ReadTick(NpgsqlDataReader r, int first) => new(
        r.Time(first), (ScheduleOutcome)r.GetInt32(first + 1), r.IdOrNull(first + 2) is { } job ? new JobId(job) : null, r.TextOrNull(first + 3), r.Time(first + 4));
}
