using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Schedules in a SQLite file. The history of each is a ring of rows, so that it never grows and nothing is pruned.</summary>
internal sealed class SqliteScheduleStore(SqliteDatabase database, SqliteSession writer, SqliteHistory history, NodeHandle handle, TimeProvider time) : IScheduleStore, IWriteHandler
{
    private const int BytesOfARow = 512;

    private const string Columns = """
        s.namespace, s.name, s.cron, s.time_zone, s.task, s.args, s.queue, s.priority, s.expires_in, s.timeout, s.max_attempts, s.tags, s.meta, s.overlap,
        s.misfire, s.misfire_limit, s.jitter, s.paused, s.shape, s.cursor, s.last_job, s.ticks, s.created_at, s.updated_at, s.version
        """;

    public ValueTask<IReadOnlyList<ScheduleRow>> ReadAllAsync(CancellationToken ct) => database.Reads.RunAsync(static session => session.Snapshot(ReadAll), ct);

    public ValueTask PutAsync(ScheduleRow row, CancellationToken ct) => PostAsync(new Write(() => Change(row.Namespace, row.Name, () => Put(row))), BytesOfARow + (row.Definition?.Args.Length ?? 0), ct);

    public ValueTask DeleteAsync(Namespace ns, string name, CancellationToken ct) => PostAsync(new Write(() => Change(ns, name, () => Delete(ns, name))), BytesOfARow, ct);

    public ValueTask AdvanceAsync(IReadOnlyList<ScheduleStep> steps, CancellationToken ct) => PostAsync(new Write(() => Advance(steps)), BytesOfARow * steps.Count, ct);

    public ValueTask<IReadOnlyList<ScheduleTick>> ReadHistoryAsync(Namespace ns, string name, CancellationToken ct) =>
        database.Reads.RunAsync(session => session.Snapshot(snapshot => ReadHistory(snapshot, ns, name)), ct);

    public void Apply(object write) => ((Write)write).Apply();

    public void Flush()
    {
    }

    public void Forget() => history.Forget();

    public void Committed(IReadOnlyList<object> writes)
    {
        history.Committed();
        foreach (var write in writes) ((Write)write).TrySetResult();
        handle.Committed();
    }

    public void Failed(object write, Exception cause) => ((Write)write).TrySetException(
        cause as StoreUnavailableException ?? new StoreUnavailableException("The schedule could not be written. Nothing changed; try again.", cause));

    private ValueTask PostAsync(Write write, int bytes, CancellationToken ct)
    {
        if (!database.Queue.TryPost(write, this, urgent: false, bytes)) throw new StoreUnavailableException();
        return new ValueTask(write.Task.WaitAsync(ct));
    }

    /// <summary>What others of the cluster must know: a definition, not how far its ticks are.</summary>
    private void Change(Namespace ns, string name, Action change)
    {
        change();
        history.Origin = handle.Mark;
        history.Write(new FeedNote(FeedKind.Schedule, ns.Name, name), time.GetUtcNow());
    }

    private void Put(ScheduleRow row)
    {
        var of = row.Definition;
        writer["""
            INSERT INTO schedule (namespace, name, cron, time_zone, task, args, queue, priority, expires_in, timeout, max_attempts, tags, meta, overlap, misfire,
              misfire_limit, jitter, paused, shape, cursor, ticks, created_at, updated_at, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
            ON CONFLICT DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone, task = excluded.task, args = excluded.args, queue = excluded.queue,
              priority = excluded.priority, expires_in = excluded.expires_in, timeout = excluded.timeout, max_attempts = excluded.max_attempts, tags = excluded.tags,
              meta = excluded.meta, overlap = excluded.overlap, misfire = excluded.misfire, misfire_limit = excluded.misfire_limit, jitter = excluded.jitter,
              paused = excluded.paused, cursor = CASE WHEN shape = excluded.shape THEN max(cursor, excluded.cursor) ELSE excluded.cursor END,
              shape = excluded.shape, updated_at = excluded.updated_at, version = excluded.version
            """]
            .Bind(row.Namespace.Name).Bind(row.Name).Bind(of?.Cron).Bind(of?.TimeZone).Bind(of?.Task).Bind(of is null ? default : of.Args.Span).Bind(of?.Queue)
            .Bind((long?)of?.Priority).Bind(Microseconds(of?.ExpiresIn)).Bind(Microseconds(of?.Timeout)).Bind((long?)of?.MaxAttempts)
            .Bind(of is null ? null : SqliteJobRows.WriteTags(of.Tags)).Bind(of is null ? default : of.Meta.Span).Bind((long?)of?.Overlap).Bind((long?)of?.Misfire)
            .Bind((long?)of?.MisfireLimit).Bind(Microseconds(of?.Jitter)).Bind(of is null ? null : of.Paused ? 1L : 0L).Bind(row.Shape)
            .Bind(SqliteTime.ToMicroseconds(row.Cursor)).Bind(SqliteTime.ToMicroseconds(row.CreatedAt)).Bind(SqliteTime.ToMicroseconds(row.UpdatedAt)).Bind(row.Version).Run();
    }

