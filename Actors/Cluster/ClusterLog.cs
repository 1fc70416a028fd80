namespace ActorPerf.Cluster;

/// <summary>Every log line of membership: ids 1200 to 1299.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "This node's member row could not be renewed")]
    public static partial void HeartbeatFailed(this ILogger log, Exception cause);
}
