namespace ActorPerf.Storage.Sqlite;

/// <summary>Times are stored as whole microseconds since 1970 in UTC.</summary>
internal static class SqliteTime
{
    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long? ToMicroseconds(DateTimeOffset? time) => time is { } present ? ToMicroseconds(present) : null;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? ToTime(long? microseconds) => microseconds is { } present ? ToTime(present) : null;
}
