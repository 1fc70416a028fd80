using System.Globalization;
using System.Numerics;

namespace ActorPerf.Jobs.Schedules;

/// <summary>A cron expression in words: <c>At 02:30 on Monday, Europe/Berlin</c>. For people; pure.</summary>
public static class CronWords
{
    private const int MostTimes = 6;       // more times of day are told as minutes of hours
    private static readonly string[] Ordinals = ["first", "second", "third", "fourth", "fifth"];

    public static string Of(CronExpression cron, TimeZoneInfo zone)
    {
        var words = Times(cron);
        var (days, months) = (Days(cron), Months(cron));
        if (days.Length > 0) words += " " + days;
        else if (words.StartsWith("At ", StringComparison.Ordinal) && char.IsAsciiDigit(words[3])) words += " every day";
        if (months.Length > 0) words += " " + months;
        return $"{words}, {zone.Id}";
    }

    private static string Times(CronExpression cron)
    {
        var (seconds, minutes, hours) = (BitOperations.PopCount(cron.Seconds), BitOperations.PopCount(cron.Minutes), BitOperations.PopCount(cron.Hours));
        if (seconds == 1 && minutes * hours <= MostTimes)
        {
            return "At " + Joined([.. from hour in Values(cron.Hours)
                                      from minute in Values(cron.Minutes)
                                      from second in Values(cron.Seconds)
                                      select second == 0 ? $"{hour:00}:{minute:00}" : $"{hour:00}:{minute:00}:{second:00}"]);
        }
        var whole = cron.Seconds == 1;
        var (everyMinute, everyHour) = (minutes == 60, hours == 24);
        if (whole && everyHour && cron.Minutes == 1) return "Every hour";
        if (whole && cron.Minutes == 1 && Stride(cron.Fields[2]) is { } apart) return $"Every {apart} hours";
        var parts = new List<string>();
        if (!whole) parts.Add(Every(cron.Fields[0], cron.Seconds, 60, "second"));
        if (!everyMinute || whole) parts.Add(Every(cron.Fields[1], cron.Minutes, 60, "minute"));
        var text = string.Join(", ", parts.Select((part, i) => i == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
        if (!everyHour) text += Stride(cron.Fields[2]) is { } stride ? $" of every {Nth(stride)} hour" : $" of {Plural(hours, "hour")} {Runs(cron.Hours)}";
        else if (parts[^1].StartsWith("At minute", StringComparison.Ordinal)) text += " of every hour";
        return text;
    }

    private static string Every(string field, ulong bits, int all, string unit)
    {
        if (BitOperations.PopCount(bits) == all) return $"Every {unit}";
        return Stride(field) is { } stride ? $"Every {stride} {unit}s" : $"At {Plural(BitOperations.PopCount(bits), unit)} {Runs(bits)}";
    }

    private static string Days(CronExpression cron)
    {
        var days = cron.Days;
        var (ofMonth, ofWeek) = (new List<string>(), new List<string>());
        if (cron.Fields[3] is not ("*" or "?"))
        {
            if (days.OfMonth != 0) ofMonth.Add($"{Plural(BitOperations.PopCount(days.OfMonth), "day")} {Runs(days.OfMonth)} of the month");
            foreach (var before in Values(days.BeforeLast)) ofMonth.Add(before switch { 0 => "the last day of the month", 1 => "the day before the last of the month", _ => $"the day {before} days before the last of the month" });
            if (days.LastWorkday) ofMonth.Add("the last working day of the month");
            foreach (var near in Values(days.NearestWorkday)) ofMonth.Add($"the working day nearest to day {near} of the month");
        }
        if (cron.Fields[5] is not ("*" or "?"))
        {
            if (days.OfWeek != 0) ofWeek.Add(Runs(days.OfWeek, WeekDay));
            foreach (var bit in Values(days.NthOfWeek)) ofWeek.Add($"the {Ordinals[bit / 7]} {WeekDay(bit % 7)} of the month");
            foreach (var day in Values(days.LastOfWeek)) ofWeek.Add($"the last {WeekDay(day)} of the month");
        }
        if (ofMonth.Count + ofWeek.Count == 0) return "";
        if (ofMonth.Count == 0 || ofWeek.Count == 0) return "on " + Joined([.. ofMonth, .. ofWeek]);
        return $"on {Joined(ofMonth)} {(days.AnyOfMonth || days.AnyOfWeek ? "if it is" : "or on")} {Joined(ofWeek)}";
    }

    private static string Months(CronExpression cron) => BitOperations.PopCount(cron.Months) == 12 ? "" : "in " + Runs(cron.Months, CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName);

    private static string WeekDay(int day) => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)day);

    private static string Runs(ulong bits) => Runs(bits, number => number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Three or more in a row are told as "a to b".</summary>
    private static string Runs(ulong bits, Func<int, string> name)
    {
        var parts = new List<string>();
        var values = Values(bits).ToArray();
        for (var i = 0; i < values.Length;)
        {
            var end = i;
            while (end + 1 < values.Length && values[end + 1] == values[end] + 1) end++;
            if (end - i < 2) end = i;
            parts.Add(end == i ? name(values[i]) : $"{name(values[i])} to {name(values[end])}");
            i = end + 1;
        }
        return Joined(parts);
    }

    private static string Joined(List<string> parts) => parts.Count == 1 ? parts[0] : $"{string.Join(", ", parts.Take(parts.Count - 1))} and {parts[^1]}";

    private static string Plural(int count, string noun) => count == 1 ? noun : noun + "s";

    private static string Nth(int number) => number switch { 2 => "second", 3 => "third", _ => $"{number}th" };

    /// <summary>The n of <c>*/n</c>.</summary>
    private static int? Stride(string field) =>
        field.StartsWith("*/", StringComparison.Ordinal) && int.TryParse(field.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var stride) && stride > 1 ? stride : null;

    private static IEnumerable<int> Values(ulong bits)
    {
        for (; bits != 0; bits &= bits - 1) yield return BitOperations.TrailingZeroCount(bits);
    }
}
