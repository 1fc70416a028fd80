using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ActorPerf.Configuration;

/// <summary>Durations as users write them: <c>500ms</c>, <c>30s</c>, <c>1.5h</c>, <c>1h30m</c>, <c>10 seconds</c>, <c>7d</c>.</summary>
public static class HoconDuration
{
    /// <summary>For messages.</summary>
    public const string Form = "a duration with its unit, such as 500ms, 30s, 5m, 1h30m or 7d";

    // The unit names of the HOCON specification, in nanoseconds; case matters.
    private static readonly FrozenDictionary<string, long> Units = new (long Nanoseconds, string[] Names)[]
    {
        (1, ["ns", "nano", "nanos", "nanosecond", "nanoseconds"]),
        (1_000, ["us", "micro", "micros", "microsecond", "microseconds"]),
        (1_000_000, ["ms", "milli", "millis", "millisecond", "milliseconds"]),
        (1_000_000_000, ["s", "second", "seconds"]),
        (60_000_000_000, ["m", "minute", "minutes"]),
        (3_600_000_000_000, ["h", "hour", "hours"]),
        (86_400_000_000_000, ["d", "day", "days"]),
    }.SelectMany(unit => unit.Names.Select(name => KeyValuePair.Create(name, unit.Nanoseconds))).ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly (char Unit, long Ticks)[] Whole =
        [('d', TimeSpan.TicksPerDay), ('h', TimeSpan.TicksPerHour), ('m', TimeSpan.TicksPerMinute), ('s', TimeSpan.TicksPerSecond)];

    /// <summary>Reads a duration of zero or more; several numbers with units may follow one another from large to small.</summary>
    /// <returns>
    /// False where the unit is missing or unknown, the number is negative or has an exponent, or the value is not a whole number
    /// of 100 ns or does not fit a <see cref="TimeSpan"/>.
    /// </returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().Trim();
        var ticks = BigInteger.Zero;
        var unitBefore = long.MaxValue;
        do
        {
            if (!HoconUnits.TryTake(ref rest, out var number, out var decimals, out var name)) return false;
            if (!Units.TryGetValue(name, out var unit) || unit >= unitBefore) return false;
            if (!HoconUnits.TryScale(number, decimals, unit, TimeSpan.NanosecondsPerTick, out var part)) return false;
            ticks += part;
            unitBefore = unit;
        }
        while (!rest.IsEmpty);
        if (ticks > long.MaxValue) return false;
        duration = new TimeSpan((long)ticks);
        return true;
    }

    /// <summary>The shortest spelling that <see cref="TryParse"/> reads back to the same value, such as <c>1h30m</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s");
        var text = new StringBuilder();
        var left = duration.Ticks;
        foreach (var (unit, ticks) in Whole)
        {
            if (left / ticks > 0) text.Append(CultureInfo.InvariantCulture, $"{left / ticks}{unit}");
            left %= ticks;
        }
        if (left > 0) text.Append(CultureInfo.InvariantCulture, $"{(decimal)left / TimeSpan.TicksPerMillisecond:0.####}ms");
        return text.Length == 0 ? "0s" : text.ToString();
    }
}
