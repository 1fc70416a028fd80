using System.Globalization;

namespace ActorPerf.Node.Commands;

/// <summary>Durations as the API spells them: <c>1500ms</c>, <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>7d</c>.</summary>
public static class Durations
{
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789.");
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>Reads a positive duration of at most ten years.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits) is var next and >= 0 ? next : rest.Length;
            if (Unit(rest[..letters]) is not { } unit) return false;
            if (count * unit + duration.TotalSeconds > Longest.TotalSeconds) return false;
            duration += TimeSpan.FromSeconds(count * unit);
            rest = rest[letters..];
        }
        return duration > TimeSpan.Zero;
    }

    private static double? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => 0.001,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => null,
    };
}
