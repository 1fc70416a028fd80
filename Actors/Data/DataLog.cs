using ActorPerf.Cluster;

namespace ActorPerf.Data;

/// <summary>What reading and writing entities logs: ids 1600-1699.</summary>
internal static partial class DataLog
{
    [LoggerMessage(EventId = 1600, Level = LogLevel.Error, Message = "The {Pipeline} pipeline failed with a batch of {Keys} keys; their callers were told, and it goes on")]
    public static partial void PipelineFailed(this ILogger log, Exception exception, string pipeline, int keys);

    public static void DetachedFailed(this ILogger log, Exception exception, string @namespace, string reason) =>
        log.DetachedFailed(LoggedFault.Stack(exception), @namespace, reason, LoggedFault.Words(exception));

    [LoggerMessage(EventId = 1601, Level = LogLevel.Error, Message = "{Namespace}: background work '{Reason}' failed: {Fault}")]
    private static partial void DetachedFailed(this ILogger log, Exception? exception, string @namespace, string reason, string fault);

    public static void WritesFailedBeside(this ILogger log, Exception exception, string @namespace, int failed) =>
        log.WritesFailedBeside(LoggedFault.Stack(exception), @namespace, failed, LoggedFault.Words(exception));

    [LoggerMessage(EventId = 1602, Level = LogLevel.Error, Message = "{Namespace}: {Failed} writes that nobody awaited failed, beside the failure that is reported; the first of them: {Reason}")]
    private static partial void WritesFailedBeside(this ILogger log, Exception? exception, string @namespace, int failed, string reason);

    [LoggerMessage(EventId = 1603, Level = LogLevel.Warning, Message = "{Namespace}: a scope was left with {Pending} operations under way after {WaitedMs} ms: {Operations}")]
    public static partial void LeftBehind(this ILogger log, string @namespace, int pending, long waitedMs, string operations);

    public static void FailedLate(this ILogger log, Exception exception, string @namespace, string what, string file, int line) =>
        log.FailedLate(LoggedFault.Stack(exception), @namespace, what, file, line, LoggedFault.Words(exception));

    [LoggerMessage(EventId = 1604, Level = LogLevel.Error, Message = "{Namespace}: {What} ({File}:{Line}) failed after its scope had been left: {Reason}")]
    private static partial void FailedLate(this ILogger log, Exception? exception, string @namespace, string what, string file, int line, string reason);

    [LoggerMessage(EventId = 1605, Level = LogLevel.Warning,
        Message = "{Namespace}: a query of {Kind} reads more than it returns, for want of an index. Declare it under actorperf.data.kinds: {Declaration}")]
    public static partial void NoIndex(this ILogger log, string @namespace, string kind, string declaration);

    [LoggerMessage(EventId = 1606, Level = LogLevel.Information, Message = "Index {Index} dropped: it was made for a kind that does not declare it any more")]
    public static partial void IndexDropped(this ILogger log, string index);

    [LoggerMessage(EventId = 1607, Level = LogLevel.Warning, Message = "The database of {Setting} is away ({Reason}); the node starts without it, and reads of that kind look for it again")]
    public static partial void LookupAway(this ILogger log, string setting, string reason);
}