    private void Delete(Namespace ns, string name)
    {
        writer["DELETE FROM schedule WHERE namespace = ? AND name = ?"].Bind(ns.Name).Bind(name).Run();
        writer["DELETE FROM schedule_tick WHERE namespace = ? AND name = ?"].Bind(ns.Name).Bind(name).Run();
    }

    private void Advance(IReadOnlyList<ScheduleStep> steps)
    {
        foreach (var step in steps)
        {
            var s = writer["""
                UPDATE schedule SET cursor = max(cursor, ?), last_job = coalesce(?, last_job), ticks = ticks + ? WHERE namespace = ? AND name = ? RETURNING ticks
                """]
                .Bind(SqliteTime.ToMicroseconds(step.Cursor)).Bind(step.LastJob?.Value).Bind((long)step.Ticks.Count).Bind(step.Namespace.Name).Bind(step.Name);
            var number = s.Step() ? s.Long(0) - step.Ticks.Count : -1;
            s.Reset();
            if (number < 0) continue;
            foreach (var tick in step.Ticks)
            {
                writer["""
                    INSERT INTO schedule_tick (namespace, name, slot, number, at, outcome, job, reason, handled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET number = excluded.number, at = excluded.at, outcome = excluded.outcome, job = excluded.job, reason = excluded.reason,
                      handled_at = excluded.handled_at
                    """]
                    .Bind(step.Namespace.Name).Bind(step.Name).Bind(number % IScheduleStore.HistoryLength).Bind(number).Bind(SqliteTime.ToMicroseconds(tick.At))
                    .Bind((long)tick.Outcome).Bind(tick.Job?.Value).Bind(tick.Reason).Bind(SqliteTime.ToMicroseconds(tick.HandledAt)).Run();
                number++;
            }
        }
    }

    private static IReadOnlyList<ScheduleRow> ReadAll(SqliteSession session)
    {
        var rows = new List<ScheduleRow>();
        var s = session[$"""
            SELECT {Columns}, t.at, t.outcome, t.job, t.reason, t.handled_at FROM schedule s
            LEFT JOIN schedule_tick t ON t.namespace = s.namespace AND t.name = s.name AND t.slot = (s.ticks - 1) % {IScheduleStore.HistoryLength}
            """];
        while (s.Step()) rows.Add(ReadRow(s));
        s.Reset();
        return rows;
    }

    private static IReadOnlyList<ScheduleTick> ReadHistory(SqliteSession session, Namespace ns, string name)
    {
        var ticks = new List<ScheduleTick>();
        var s = session["SELECT at, outcome, job, reason, handled_at FROM schedule_tick WHERE namespace = ? AND name = ? ORDER BY number DESC"].Bind(ns.Name).Bind(name);
        while (s.Step()) ticks.Add(ReadTick(s, 0));
        s.Reset();
        return [.. ticks];
    }

    private static ScheduleRow ReadRow(SqliteStatement s) => new()
    {
        Namespace = Namespace.FromStore(s.Text(0)),
        Name = s.Text(1),
        Definition = s.IsNull(2) ? null : ReadDefinition(s),
        Shape = s.Text(18),
        Cursor = SqliteTime.ToTime(s.Long(19)),
        LastJob = s.GuidOrNull(20) is { } job ? new JobId(job) : null,
        Ticks = s.Long(21),
        CreatedAt = SqliteTime.ToTime(s.Long(22)),
        UpdatedAt = SqliteTime.ToTime(s.Long(23)),
        Version = s.Long(24),
        Last = s.IsNull(25) ? null : ReadTick(s, 25),
    };

    private static ScheduleDefinition ReadDefinition(SqliteStatement s) => new()
    {
        Cron = s.Text(2),
        TimeZone = s.Text(3),
        Task = s.Text(4),
        Args = s.Bytes(5).ToArray(),
        Queue = s.TextOrNull(6),
        Priority = s.Int(7),
        ExpiresIn = Span(s.LongOrNull(8)),
        Timeout = Span(s.LongOrNull(9)),
        MaxAttempts = (int?)s.LongOrNull(10),
        Tags = SqliteJobRows.ReadTags(s, 11),
        Meta = s.BlobOrNull(12),
        Overlap = (ScheduleOverlap)s.Int(13),
        Misfire = (ScheduleMisfire)s.Int(14),
        MisfireLimit = s.Int(15),
        Jitter = TimeSpan.FromMicroseconds(s.Long(16)),
        Paused = s.Int(17) != 0,
    };

    private static ScheduleTick ReadTick(SqliteStatement s, int first) => new(
        SqliteTime.ToTime(s.Long(first)), (ScheduleOutcome)s.Int(first + 1), s.GuidOrNull(first + 2) is { } job ? new JobId(job) : null, s.TextOrNull(first + 3),
        SqliteTime.ToTime(s.Long(first + 4)));

    private static long? Microseconds(TimeSpan? span) => span?.Ticks / TimeSpan.TicksPerMicrosecond;

    private static TimeSpan? Span(long? microseconds) => microseconds is { } present ? TimeSpan.FromMicroseconds(present) : null;

    private sealed class Write(Action apply) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Apply() => apply();
    }
}
