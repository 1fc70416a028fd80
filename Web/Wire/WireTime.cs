using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Web.Wire;

/// <summary>Times on the wire: RFC 3339 in UTC, written with milliseconds; durations written as seconds.</summary>
internal static class WireTime
{
    public const int MinYear = 2000;
    private const int Length = 24;
    private const int SecondsLength = 24;

    /// <summary>Reads <c>2026-11-21T10:00:00Z</c>, with up to seven decimals and <c>Z</c>, <c>+00:00</c> or another offset. False for anything else,
    /// a time without a zone, a leap second and a year before <see cref="MinYear"/> or after 9999.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || text.Length is < 20 or > 33 || text[4] != '-' || text[10] is not ('T' or 't')) return false;
        // The pattern below is content without a zone, and would take the machine's own.
        if (text[^1] is not ('Z' or 'z') && text[^6] is not ('+' or '-')) return false;
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

    /// <summary>Seconds to the microsecond.</summary>
    public static void WriteSeconds(this Utf8JsonWriter json, JsonEncodedText name, TimeSpan? duration)
    {
        if (duration is { } length) json.WriteSeconds(name, length, TimeSpan.TicksPerMicrosecond);
        else json.WriteNull(name);
    }

    /// <summary>Writes a duration as a number of seconds, rounded to <paramref name="precision"/>; by hand, for the formatter of floating numbers is slow.</summary>
    /// <param name="precision">Ticks of the last decimal, such as <see cref="TimeSpan.TicksPerMillisecond"/>; a power of ten from 1 to a second.</param>
    public static void WriteSeconds(this Utf8JsonWriter json, JsonEncodedText name, TimeSpan duration, long precision)
    {
        Span<byte> text = stackalloc byte[SecondsLength];
        json.WritePropertyName(name);
        json.WriteRawValue(text[..FormatSeconds(duration, precision, text)], skipInputValidation: true);
    }

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

    /// <summary>Writes <c>1.25</c>: no exponent, no zeros at the end.</summary>
    internal static int FormatSeconds(TimeSpan duration, long precision, Span<byte> into)
    {
        var ticks = duration.Ticks;
        var length = 0;
        if (ticks < 0) into[length++] = (byte)'-';
        var units = ((ticks < 0 ? 0 - (ulong)ticks : (ulong)ticks) + (ulong)precision / 2) / (ulong)precision;
        var perSecond = (ulong)(TimeSpan.TicksPerSecond / precision);
        var (whole, part) = Math.DivRem(units, perSecond);
        Utf8Formatter.TryFormat(whole, into[length..], out var written);
        length += written;
        if (part == 0) return length;
        into[length++] = (byte)'.';
        for (var unit = perSecond / 10; part > 0; unit /= 10)
        {
            into[length++] = (byte)('0' + part / unit);
            part %= unit;
        }
        return length;
    }

    private static void Digits(Span<byte> into, int value)
    {
        for (var i = into.Length - 1; i >= 0; i--, value /= 10) into[i] = (byte)('0' + value % 10);
    }
}
