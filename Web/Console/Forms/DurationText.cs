using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorPerf.Web.Console.Forms;

/// <summary>Reads durations as API.md writes them: <c>1500ms</c>, <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>7d</c>.</summary>
public static partial class DurationText
{
    /// <summary>False when malformed, negative or longer than a hundred years.</summary>
    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        if (text is not { Length: > 0 and <= 64 } || !Whole().IsMatch(text)) return false;
        var total = 0d;
        foreach (Match part in Part().Matches(text))
            total += double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * Milliseconds(part.Groups[2].Value);
        if (total > TimeSpan.FromDays(36_525).TotalMilliseconds) return false;
        span = TimeSpan.FromMilliseconds(total);
        return true;
    }

    private static double Milliseconds(string unit) => unit switch
    {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 86_400_000,
    };

    [GeneratedRegex(@"^([0-9]{1,12}(\.[0-9]{1,6})?(ms|s|m|h|d))+$", RegexOptions.NonBacktracking)]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", RegexOptions.NonBacktracking)]
    private static partial Regex Part();
}
