using ActorPerf.Cluster;

namespace ActorPerf.Caching;

/// <summary>What the caching actor logs: ids 1500-1599.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(EventId = 1500, Level = LogLevel.Debug, Message = "{Namespace}: {Concerned} entries invalidated (task {Task}, tags {Tags}, all {All}, everywhere {Everywhere}, expired only {Expired})")]
    public static partial void Invalidated(this ILogger log, string @namespace, string? task, string? tags, bool all, bool everywhere, bool expired, long concerned);

    [LoggerMessage(EventId = 1501, Level = LogLevel.Warning, Message = "{Namespace}: a result of {Task} has {Bytes} bytes and is not remembered; raise actorperf.cache.max-entry-bytes to keep such results")]
    public static partial void TooLarge(this ILogger log, string @namespace, string task, long bytes);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Warning, Message = "{Namespace}: a computation of {Task} went on {AfterMs} ms after its token was cancelled and was given up")]
    public static partial void GivenUp(this ILogger log, string @namespace, string task, long afterMs);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Warning, Message = "{Namespace}: the job that computed {Task} was not settled in time; its value is not remembered")]
    public static partial void NotSettled(this ILogger log, string @namespace, string task);

    [LoggerMessage(EventId = 1504, Level = LogLevel.Error, Message = "A cache shard failed and starts afresh; {Waiters} waiters were told. What it remembers is kept")]
    public static partial void ShardFailed(this ILogger log, Exception exception, int waiters);

    [LoggerMessage(EventId = 1505, Level = LogLevel.Warning, Message = "A callback on the token of a computation failed")]
    public static partial void CallbackFailed(this ILogger log, Exception exception);

    public static void NotStored(this ILogger log, string @namespace, string task, Exception cause) =>
        log.NotStored(LoggedFault.Stack(cause), @namespace, task, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1506, Level = LogLevel.Warning, Message = "{Namespace}: a result of {Task} could not be written to the second level of the cache; it is kept in memory alone: {Reason}")]
    private static partial void NotStored(this ILogger log, Exception? cause, string @namespace, string task, string reason);

    public static void NotRecalled(this ILogger log, string @namespace, string task, Exception cause) =>
        log.NotRecalled(LoggedFault.Stack(cause), @namespace, task, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1507, Level = LogLevel.Warning, Message = "{Namespace}: the second level of the cache could not be read for {Task}; it is computed: {Reason}")]
    private static partial void NotRecalled(this ILogger log, Exception? cause, string @namespace, string task, string reason);

    public static void NotSwept(this ILogger log, Exception cause) =>
        log.NotSwept(LoggedFault.Stack(cause), LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1508, Level = LogLevel.Warning, Message = "The second level of the cache could not be swept; it is tried again: {Reason}")]
    private static partial void NotSwept(this ILogger log, Exception? cause, string reason);

    [LoggerMessage(EventId = 1509, Level = LogLevel.Warning, Message = "{Namespace}: warming up {Task} did not work: {Problem}")]
    public static partial void NotWarmed(this ILogger log, string @namespace, string task, string problem);

    [LoggerMessage(EventId = 1510, Level = LogLevel.Information, Message = "Warmed up {Done} of {Calls} calls in {TookMs} ms")]
    public static partial void Warmed(this ILogger log, int done, int calls, long tookMs);

    public static void NotForgotten(this ILogger log, Exception cause) =>
        log.NotForgotten(LoggedFault.Stack(cause), LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1511, Level = LogLevel.Warning, Message = "Another node's invalidation was applied in memory; the second level could not be told and is told again in a second: {Reason}")]
    private static partial void NotForgotten(this ILogger log, Exception? cause, string reason);

    [LoggerMessage(EventId = 1512, Level = LogLevel.Warning, Message = "{Namespace}: a result of {Task} has {Tags} tags of the task and of its own and is not remembered; at most {Most} are kept")]
    public static partial void TooManyTags(this ILogger log, string @namespace, string task, int tags, int most);
}
