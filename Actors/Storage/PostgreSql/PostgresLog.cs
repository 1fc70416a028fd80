namespace ActorPerf.Storage.PostgreSql;

/// <summary>Every log line of the PostgreSQL store: ids 1750 to 1799. Never a connection string: it holds a password.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(EventId = 1751, Level = LogLevel.Warning, Message = "The connection on which nodes give each other hints broke ({Reason}); a new one in {PauseMs} ms. Until then this node sees what others do at its poll")]
    public static partial void HintsBroken(this ILogger log, string reason, long pauseMs);

    [LoggerMessage(EventId = 1752, Level = LogLevel.Warning, Message = "A caller's own SQL kept a transaction open for {DurationMs} ms; streams of events on all nodes waited for it. Do less in one transaction")]
    public static partial void LongWork(this ILogger log, long durationMs);
}
