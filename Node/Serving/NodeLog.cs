namespace ActorPerf.Node.Serving;

/// <summary>Every log line of the executable: ids 1900 to 1999.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(EventId = 1901, Level = LogLevel.Warning, Message = "These settings have no effect in this build: {Settings}")]
    public static partial void InertSettings(this ILogger log, string settings);

    [LoggerMessage(EventId = 1902, Level = LogLevel.Information, Message = "The configuration changed; {Count} keys of it count now")]
    public static partial void KeysFollowed(this ILogger log, int count);

    [LoggerMessage(EventId = 1903, Level = LogLevel.Warning, Message = "The configuration changed and its keys cannot be read, so those from before stand: {Fault}")]
    public static partial void KeysNotFollowed(this ILogger log, string fault);

    [LoggerMessage(EventId = 1904, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void SecretForEverybody(this ILogger log, string warning);
}
