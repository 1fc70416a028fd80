namespace ActorPerf.Storage.Sqlite;

/// <summary>Every log line of the SQLite store: ids 1150 to 1199.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(EventId = 1151, Level = LogLevel.Warning, Message = "A caller's own SQL held the writer for {DurationMs} ms; every other write waited for it. Do less in one transaction")]
    public static partial void LongWork(this ILogger log, long durationMs);
}
