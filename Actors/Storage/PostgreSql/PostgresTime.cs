namespace ActorPerf.Storage.PostgreSql;

/// <summary>Times are stored as whole microseconds since 1970 in UTC.</summary>
internal static class PostgresTime
{
    /// <summary>The server's clock as it is when this is evaluated: on it all nodes agree.</summary>
    public const string Now = PostgresEntityReader.Now;

    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long? ToMicroseconds(DateTimeOffset? time) => time is { } present ? ToMicroseconds(present) : null;

    public static long? ToMicroseconds(TimeSpan? span) => span?.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? ToTime(long? microseconds) => microseconds is { } present ? ToTime(present) : null;

    public static TimeSpan? ToSpan(long? microseconds) => microseconds is { } present ? TimeSpan.FromMicroseconds(present) : null;
}
