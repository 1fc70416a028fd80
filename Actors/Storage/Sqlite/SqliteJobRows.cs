using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Reads job rows; one list of columns for every statement that returns jobs.</summary>
internal sealed class SqliteJobRows
{
    /// <summary>Columns of <c>job</c>, in the order in which <see cref="Read"/> expects them from its first column on.</summary>
    public const string Columns = """
        job.seq, job.id, job.namespace, job.task, job.queue, job.priority, job.state, job.run_at, job.expires_at, job.timeout, job.max_attempts,
        job.backoff_initial, job.backoff_factor, job.backoff_max, job.unique_key, job.limit_key, job.tags, job.meta, job.callback, job.rerun_of,
        job.workflow, job.schedule, job.digest, job.trace_parent, job.when_lost, job.attempt, job.excused, job.crashes, job.incarnation, job.lease,
        job.node, job.cached, job.error_type, job.error_message, job.created_at, job.started_at, job.finished_at, job.version, job.history_seq,
        job.unique_policy, job.unique_until, job.parents, job.parent, job.rank
        """;

    public const int Count = 44;

    private readonly SmallStrings _strings = new();

    public JobRow Read(SqliteStatement s)
    {
        var incarnation = s.GuidOrNull(28);
        var attempt = s.Int(25);
        return new JobRow
        {
            Seq = s.Long(0),
            Id = new JobId(s.Guid(1)),
            Namespace = Namespace.FromStore(_strings.Get(s.Utf8(2))),
            Task = _strings.Get(s.Utf8(3)),
            Queue = _strings.Get(s.Utf8(4)),
            Priority = s.Int(5),
            State = (JobState)s.Int(6),
            RunAt = SqliteTime.ToTime(s.Long(7)),
            Ahead = JobRules.Ahead(s.Long(7), s.Long(43), s.Int(5)),
            ExpiresAt = SqliteTime.ToTime(s.LongOrNull(8)),
            Timeout = s.LongOrNull(9) is { } timeout ? TimeSpan.FromMicroseconds(timeout) : null,
            MaxAttempts = s.Int(10),
            Backoff = new BackoffPolicy(TimeSpan.FromMicroseconds(s.Long(11)), s.Double(12), TimeSpan.FromMicroseconds(s.Long(13))),
            UniqueKey = s.TextOrNull(14),
            LimitKey = s.TextOrNull(15),
            Tags = ReadTags(s, 16),
            Meta = s.BlobOrNull(17),
            Callback = s.TextOrNull(18),
            RerunOf = s.GuidOrNull(19) is { } rerunOf ? new JobId(rerunOf) : null,
            Workflow = s.TextOrNull(20),
            Schedule = s.TextOrNull(21),
            Digest = s.Guid(22),
            TraceParent = s.TextOrNull(23),
            WhenLost = (WhenLost)s.Int(24),
            Attempt = attempt,
            Excused = s.Int(26),
            Crashes = s.Int(27),
            Run = incarnation is { } owner ? new Run(new Incarnation(owner), s.Guid(29), attempt) : null,
            Node = s.IsNull(30) ? null : _strings.Get(s.Utf8(30)),
            Cached = s.Int(31) != 0,
            Error = s.IsNull(32) ? null : new TaskError(s.Text(32), s.Text(33)),
            CreatedAt = SqliteTime.ToTime(s.Long(34)),
            StartedAt = SqliteTime.ToTime(s.LongOrNull(35)),
            FinishedAt = SqliteTime.ToTime(s.LongOrNull(36)),
            Version = s.Long(37),
            HistorySeq = s.Long(38),
            UniquePolicy = (UniquePolicy)(s.LongOrNull(39) ?? 0),
            UniqueUntil = (UniqueUntil)(s.LongOrNull(40) ?? 0),
            Parents = s.Int(41),
            Parent = s.GuidOrNull(42) is { } parent ? new JobId(parent) : null,
        };
    }

    public static string? WriteTags(IReadOnlyList<string> tags) =>
        tags.Count == 0 ? null : JsonSerializer.Serialize(tags, StorageJson.Default.IReadOnlyListString);

    public static IReadOnlyList<string> ReadTags(SqliteStatement s, int column) =>
        s.IsNull(column) ? [] : JsonSerializer.Deserialize(s.Utf8(column), StorageJson.Default.IReadOnlyListString) ?? [];
}
