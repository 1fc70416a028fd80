using System.Buffers;
using System.Globalization;

namespace ActorPerf.Kernel;

/// <summary>Durations as configurations write them.</summary>
internal static class Durations
{
    private static readonly SearchValues<char> NumberParts = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        text = text.Trim();
        var digits = text.AsSpan().IndexOfAnyExcept(NumberParts);
        if (digits == 0) return false;
        if (digits < 0) digits = text.Length;
        if (!double.TryParse(text.AsSpan(0, digits), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return false;
        double milliseconds = text[digits..].Trim() switch
        {
            "" or "ms" or "millis" or "milliseconds" => 1,
            "us" or "micros" => 0.001,
            "s" or "second" or "seconds" => 1_000,
            "m" or "minute" or "minutes" => 60_000,
            "h" or "hour" or "hours" => 3_600_000,
            "d" or "day" or "days" => 86_400_000,
            _ => 0,
        };
        if (milliseconds == 0) return false;
        duration = TimeSpan.FromMilliseconds(number * milliseconds);
        return true;
    }
}
