namespace ActorPerf.Cluster;

/// <summary>Every log line of membership: ids 1200 to 1299.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "This node's member row could not be renewed")]
    public static partial void HeartbeatFailed(this ILogger log, Exception cause);

    [LoggerMessage(EventId = 1251, Level = LogLevel.Warning, Message = "The feed of changes could not be read: what other nodes do is not known here. It is tried again every {PollMs} ms")]
    public static partial void FeedAway(this ILogger log, Exception cause, long pollMs);

    [LoggerMessage(EventId = 1252, Level = LogLevel.Information, Message = "The feed of changes is read again")]
    public static partial void FeedBack(this ILogger log);
}
