namespace ActorPerf.Storage.Sqlite;

/// <summary>Every log line of the SQLite store: ids 1700 to 1749.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(EventId = 1701, Level = LogLevel.Warning, Message = "A caller's own SQL held the writer for {DurationMs} ms; every other write waited for it. Do less in one transaction")]
    public static partial void LongWork(this ILogger log, long durationMs);
}
