using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <content>The statements that write it all, one for each kind of row whatever their number.</content>
internal sealed partial class JobChanges
{
    private const string S = PostgresDialect.Schema;

    private static readonly Column<JobEntry>[] JobColumns =
    [
        RowSet.Number<JobEntry>("seq", job => job.Row.Seq), RowSet.Id<JobEntry>("id", job => job.Row.Id.Value), RowSet.Text<JobEntry>("namespace", job => job.Row.Namespace.Name),
        RowSet.Text<JobEntry>("task", job => job.Row.Task), RowSet.Text<JobEntry>("queue", job => job.Row.Queue), RowSet.Number<JobEntry>("priority", job => job.Row.Priority),
        RowSet.Number<JobEntry>("state", job => (long)job.Row.State), RowSet.Number<JobEntry>("rank", job => JobRules.Rank(job.Row)),
        RowSet.Number<JobEntry>("run_at", job => PostgresTime.ToMicroseconds(job.Row.RunAt)), RowSet.NumberOrNull<JobEntry>("expires_at", job => PostgresTime.ToMicroseconds(job.Row.ExpiresAt)),
        RowSet.NumberOrNull<JobEntry>("timeout", job => PostgresTime.ToMicroseconds(job.Row.Timeout)), RowSet.Number<JobEntry>("max_attempts", job => job.Row.MaxAttempts),
        RowSet.Number<JobEntry>("backoff_initial", job => PostgresTime.ToMicroseconds((TimeSpan?)job.Row.Backoff.Initial)!.Value), RowSet.Real<JobEntry>("backoff_factor", job => job.Row.Backoff.Factor),
        RowSet.Number<JobEntry>("backoff_max", job => PostgresTime.ToMicroseconds((TimeSpan?)job.Row.Backoff.Max)!.Value), RowSet.Text<JobEntry>("unique_key", job => job.Row.UniqueKey),
        RowSet.NumberOrNull<JobEntry>("unique_policy", job => job.Row.UniqueKey is null ? null : (long)job.Row.UniquePolicy),
        RowSet.NumberOrNull<JobEntry>("unique_until", job => job.Row.UniqueKey is null ? null : (long)job.Row.UniqueUntil), RowSet.Text<JobEntry>("limit_key", job => job.Row.LimitKey),
        RowSet.Text<JobEntry>("tags", job => WriteList(job.Row.Tags)), RowSet.Bytes<JobEntry>("meta", job => job.Row.Meta.ToArray()), RowSet.Text<JobEntry>("callback", job => job.Row.Callback),
        RowSet.IdOrNull<JobEntry>("rerun_of", job => job.Row.RerunOf?.Value), RowSet.Text<JobEntry>("workflow", job => job.Row.Workflow), RowSet.Text<JobEntry>("schedule", job => job.Row.Schedule),
        RowSet.Id<JobEntry>("digest", job => job.Row.Digest), RowSet.Text<JobEntry>("trace_parent", job => job.Row.TraceParent), RowSet.Number<JobEntry>("when_lost", job => (long)job.Row.WhenLost),
        RowSet.Number<JobEntry>("attempt", job => job.Row.Attempt), RowSet.Number<JobEntry>("excused", job => job.Row.Excused), RowSet.Number<JobEntry>("crashes", job => job.Row.Crashes),
        RowSet.IdOrNull<JobEntry>("incarnation", job => job.Row.Run?.Owner.Value), RowSet.IdOrNull<JobEntry>("lease", job => job.Row.Run?.Lease), RowSet.Text<JobEntry>("node", job => job.Row.Node),
        RowSet.Flag<JobEntry>("cached", job => job.Row.Cached), RowSet.Text<JobEntry>("error_type", job => job.Row.Error?.Type), RowSet.Text<JobEntry>("error_message", job => job.Row.Error?.Message),
        RowSet.Number<JobEntry>("created_at", job => PostgresTime.ToMicroseconds(job.Row.CreatedAt)), RowSet.NumberOrNull<JobEntry>("started_at", job => PostgresTime.ToMicroseconds(job.Row.StartedAt)),
        RowSet.NumberOrNull<JobEntry>("finished_at", job => PostgresTime.ToMicroseconds(job.Row.FinishedAt)), RowSet.Number<JobEntry>("version", job => job.Row.Version),
        RowSet.Number<JobEntry>("history_seq", job => job.Row.HistorySeq), RowSet.Number<JobEntry>("parents", job => job.Row.Parents), RowSet.IdOrNull<JobEntry>("parent", job => job.Row.Parent?.Value),
    ];

