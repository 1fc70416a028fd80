using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <summary>Every log line of jobs: ids 2100 to 2199.</summary>
internal static partial class JobLog
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning,
        Message = "{Count} jobs were running when their node ended; they are queued again or failed by their own rule")]
    public static partial void Reaped(this ILogger log, int count);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning,
        Message = "Job {Namespace}/{Job} did not follow its token for 30 s on attempt {Attempt}; its routee is replaced")]
    public static partial void Abandoned(this ILogger log, string @namespace, JobId job, int attempt);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Warning, Message = "Report of job {Namespace}/{Job} attempt {Attempt} dropped: {Reason}")]
    public static partial void LateReport(this ILogger log, string @namespace, JobId job, int attempt, string reason);

    public static void WriteFailed(this ILogger log, Exception cause, string kind) =>
        log.WriteFailed(LoggedFault.Stack(cause), kind, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2104, Level = LogLevel.Error, Message = "A write of {Kind} failed; nothing of it changed: {Reason}")]
    private static partial void WriteFailed(this ILogger log, Exception? cause, string kind, string reason);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Information, Message = "Draining: {Running} attempts under way")]
    public static partial void Draining(this ILogger log, int running);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Warning, Message = "Draining took too long: {Running} attempts are handed back to their queues")]
    public static partial void HandedBack(this ILogger log, int running);

    [LoggerMessage(EventId = 2109, Level = LogLevel.Error,
        Message = "Job {Namespace}/{Job} stands as running here on attempt {Attempt}, and nothing of it runs; it is treated as lost")]
    public static partial void Stray(this ILogger log, string @namespace, JobId job, int attempt);

    [LoggerMessage(EventId = 2110, Level = LogLevel.Warning,
        Message = "Attempt {Attempt} of job {Namespace}/{Job} no longer owns its row; it is told to stop")]
    public static partial void Disowned(this ILogger log, string @namespace, JobId job, int attempt);

    public static void CompareFailed(this ILogger log, Exception cause) =>
        log.CompareFailed(LoggedFault.Stack(cause), LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning, Message = "The running rows could not be compared with what runs here: {Reason}")]
    private static partial void CompareFailed(this ILogger log, Exception? cause, string reason);

    [LoggerMessage(EventId = 2107, Level = LogLevel.Information, Message = "Retention deleted {Count} rows")]
    public static partial void Pruned(this ILogger log, int count);

    [LoggerMessage(EventId = 2108, Level = LogLevel.Debug, Message = "Job {Namespace}/{Job} failed on attempt {Attempt}: {Type}: {Message}")]
    public static partial void Failed(this ILogger log, string @namespace, JobId job, int attempt, string type, string message);

    [LoggerMessage(EventId = 2112, Level = LogLevel.Error,
        Message = "The job tracker failed on a {Kind} and starts again; the {Running} attempts under way go on")]
    public static partial void TrackerFailed(this ILogger log, Exception cause, string kind, int running);

    [LoggerMessage(EventId = 2113, Level = LogLevel.Error,
        Message = "What follows from a {Kind} failed twice and is given up; the write itself is durable, and its job can be read")]
    public static partial void WriteGivenUp(this ILogger log, Exception cause, string kind);

    [LoggerMessage(EventId = 2118, Level = LogLevel.Warning, Message = "This incarnation of the node is over: its {Running} attempts are stopped and handed back")]
    public static partial void StoppedByFence(this ILogger log, int running);

    public static void NotLearnt(this ILogger log, Exception cause, long retryMs) =>
        log.NotLearnt(LoggedFault.Stack(cause), retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2122, Level = LogLevel.Warning, Message = "What other nodes changed could not be read; everything is looked at in {RetryMs} ms: {Reason}")]
    private static partial void NotLearnt(this ILogger log, Exception? cause, long retryMs, string reason);

    public static void EventsAway(this ILogger log, Exception cause, long retryMs) =>
        log.EventsAway(LoggedFault.Stack(cause), retryMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 2121, Level = LogLevel.Warning, Message = "Changes of jobs could not be read for those who follow them; it is tried again in {RetryMs} ms: {Reason}")]
    private static partial void EventsAway(this ILogger log, Exception? cause, long retryMs, string reason);
}
