using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Web.Wire;

/// <summary>Times on the wire: RFC 3339 in UTC, written with milliseconds; durations written as seconds.</summary>
internal static class WireTime
{
    public const int MinYear = 2000;
    private const int Length = 24;

    /// <summary>Reads <c>2026-11-21T10:00:00Z</c>, with up to seven decimals and <c>Z</c>, <c>+00:00</c> or another offset. False for anything else,
    /// a time without a zone, a leap second and a year before <see cref="MinYear"/> or after 9999.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || text.Length is < 20 or > 33 || text[4] != '-' || text[10] is not ('T' or 't') || text[19] is not ('.' or 'Z' or 'z' or '+' or '-'))
            return false;
        return DateTimeOffset.TryParseExact(text.ToUpperInvariant(), "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time)
            && time.Year >= MinYear;
    }

    public static void WriteTime(this Utf8JsonWriter json, JsonEncodedText name, DateTimeOffset? time)
    {
        if (time is not { } at)
        {
            json.WriteNull(name);
            return;
        }
        Span<byte> text = stackalloc byte[Length];
        Format(at, text);
        json.WriteString(name, text);
    }

    public static void WriteSeconds(this Utf8JsonWriter json, JsonEncodedText name, TimeSpan? duration)
    {
        if (duration is { } length) json.WriteNumber(name, Seconds(length));
        else json.WriteNull(name);
    }

    /// <summary>Seconds to the microsecond.</summary>
    public static double Seconds(TimeSpan duration) => Math.Round(duration.TotalSeconds, 6);

    /// <summary>Writes <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>; by hand, for the formatter of patterns costs more than the rest of an answer.</summary>
    internal static void Format(DateTimeOffset time, Span<byte> into)
    {
        var utc = time.UtcDateTime;
        Digits(into[..4], utc.Year);
        into[4] = (byte)'-';
        Digits(into[5..7], utc.Month);
        into[7] = (byte)'-';
        Digits(into[8..10], utc.Day);
        into[10] = (byte)'T';
        Digits(into[11..13], utc.Hour);
        into[13] = (byte)':';
        Digits(into[14..16], utc.Minute);
        into[16] = (byte)':';
        Digits(into[17..19], utc.Second);
        into[19] = (byte)'.';
        Digits(into[20..23], utc.Millisecond);
        into[23] = (byte)'Z';
    }

    private static void Digits(Span<byte> into, int value)
    {
        for (var i = into.Length - 1; i >= 0; i--, value /= 10) into[i] = (byte)('0' + value % 10);
    }
}
