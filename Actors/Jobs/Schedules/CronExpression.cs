using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace ActorPerf.Jobs.Schedules;

/// <summary>When a schedule fires, in wall-clock time: minute, hour, day of the month, month, day of the week; a sixth, leading field gives seconds.</summary>
/// <remarks>
/// Values, names (<c>JAN</c>, <c>MON</c>), lists, ranges (those that end before they begin go over the end), steps; <c>L</c>, <c>L-n</c>, <c>LW</c>, <c>nW</c> for days
/// of the month; <c>n#k</c>, <c>nL</c> for days of the week, where 0 and 7 are Sunday; and <c>@yearly @annually @monthly @weekly @daily @midnight @hourly</c>.
/// Where both day fields are limited a day needs to match one of them; a field that begins with <c>*</c> is not limited. docs/schedules.md has the rules.
/// </remarks>
public sealed class CronExpression
{
    public const int MaxLength = 200;

    /// <summary>Days in which every combination of date and weekday occurs: the calendar repeats after 400 years.</summary>
    private const int Cycle = 146_097;

    private static readonly Dictionary<string, string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *", ["@annually"] = "0 0 1 1 *", ["@monthly"] = "0 0 1 * *", ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *", ["@midnight"] = "0 0 * * *", ["@hourly"] = "0 * * * *",
    };

    private CronExpression(string text, string[] fields, ulong seconds, ulong minutes, ulong hours, ulong months, CronDays days) =>
        (Text, Fields, Seconds, Minutes, Hours, Months, Days) = (text, fields, seconds, minutes, hours, months, days);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>It names hours or minutes by <c>*</c>, and so a distance in time more than an hour of the day; see <see cref="CronTimetable"/>.</summary>
    public bool IsInterval => Fields[0][0] == '*' || Fields[1][0] == '*' || Fields[2][0] == '*';

    /// <summary>Seconds, minutes, hours, days of the month, months, days of the week, as written.</summary>
    internal IReadOnlyList<string> Fields { get; }

    internal ulong Seconds { get; }
    internal ulong Minutes { get; }
    internal ulong Hours { get; }
    internal ulong Months { get; }
    internal CronDays Days { get; }

    /// <summary>Reads an expression; <paramref name="fault"/> names the field that cannot be used.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CronExpression? cron, [NotNullWhen(false)] out string? fault)
    {
        cron = null;
        fault = Read(text ?? "", out var read);
        if (fault is null && !read!.EverFires()) fault = $"'{text}' never fires: no day of the month '{read.Fields[3]}' in month '{read.Fields[4]}'{(read.Days.AnyOfWeek ? "" : $" is day '{read.Fields[5]}' of the week")}.";
        if (fault is not null) return false;
        cron = read!;
        return true;
    }

    public override string ToString() => Text;

    /// <summary>The first matching time from <paramref name="from"/> on (itself included) and before <paramref name="end"/>; null where there is none.</summary>
    /// <param name="from">A whole second.</param>
    internal DateTime? FirstLocal(DateTime from, DateTime end)
    {
        var (day, time) = (DateOnly.FromDateTime(from), from.TimeOfDay);
        while (day.ToDateTime(TimeOnly.MinValue) < end)
        {
            if ((Months >> day.Month & 1) == 0)
            {
                if (day is { Year: 9999, Month: 12 }) return null;
                (day, time) = (new DateOnly(day.Year, day.Month, 1).AddMonths(1), TimeSpan.Zero);
                continue;
            }
            if (Days.Contains(day) && FirstTime(time) is { } found)
            {
                var at = day.ToDateTime(TimeOnly.MinValue) + found;
                return at < end ? at : null;
            }
            if (day == DateOnly.MaxValue) return null;
            (day, time) = (day.AddDays(1), TimeSpan.Zero);
        }
        return null;
    }

    private TimeSpan? FirstTime(TimeSpan from)
    {
        for (var hour = Next(Hours, from.Hours); hour < 64; hour = Next(Hours, hour + 1))
        {
            var sameHour = hour == from.Hours;
            for (var minute = Next(Minutes, sameHour ? from.Minutes : 0); minute < 64; minute = Next(Minutes, minute + 1))
            {
                var second = Next(Seconds, sameHour && minute == from.Minutes ? from.Seconds : 0);
                if (second < 64) return new TimeSpan(hour, minute, second);
            }
        }
        return null;
    }

    /// <summary>The first set bit from <paramref name="from"/> on; 64 where there is none.</summary>
    private static int Next(ulong bits, int from) => from > 63 ? 64 : BitOperations.TrailingZeroCount(bits & (ulong.MaxValue << from));

    private bool EverFires()
    {
        var day = new DateOnly(2000, 1, 1);
        for (var i = 0; i < Cycle; i++, day = day.AddDays(1))
            if ((Months >> day.Month & 1) != 0 && Days.Contains(day)) return true;
        return false;
    }

    private static string? Read(string text, out CronExpression? cron)
    {
        cron = null;
        if (text.Length > MaxLength) return $"A cron expression has at most {MaxLength} characters; this one has {text.Length}.";
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields is [['@', ..] macro])
        {
            if (!Macros.TryGetValue(macro, out var meaning)) return $"'{macro}' is unknown; there are {string.Join(", ", Macros.Keys)}.";
            fields = meaning.Split(' ');
        }
        if (fields.Length == 5) fields = ["0", .. fields];
        if (fields.Length != 6)
            return $"'{text}' has {fields.Length} fields; write five (minute, hour, day of the month, month, day of the week), or six with seconds first.";
        if (Numbers(CronField.Second, fields[0], out var seconds) is { } badSecond) return badSecond;
        if (Numbers(CronField.Minute, fields[1], out var minutes) is { } badMinute) return badMinute;
        if (Numbers(CronField.Hour, fields[2], out var hours) is { } badHour) return badHour;
        if (Numbers(CronField.Month, fields[4], out var months) is { } badMonth) return badMonth;
        if (CronDays.Read(fields[3], fields[5], out var days) is { } badDay) return badDay;
        cron = new CronExpression(text, fields, seconds, minutes, hours, months, days);
        return null;
    }

    private static string? Numbers(CronField field, string text, out ulong bits)
    {
        bits = 0;
        foreach (var item in text.Split(','))
        {
            if (field.Read(item, out var more) is { } fault) return fault;
            bits |= more;
        }
        return null;
    }
}
