using ActorPerf.Jobs;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Reads job rows; one list of columns for every statement that returns jobs.</summary>
internal static class PostgresJobRows
{
    public const string Job = $"{PostgresDialect.Schema}.job";
    public const string Payload = $"{PostgresDialect.Schema}.payload";

    /// <summary>Columns of <c>job</c>, in the order in which <see cref="Read"/> expects them from its first column on.</summary>
    public const string Columns = """
        job.seq, job.id, job.namespace, job.task, job.queue, job.priority, job.state, job.run_at, job.expires_at, job.timeout, job.max_attempts,
        job.backoff_initial, job.backoff_factor, job.backoff_max, job.unique_key, job.limit_key, job.tags, job.meta, job.callback, job.rerun_of,
        job.workflow, job.schedule, job.digest, job.trace_parent, job.when_lost, job.attempt, job.excused, job.crashes, job.incarnation, job.lease,
        job.node, job.cached, job.error_type, job.error_message, job.created_at, job.started_at, job.finished_at, job.version, job.history_seq,
        job.unique_policy, job.unique_until, job.parents, job.parent, job.rank
        """;

    public const int Count = 44;

    /// <summary>Jobs with their payload.</summary>
    public const string From = $"{Job} job JOIN {Payload} payload ON payload.job_seq = job.seq";

    public static JobRow Read(NpgsqlDataReader r)
    {
        var attempt = r.GetInt32(25);
        return new JobRow
        {
            Seq = r.GetInt64(0),
            Id = new JobId(r.GetGuid(1)),
            Namespace = Namespace.FromStore(r.GetString(2)),
            Task = r.GetString(3),
            Queue = r.GetString(4),
            Priority = r.GetInt16(5),
            State = (JobState)r.GetInt16(6),
            RunAt = r.Time(7),
            Ahead = JobRules.Ahead(r.GetInt64(7), r.GetInt64(43), r.GetInt16(5)),
            ExpiresAt = r.TimeOrNull(8),
            Timeout = PostgresTime.ToSpan(r.NumberOrNull(9)),
            MaxAttempts = r.GetInt32(10),
            Backoff = new BackoffPolicy(TimeSpan.FromMicroseconds(r.GetInt64(11)), r.GetDouble(12), TimeSpan.FromMicroseconds(r.GetInt64(13))),
            UniqueKey = r.TextOrNull(14),
            LimitKey = r.TextOrNull(15),
            Tags = r.ReadList(16),
            Meta = r.BytesOrNull(17),
            Callback = r.TextOrNull(18),
            RerunOf = r.IdOrNull(19) is { } rerunOf ? new JobId(rerunOf) : null,
            Workflow = r.TextOrNull(20),
            Schedule = r.TextOrNull(21),
            Digest = r.GetGuid(22),
            TraceParent = r.TextOrNull(23),
            WhenLost = (WhenLost)r.GetInt16(24),
            Attempt = attempt,
            Excused = r.GetInt32(26),
            Crashes = r.GetInt32(27),
            Run = r.IdOrNull(28) is { } owner ? new Run(new Incarnation(owner), r.GetGuid(29), attempt) : null,
            Node = r.TextOrNull(30),
            Cached = r.GetBoolean(31),
            Error = r.IsDBNull(32) ? null : new TaskError(r.GetString(32), r.GetString(33)),
            CreatedAt = r.Time(34),
            StartedAt = r.TimeOrNull(35),
            FinishedAt = r.TimeOrNull(36),
            Version = r.GetInt64(37),
            HistorySeq = r.GetInt64(38),
            UniquePolicy = r.IsDBNull(39) ? default : (UniquePolicy)r.GetInt16(39),
            UniqueUntil = r.IsDBNull(40) ? default : (UniqueUntil)r.GetInt16(40),
            Parents = r.GetInt32(41),
            Parent = r.IdOrNull(42) is { } parent ? new JobId(parent) : null,
        };
    }

    /// <summary>The plain result at a column and its coding at the next; null for none.</summary>
    public static ReadOnlyMemory<byte>? ReadResult(NpgsqlDataReader r, int column)
    {
        if (r.BytesOrNull(column) is not { } bytes) return null;
        return r.IsDBNull(column + 1) ? bytes : ResultPacking.Unpack(bytes, (ResultCoding)r.GetInt16(column + 1));
    }
}
