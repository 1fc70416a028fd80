using System.Globalization;

namespace ActorPerf.Jobs.Schedules;

/// <summary>One field of a cron expression whose values are numbers in a row: lists, ranges, steps and names.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Least">Smallest value.</param>
/// <param name="Most">Largest value; at most 63.</param>
/// <param name="Names">Words for the values from <paramref name="Least"/> on; empty where there are none.</param>
internal sealed record CronField(string Name, int Least, int Most, IReadOnlyList<string> Names)
{
    public static readonly CronField Second = new("second", 0, 59, []);
    public static readonly CronField Minute = new("minute", 0, 59, []);
    public static readonly CronField Hour = new("hour", 0, 23, []);
    public static readonly CronField DayOfMonth = new("day of the month", 1, 31, []);
    public static readonly CronField Month = new("month", 1, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]);

    /// <summary>Sunday is 0; 7 means it too.</summary>
    public static readonly CronField DayOfWeek = new("day of the week", 0, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]);

    /// <summary>Every value.</summary>
    public ulong All => Range(Least, Most, 1);

    /// <summary>Reads one item of the field's list, such as <c>5</c>, <c>9-17</c>, <c>*/5</c> or <c>MON-FRI</c>.</summary>
    /// <param name="bits">Bit n for the value n.</param>
    /// <returns>Null, or what is wrong.</returns>
    public string? Read(string item, out ulong bits)
    {
        bits = 0;
        var (range, step) = (item, 1);
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            range = item[..slash];
            if (!int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out step) || step < 1 || step > Most)
                return $"{Name} '{item}': a step is a whole number from 1 to {Most}.";
        }
        if (range == "*")
        {
            bits = Range(Least, Most, step);
            return null;
        }
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (Value(dash < 0 ? range : range[..dash], out var from) is { } badFrom) return badFrom;
        var to = dash >= 0 || slash < 0 ? from : Most;
        if (dash >= 0 && Value(range[(dash + 1)..], out to) is { } badTo) return badTo;
        bits = from <= to ? Range(from, to, step) : Wrapped(from, to, step);
        return null;
    }

    public string? Value(string text, out int value)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            return value >= Least && value <= Most ? null : $"{Name} '{text}' is outside {Least} to {Most}.";
        for (var i = 0; i < Names.Count; i++)
        {
            if (!string.Equals(Names[i], text, StringComparison.OrdinalIgnoreCase)) continue;
            value = Least + i;
            return null;
        }
        return $"{Name} '{text}' is no value: use {Least} to {Most}{(Names.Count > 0 ? $" or {Names[0]} to {Names[^1]}" : "")}, lists (a,b), ranges (a-b), steps (*/n).";
    }

    // A range that ends before it begins goes over the end: 22-2 is 22, 23, 0, 1, 2.
    private ulong Wrapped(int from, int to, int step)
    {
        var (bits, most) = (0UL, ReferenceEquals(this, DayOfWeek) ? 6 : Most);
        var count = most - Least + 1;
        for (var i = 0; i <= to - from + count; i += step) bits |= 1UL << (Least + (from - Least + i) % count);
        return bits;
    }

    private static ulong Range(int from, int to, int step)
    {
        var bits = 0UL;
        for (var value = from; value <= to; value += step) bits |= 1UL << value;
        return bits;
    }
}
