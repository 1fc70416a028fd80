namespace ActorPerf.Cluster;

/// <summary>Every log line of membership: ids 1200 to 1299.</summary>
internal static partial class ClusterLog
{
    public static void HeartbeatFailed(this ILogger log, Exception cause) =>
        log.HeartbeatFailed(LoggedFault.Stack(cause), LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "This node's member row could not be renewed: {Reason}")]
    private static partial void HeartbeatFailed(this ILogger log, Exception? cause, string reason);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Error, Message = "This node is fenced. {Reason}")]
    public static partial void Fenced(this ILogger log, string reason);

    [LoggerMessage(EventId = 1203, Level = LogLevel.Warning, Message = "This node is a member again, as incarnation {Incarnation}")]
    public static partial void Rejoined(this ILogger log, Guid incarnation);

    [LoggerMessage(EventId = 1204, Level = LogLevel.Warning, Message = "This node is not taken back among the members: {Reason}")]
    public static partial void StaysOut(this ILogger log, string reason);

    [LoggerMessage(EventId = 1205, Level = LogLevel.Information, Message = "This node leads: it runs schedules, reaping and pruning (epoch {Epoch})")]
    public static partial void Leads(this ILogger log, long epoch);

    [LoggerMessage(EventId = 1206, Level = LogLevel.Warning, Message = "{Reason} Waiting for {LeftMs} ms more")]
    public static partial void NameTaken(this ILogger log, string reason, long leftMs);

    [LoggerMessage(EventId = 1207, Level = LogLevel.Information, Message = "This node was told to leave: it ends what runs, hands back the rest and stops")]
    public static partial void ToldToLeave(this ILogger log);

    public static void FeedAway(this ILogger log, Exception cause, long pollMs) =>
        log.FeedAway(LoggedFault.Stack(cause), pollMs, LoggedFault.Words(cause));

    [LoggerMessage(EventId = 1251, Level = LogLevel.Warning, Message = "The feed of changes could not be read: what other nodes do is not known here. It is tried again every {PollMs} ms: {Reason}")]
    private static partial void FeedAway(this ILogger log, Exception? cause, long pollMs, string reason);

    [LoggerMessage(EventId = 1252, Level = LogLevel.Information, Message = "The feed of changes is read again")]
    public static partial void FeedBack(this ILogger log);

    [LoggerMessage(EventId = 1254, Level = LogLevel.Warning, Message = "{What}")]
    public static partial void LeftOpen(this ILogger log, string what);

    [LoggerMessage(EventId = 1253, Level = LogLevel.Error, Message = "The database is older than what this node has seen of it: it was restored from a copy, or a server that knew less took over. What was acknowledged in between is gone; everything is looked at anew")]
    public static partial void FeedWentBack(this ILogger log);
}
