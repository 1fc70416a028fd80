using System.Globalization;

namespace ActorPerf.Tasks;

/// <summary>Durations as people write them: <c>"5s"</c>, <c>"1500ms"</c>, <c>"1h30m"</c>, <c>"7d"</c>, <c>"1.5h"</c>. Never negative.</summary>
/// <remarks>Parts of a number and a unit (<c>d h m s ms us</c>), each unit at most once, larger ones first.</remarks>
public static class Durations
{
    /// <summary>Longest text that is read.</summary>
    public const int MaxLength = 64;

    /// <summary>The accepted form as a regular expression, for schemas.</summary>
    public const string Pattern = @"^(\d+(\.\d+)?d)?(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?(\d+(\.\d+)?us)?$";

    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
    ];

    /// <summary>Reads a duration; false where the text breaks the rule above or leaves the range of <see cref="TimeSpan"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        if (text.IsEmpty || text.Length > MaxLength) return false;
        var ticks = 0L;
        var next = 0; // units before this one are used up
        while (!text.IsEmpty)
        {
            if (!TryReadPart(ref text, ref next, out var part)) return false;
            if (part > long.MaxValue - ticks) return false;
            ticks += part;
        }
        duration = new TimeSpan(ticks);
        return true;
    }

    /// <summary>The one spelling of a duration: two texts mean the same duration exactly when this is equal.</summary>
    public static string Format(TimeSpan duration)
    {
        Span<char> buffer = stackalloc char[MaxLength];
        return duration < TimeSpan.Zero ? $"-{Format(duration.Duration())}" : new string(buffer[..Write(duration, buffer)]);
    }

    /// <summary>Writes <see cref="Format"/> of a duration that is not negative.</summary>
    /// <returns>Characters written, at most <see cref="MaxLength"/>.</returns>
    internal static int Write(TimeSpan duration, Span<char> into)
    {
        var rest = duration.Ticks;
        var length = 0;
        foreach (var (unit, size) in Units)
        {
            var count = rest / size;
            rest -= count * size;
            var tenths = size == TimeSpan.TicksPerMicrosecond ? rest : 0; // a tick is a tenth of a microsecond
            if (count == 0 && tenths == 0) continue;
            length += Append(into[length..], count, tenths, unit);
        }
        return length > 0 ? length : Append(into, 0, 0, "s");
    }

    private static int Append(Span<char> into, long count, long tenths, string unit)
    {
        count.TryFormat(into, out var length);
        if (tenths > 0)
        {
            into[length++] = '.';
            into[length++] = (char)('0' + tenths);
        }
        unit.CopyTo(into[length..]);
        return length + unit.Length;
    }

    private static bool TryReadPart(ref ReadOnlySpan<char> text, ref int next, out long ticks)
    {
        ticks = 0;
        var digits = Digits(text);
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var whole)) return false;
        text = text[digits..];
        var (fraction, scale) = (0L, 1L);
        if (text.Length > 0 && text[0] == '.')
        {
            text = text[1..];
            digits = Digits(text);
            if (digits is 0 or > 12) return false;
            foreach (var digit in text[..digits]) (fraction, scale) = (fraction * 10 + (digit - '0'), scale * 10);
            text = text[digits..];
        }
        var letters = 0;
        while (letters < text.Length && char.IsAsciiLetterLower(text[letters])) letters++;
        for (; next < Units.Length; next++)
        {
            if (!text[..letters].SequenceEqual(Units[next].Unit)) continue;
            var size = Units[next].Ticks;
            if (whole > long.MaxValue / size) return false;
            var part = fraction == 0 ? 0 : (long)((Int128)fraction * size / scale);
            if (part > long.MaxValue - whole * size) return false;
            ticks = whole * size + part;
            text = text[letters..];
            next++;
            return true;
        }
        return false;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count])) count++;
        return count;
    }
}
