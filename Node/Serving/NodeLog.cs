namespace ActorPerf.Node.Serving;

/// <summary>Every log line of the executable: ids 1900 to 1999.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(EventId = 1901, Level = LogLevel.Warning, Message = "These settings have no effect in this build: {Settings}")]
    public static partial void InertSettings(this ILogger log, string settings);
}
