using System.Globalization;

namespace ActorPerf.Web.Console;

/// <summary>How the console writes numbers and times: one format each, so that columns line up and the live script can write the same.</summary>
public static class Words
{
    /// <summary>A count with separators: <c>12,340</c>.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long value, string one, string many) => value == 1 ? $"1 {one}" : $"{Count(value)} {many}";

    /// <summary>Three significant digits at most, without an exponent.</summary>
    public static string Rate(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => (share * 100).ToString(share is > 0 and < 0.1 ? "0.#" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Two units at most: <c>340 ms</c>, <c>4.2 s</c>, <c>3 m 12 s</c>, <c>5 m</c>, <c>2 h 5 m</c>, <c>3 d 4 h</c>. Below zero counts as zero.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalMilliseconds: < 1 } => "< 1 ms",
        { TotalMilliseconds: < 999.5 } => span.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms",
        { TotalSeconds: < 59.95 } => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 60 } => Two((int)span.TotalMinutes, "m", span.Seconds, "s"),
        { TotalHours: < 24 } => Two((int)span.TotalHours, "h", span.Minutes, "m"),
        _ => Two((int)span.TotalDays, "d", span.Hours, "h"),
    };

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";

    /// <summary>Three digits at most, for times far below a second too: <c>340 µs</c>, <c>1.24 ms</c>, <c>12.4 ms</c>, <c>2.35 s</c>; above a minute as <see cref="Duration(TimeSpan)"/>.</summary>
    public static string Fine(TimeSpan span) => span switch
    {
        { TotalMicroseconds: < 0.05 } => "0",
        { TotalMicroseconds: < 999.5 } => Digits(span.TotalMicroseconds, "µs"),
        { TotalMilliseconds: < 999.5 } => Digits(span.TotalMilliseconds, "ms"),
        { TotalSeconds: < 59.95 } => Digits(span.TotalSeconds, "s"),
        _ => Duration(span),
    };

    public static string Fine(TimeSpan? span) => span is { } value ? Fine(value) : "–";

    private static string Digits(double value, string unit) =>
        $"{value.ToString(value switch { < 9.995 => "0.##", < 99.95 => "0.#", _ => "0" }, CultureInfo.InvariantCulture)} {unit}";

    public static string Duration(TimeSpan? span) => span is { } value ? Duration(value) : "–";

    /// <summary>A moment seen from <paramref name="now"/>, in whole units: <c>just now</c>, <c>12 s ago</c>, <c>in 3 m</c>. live.js writes the same.</summary>
    public static string Relative(DateTimeOffset moment, DateTimeOffset now)
    {
        var seconds = (long)Math.Floor(Math.Abs((now - moment).TotalSeconds));
        var span = seconds switch
        {
            < 1 => "",
            < 60 => $"{seconds} s",
            < 3600 => $"{seconds / 60} m",
            < 86400 => $"{seconds / 3600} h",
            _ => $"{seconds / 86400} d",
        };
        if (span.Length == 0) return "just now";
        return moment > now ? $"in {span}" : $"{span} ago";
    }

    /// <summary>RFC 3339, UTC, milliseconds: the API's form.</summary>
    public static string Exact(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Time of day with milliseconds, UTC; beside a date given elsewhere.</summary>
    public static string Clock(DateTimeOffset moment) => moment.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => (bytes / 1024d).ToString("0.#", CultureInfo.InvariantCulture) + " KiB",
        < 1024L * 1024 * 1024 => (bytes / 1048576d).ToString("0.#", CultureInfo.InvariantCulture) + " MiB",
        _ => (bytes / 1073741824d).ToString("0.##", CultureInfo.InvariantCulture) + " GiB",
    };
}
