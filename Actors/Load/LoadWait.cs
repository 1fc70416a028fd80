using System.Globalization;
using System.Text.RegularExpressions;
using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>What a user of a closed model does between two iterations.</summary>
public abstract partial record LoadWait
{
    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>How it is written, for messages.</summary>
    public const string Forms = "between(1s, 5s), constant(2s), pacing(10s) or throughput(0.5)";

    private LoadWait()
    {
    }

    /// <summary>The next iteration starts when the last one has ended.</summary>
    public static LoadWait None { get; } = new Constant(TimeSpan.Zero);

    /// <summary>A time between two, each equally likely, after each iteration.</summary>
    public sealed record Between(TimeSpan Least, TimeSpan Most) : LoadWait;

    /// <summary>The same time after each iteration.</summary>
    public sealed record Constant(TimeSpan Time) : LoadWait;

    /// <summary>Iterations start so far apart, however long they take; after one that took longer the next starts at once.</summary>
    public sealed record Pacing(TimeSpan Time) : LoadWait;

    /// <summary>So many iterations a second of each user at most: pacing of the inverse.</summary>
    public sealed record Throughput(double PerSecond) : LoadWait;

    /// <summary>How far apart starts are to be; null where the wait counts from the end of an iteration.</summary>
    public TimeSpan? Pace => this switch
    {
        Pacing pacing => pacing.Time,
        Throughput throughput => TimeSpan.FromSeconds(1 / throughput.PerSecond),
        _ => null,
    };

    /// <summary>How long from the end of an iteration to the start of the next. Pure but for <paramref name="random"/>.</summary>
    /// <param name="sinceStart">How long ago the iteration was to start that has just ended.</param>
    public TimeSpan Next(Random random, TimeSpan sinceStart) => this switch
    {
        Between between => between.Least + (between.Most - between.Least) * random.NextDouble(),
        Constant constant => constant.Time,
        _ => Pace is { } pace && pace > sinceStart ? pace - sinceStart : TimeSpan.Zero,
    };

    /// <summary>Reads one of <see cref="Forms"/>; durations as everywhere, a bare number is of seconds.</summary>
    public static bool TryParse(string? text, out LoadWait wait)
    {
        wait = None;
        var match = Form().Match(text ?? "");
        if (!match.Success) return false;
        var (first, second) = (match.Groups["first"].Value, match.Groups["second"]);
        LoadWait? read = (match.Groups["kind"].Value, second.Success) switch
        {
            ("between", true) when ReadTime(first) is { } least && ReadTime(second.Value) is { } most && least <= most => new Between(least, most),
            ("constant", false) when ReadTime(first) is { } time => new Constant(time),
            ("pacing", false) when ReadTime(first) is { } time => new Pacing(time),
            ("throughput", false) when Number(first) is { } rate and >= 1.0 / 3_600 and <= 1e6 => new Throughput(rate),
            _ => null,
        };
        wait = read ?? None;
        return read is not null;
    }

    public sealed override string ToString() => this switch
    {
        Between between => $"between({Durations.Format(between.Least)}, {Durations.Format(between.Most)})",
        Constant constant => $"constant({Durations.Format(constant.Time)})",
        Pacing pacing => $"pacing({Durations.Format(pacing.Time)})",
        Throughput throughput => string.Create(CultureInfo.InvariantCulture, $"throughput({throughput.PerSecond:0.####})"),
        _ => "",
    };

    private static TimeSpan? ReadTime(string text)
    {
        if (Number(text) is { } seconds) return seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
        return Durations.TryParse(text, out var time) && time <= Longest ? time : null;
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    [GeneratedRegex(@"^\s*(?<kind>[a-z]{1,12})\s*\(\s*(?<first>[0-9a-z.]{1,20})\s*(,\s*(?<second>[0-9a-z.]{1,20})\s*)?\)\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
