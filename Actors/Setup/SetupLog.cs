using ActorPerf.Cluster;

namespace ActorPerf.Setup;

/// <summary>Every log line of starting and stopping: ids 1000 to 1099.</summary>
internal static partial class SetupLog
{
    public static void LeftWithoutWord(this ILogger log, Exception cause) =>
        log.LeftWithoutWord(LoggedFault.Stack(cause), LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "The node left without saying so in its member row: {Reason}")]
    private static partial void LeftWithoutWord(this ILogger log, Exception? cause, string reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Critical, Message = "The store failed; nothing more is acknowledged and the node stops")]
    public static partial void StoreFailed(this ILogger log, Exception cause);

    public static void MetricsIncomplete(this ILogger log, Exception cause) =>
        log.MetricsIncomplete(LoggedFault.Stack(cause), LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "The store does not answer: metrics go out without queues and members: {Reason}")]
    private static partial void MetricsIncomplete(this ILogger log, Exception? cause, string reason);
}