    // What a move may change. The rest of a row is as it was submitted.
    private static readonly Column<JobEntry>[] MovedColumns =
    [
        .. new[]
        {
            "queue", "priority", "state", "rank", "run_at", "tags", "attempt", "excused", "crashes", "incarnation", "lease", "node", "cached", "error_type", "error_message", "started_at",
            "finished_at", "version", "history_seq",
        }.Select(name => JobColumns.Single(column => column.Name == name)),
        RowSet.NumberOrNull<JobEntry>("blocked", job => job.Blocked ? 1 : null),
    ];

    // The two moves that every good job makes carry only what they change.
    private static readonly Column<JobEntry>[] StartedColumns =
        [.. new[] { "state", "attempt", "incarnation", "lease", "node", "started_at", "version", "history_seq" }.Select(name => JobColumns.Single(column => column.Name == name))];

    private static readonly Column<JobEntry>[] SucceededColumns =
        [.. new[] { "state", "incarnation", "lease", "cached", "finished_at", "version", "history_seq" }.Select(name => JobColumns.Single(column => column.Name == name))];

    private static readonly Column<JobEntry>[] GuardColumns =
    [
        RowSet.Number<JobEntry>("was_seq", job => job.Was!.Seq), RowSet.Number<JobEntry>("was_version", job => job.Was!.Version), RowSet.Number<JobEntry>("was_state", job => (long)job.Was!.State),
        RowSet.Number<JobEntry>("was_attempt", job => job.Was!.Attempt), RowSet.IdOrNull<JobEntry>("was_incarnation", job => job.Was!.Run?.Owner.Value),
        RowSet.IdOrNull<JobEntry>("was_lease", job => job.Was!.Run?.Lease),
    ];

    private static readonly Column<HistoryLine>[] HistoryColumns =
    [
        RowSet.Number<HistoryLine>("seq", line => line.Seq), RowSet.Text<HistoryLine>("namespace", line => line.Namespace), RowSet.Number<HistoryLine>("kind", line => line.Kind),
        RowSet.Number<HistoryLine>("subject", line => line.Subject), RowSet.Number<HistoryLine>("version", line => line.Version),
        RowSet.Number<HistoryLine>("at", line => PostgresTime.ToMicroseconds(line.At)), RowSet.NumberOrNull<HistoryLine>("from_state", line => (long?)line.From),
        RowSet.NumberOrNull<HistoryLine>("to_state", line => (long?)line.To), RowSet.Number<HistoryLine>("attempt", line => line.Attempt),
        RowSet.IdOrNull<HistoryLine>("incarnation", line => line.Incarnation), RowSet.Text<HistoryLine>("node", line => line.Node), RowSet.Text<HistoryLine>("detail", line => line.Detail),
        RowSet.NumberOrNull<HistoryLine>("previous", line => line.Previous),
    ];

    private static readonly Column<JobEntry>[] PayloadColumns =
    [
        RowSet.Number<JobEntry>("job_seq", job => job.Row.Seq), RowSet.Text<JobEntry>("namespace", job => job.Row.Namespace.Name), RowSet.Bytes<JobEntry>("args", job => job.Args.ToArray()),
        RowSet.Text<JobEntry>("terms", job => job.New is { } added ? WriteTerms(added.Terms, added.OpenTerms) : null),
    ];

    private static readonly string InsertJobs = RowSet.Insert("job", JobColumns);
    private static readonly string InsertPayloads = RowSet.Insert("payload", PayloadColumns);
    private static readonly string MoveJobs = UpdateJobs(MovedColumns);
    private static readonly string StartJobs = UpdateJobs(StartedColumns);
    private static readonly string SucceedJobs = UpdateJobs(SucceededColumns);

    private static readonly string InsertHistory =
        $"INSERT INTO {S}.history ({RowSet.Names(HistoryColumns)}, tx, origin) SELECT {RowSet.Names(HistoryColumns)}, $1, $2 FROM {RowSet.Unnest(HistoryColumns, 3)}";

    /// <summary>Adds the statements that write it: first what frees keys, then rows, last the counts that others wait for.</summary>
    public void Write(RoundTrip trip, IEnumerable<JobEntry> entries, long tx, DateTimeOffset now, LaneMemory memory)
    {
        var all = entries.ToArray();
        WriteKeys(trip);
        WriteDeletes(trip);
        WriteJobs(trip, all);
        WritePayloads(trip, all);
        if (History.Count > 0) trip.Run(InsertHistory, History.Count, [Number(tx), Number(memory.Origin), .. RowSet.Bind(HistoryColumns, History)]);
        WriteBeside(trip);
        WriteRemembered(trip);
        WriteGraph(trip, now);
        WriteFlow(trip, now);
        WriteCounts(trip, memory.Slot);
        WriteLimits(trip);
    }

