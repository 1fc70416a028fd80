using System.Globalization;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Which days a cron expression names: by day of the month, by day of the week, or by either where both are limited.</summary>
internal sealed record CronDays
{
    /// <summary>Bit n: day n.</summary>
    public ulong OfMonth { get; private set; }

    /// <summary>Bit n: n days before the last (<c>L</c> is bit 0).</summary>
    public ulong BeforeLast { get; private set; }

    /// <summary><c>LW</c>: the last Monday to Friday.</summary>
    public bool LastWorkday { get; private set; }

    /// <summary>Bit n: the Monday to Friday nearest to day n, inside the month (<c>nW</c>).</summary>
    public ulong NearestWorkday { get; private set; }

    /// <summary>Bit n: day n of the week, Sunday 0.</summary>
    public ulong OfWeek { get; private set; }

    /// <summary>Bit n: the last such day of the month (<c>nL</c>).</summary>
    public ulong LastOfWeek { get; private set; }

    /// <summary>Bit 7·k+n: the (k+1)th such day of the month (<c>n#k</c>).</summary>
    public ulong NthOfWeek { get; private set; }

    /// <summary>The field begins with <c>*</c>: it limits nothing by itself, so that the other one decides with it and not beside it.</summary>
    public bool AnyOfMonth { get; private set; }

    /// <inheritdoc cref="AnyOfMonth"/>
    public bool AnyOfWeek { get; private set; }

    /// <returns>Null, or what is wrong.</returns>
    public static string? Read(string ofMonth, string ofWeek, out CronDays days)
    {
        days = new CronDays { AnyOfMonth = ofMonth[0] is '*' or '?', AnyOfWeek = ofWeek[0] is '*' or '?' };
        foreach (var item in ofMonth.Split(','))
            if (days.ReadOfMonth(item == "?" ? "*" : item) is { } fault) return fault;
        foreach (var item in ofWeek.Split(','))
            if (days.ReadOfWeek(item == "?" ? "*" : item) is { } fault) return fault;
        return null;
    }

    public bool Contains(DateOnly day)
    {
        var (inMonth, inWeek) = (MatchesMonth(day), MatchesWeek(day));
        return AnyOfMonth || AnyOfWeek ? inMonth && inWeek : inMonth || inWeek;
    }

    private string? ReadOfMonth(string item)
    {
        var field = CronField.DayOfMonth;
        var word = item.ToUpperInvariant();
        if (word == "L") BeforeLast |= 1;
        else if (word == "LW") LastWorkday = true;
        else if (word.StartsWith("L-", StringComparison.Ordinal))
        {
            if (!int.TryParse(word.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var before) || before > 30)
                return $"{field.Name} '{item}': write L-n with n from 0 to 30.";
            BeforeLast |= 1UL << before;
        }
        else if (word.EndsWith('W') && word.Length > 1)
        {
            if (field.Value(word[..^1], out var day) is { } fault) return fault;
            NearestWorkday |= 1UL << day;
        }
        else if (field.Read(item, out var bits) is { } fault) return fault;
        else OfMonth |= bits;
        return null;
    }

    private string? ReadOfWeek(string item)
    {
        var field = CronField.DayOfWeek;
        var sharp = item.IndexOf('#', StringComparison.Ordinal);
        if (sharp > 0)
        {
            if (field.Value(item[..sharp], out var day) is { } fault) return fault;
            if (item[(sharp + 1)..] is not [>= '1' and <= '5' and var nth]) return $"{field.Name} '{item}': behind # stands 1 to 5, such as FRI#2.";
            NthOfWeek |= 1UL << (7 * (nth - '1') + day % 7);
        }
        else if (item.Length > 1 && item[^1] is 'L' or 'l' && field.Value(item[..^1], out var last) is null) LastOfWeek |= 1UL << (last % 7);
        else if (item is "L" or "l") return $"{field.Name} 'L': say the last of which day, such as FRIL or 5L.";
        else if (field.Read(item, out var bits) is { } fault) return fault;
        else OfWeek |= (bits | (bits >> 7)) & 0x7f;
        return null;
    }

    private bool MatchesMonth(DateOnly day)
    {
        if (Has(OfMonth, day.Day)) return true;
        if (BeforeLast == 0 && NearestWorkday == 0 && !LastWorkday) return false;
        var last = DateTime.DaysInMonth(day.Year, day.Month);
        if (Has(BeforeLast, last - day.Day)) return true;
        if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) return false;
        if (LastWorkday && day == Nearest(day, last)) return true;
        for (var wanted = NearestWorkday; wanted != 0; wanted &= wanted - 1)
        {
            var number = System.Numerics.BitOperations.TrailingZeroCount(wanted);
            if (number <= last && day == Nearest(day, number)) return true;
        }
        return false;
    }

    private bool MatchesWeek(DateOnly day)
    {
        var number = (int)day.DayOfWeek;
        return Has(OfWeek, number)
            || Has(NthOfWeek, 7 * ((day.Day - 1) / 7) + number)
            || (Has(LastOfWeek, number) && day.Day + 7 > DateTime.DaysInMonth(day.Year, day.Month));
    }

    /// <summary>The Monday to Friday nearest to a day of the month, never in another month.</summary>
    private static DateOnly Nearest(DateOnly month, int number)
    {
        var day = new DateOnly(month.Year, month.Month, number);
        var last = DateTime.DaysInMonth(month.Year, month.Month);
        return day.DayOfWeek switch
        {
            DayOfWeek.Saturday => day.AddDays(number > 1 ? -1 : 2),
            DayOfWeek.Sunday => day.AddDays(number < last ? 1 : -2),
            _ => day,
        };
    }

    private static bool Has(ulong bits, int number) => (bits >> number & 1) != 0;
}
