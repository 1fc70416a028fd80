using System.Globalization;

namespace ActorPerf.Node.Output;

/// <summary>Short times with three digits: what a trace is about ends far below a second.</summary>
public static class FineTime
{
    /// <summary>Such as <c>340 µs</c>, <c>1.24 ms</c>, <c>12.4 ms</c>, <c>2.35 s</c>; empty for null.</summary>
    public static string Of(double? seconds) => seconds is not { } value ? "" : Math.Abs(value) switch
    {
        < 0.000_000_5 => "0",
        < 0.000_999_5 => Digits(value * 1e6, "µs"),
        < 0.999_5 => Digits(value * 1e3, "ms"),
        < 120 => Digits(value, "s"),
        _ => Words.Duration(value),
    };

    private static string Digits(double value, string unit) =>
        $"{value.ToString(Math.Abs(value) switch { < 9.995 => "0.##", < 99.95 => "0.#", _ => "0" }, CultureInfo.InvariantCulture)} {unit}";
}
