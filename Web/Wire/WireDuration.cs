namespace ActorPerf.Web.Wire;

/// <summary>Durations on input: whole or decimal numbers, each with its unit, largest unit first: <c>1500ms</c>, <c>30s</c>, <c>1h30m</c>, <c>1.5h</c>, <c>7d</c>.</summary>
internal static class WireDuration
{
    public const string Rule = "write numbers with units, such as \"1500ms\", \"30s\", \"5m\", \"1h30m\" or \"7d\"";
    private const int MaxLength = 64;
    private static readonly System.Buffers.SearchValues<char> NumberCharacters = System.Buffers.SearchValues.Create("0123456789.");

    /// <summary>Reads a duration of 0 or more. False for anything else: no unit, a sign, units out of order or twice, more than <see cref="TimeSpan.MaxValue"/>.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (text is not { Length: > 1 and <= MaxLength }) return false;
        var rest = text.AsSpan();
        decimal ticks = 0;
        var last = long.MaxValue;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var number))
                return false;
            if (number > long.MaxValue || rest[digits - 1] == '.' || rest[0] == '.') return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9');
            var unit = Unit(letters < 0 ? rest : rest[..letters]);
            if (unit == 0 || unit >= last) return false;
            last = unit;
            ticks += number * unit;
            rest = letters < 0 ? [] : rest[letters..];
        }
        if (ticks > TimeSpan.MaxValue.Ticks) return false;
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    private static long Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        _ => 0,
    };
}