    private static void WriteJobs(RoundTrip trip, JobEntry[] entries)
    {
        var (added, started, succeeded, moved) = (new List<JobEntry>(), new List<JobEntry>(), new List<JobEntry>(), new List<JobEntry>());
        foreach (var entry in entries)
        {
            if (entry.Was is null) added.Add(entry);
            else if (entry.Changed) Kind(entry).Add(entry);
        }
        if (added.Count > 0) trip.Run(InsertJobs, added.Count, RowSet.Bind(JobColumns, added));
        if (added.Count > 0) trip.Run(InsertPayloads, added.Count, RowSet.Bind(PayloadColumns, added));
        Update(StartJobs, StartedColumns, started);
        Update(SucceedJobs, SucceededColumns, succeeded);
        Update(MoveJobs, MovedColumns, moved);

        List<JobEntry> Kind(JobEntry entry) => (entry.Was!.State, entry.Row.State) switch
        {
            // Moved once, or the middle of its way would be left out.
            (JobState.Queued, JobState.Running) when entry.Row.Version == entry.Was.Version + 1 && !entry.WasBlocked => started,
            (JobState.Running, JobState.Succeeded) when entry.Row.Version == entry.Was.Version + 1 => succeeded,
            _ => moved,
        };

        void Update(string sql, Column<JobEntry>[] columns, List<JobEntry> rows)
        {
            if (rows.Count > 0) trip.Run(sql, rows.Count, [.. RowSet.Bind(columns, rows), .. RowSet.Bind(GuardColumns, rows)]);
        }
    }

    private static void WritePayloads(RoundTrip trip, JobEntry[] entries)
    {
        Write(entry => entry.ResultChanged, "result = w.result, result_coding = w.coding, result_type = w.type, result_form = w.form, checkpoint = NULL", ResultColumns);
        Write(entry => entry.CheckpointChanged, "checkpoint = w.checkpoint", CheckpointColumns);
        Write(entry => entry.ArgsChanged && entry.Was is not null, "args = w.args, terms = coalesce(w.terms, payload.terms)", ArgsColumns);

        void Write(Func<JobEntry, bool> which, string set, Column<JobEntry>[] columns)
        {
            var rows = Array.FindAll(entries, entry => which(entry));
            if (rows.Length > 0) trip.Run($"UPDATE {S}.payload SET {set} FROM {RowSet.Unnest(columns)} WHERE payload.job_seq = w.job_seq", rows.Length, RowSet.Bind(columns, rows));
        }
    }

    private static readonly Column<JobEntry>[] ResultColumns =
    [
        RowSet.Number<JobEntry>("job_seq", job => job.Row.Seq), RowSet.Bytes<JobEntry>("result", job => Packed(job) ?? job.Result!.Value.ToArray()),
        RowSet.NumberOrNull<JobEntry>("coding", job => Packed(job) is null ? null : (long)ResultCoding.Brotli), RowSet.Text<JobEntry>("type", job => job.Media?.Type),
        RowSet.NumberOrNull<JobEntry>("form", job => (long?)job.Media?.Form),
    ];

    private static readonly Column<JobEntry>[] CheckpointColumns = [RowSet.Number<JobEntry>("job_seq", job => job.Row.Seq), RowSet.Bytes<JobEntry>("checkpoint", job => job.Checkpoint?.ToArray())];

    private static readonly Column<JobEntry>[] ArgsColumns = [RowSet.Number<JobEntry>("job_seq", job => job.Row.Seq), RowSet.Bytes<JobEntry>("args", job => job.Args.ToArray()), RowSet.Text<JobEntry>("terms", job => job.Terms)];

    /// <summary>The result, smaller; null where it is kept as it is.</summary>
    private static byte[]? Packed(JobEntry job) => job.Packed ??= job.Result is { } result ? ResultPacking.TryPack(result.Span) : null;

    private static string UpdateJobs(Column<JobEntry>[] columns) => $"""
        UPDATE {S}.job SET {string.Join(", ", columns.Select(column => $"{column.Name} = w.{column.Name}"))} FROM {RowSet.Unnest([.. columns, .. GuardColumns])}
        WHERE job.seq = w.was_seq AND job.version = w.was_version AND job.state = w.was_state AND job.attempt = w.was_attempt
          AND job.incarnation IS NOT DISTINCT FROM w.was_incarnation AND job.lease IS NOT DISTINCT FROM w.was_lease
        """;
}
