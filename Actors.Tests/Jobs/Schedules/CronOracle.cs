using System.Globalization;

namespace ActorPerf.Tests.Jobs.Schedules;

/// <summary>A cron expression by brute force: every second (or minute) is held against every field, and the clocks' changes are seen by comparing neighbours.</summary>
internal static class CronOracle
{
    public static IEnumerable<DateTimeOffset> Between(string text, TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset until)
    {
        var fields = text.Split(' ');
        var step = fields.Length == 6 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(1);
        if (fields.Length == 5) fields = ["0", .. fields];
        var interval = fields.Take(3).Any(field => field.StartsWith('*'));
        var start = new DateTimeOffset(from.UtcTicks - from.UtcTicks % step.Ticks, TimeSpan.Zero);
        for (var at = start; at <= until; at += step)
        {
            if (at <= from) continue;
            var local = Local(at, zone);
            var fires = Matches(fields, local) && (interval || !ShownBefore(at, local, zone));
            if (!interval)
                for (var skipped = Local(at - step, zone) + step; skipped < local; skipped += step) fires |= Matches(fields, skipped);
            if (fires) yield return at;
        }
    }

    private static DateTime Local(DateTimeOffset at, TimeZoneInfo zone) => at.UtcDateTime + zone.GetUtcOffset(at);

    private static bool ShownBefore(DateTimeOffset at, DateTime local, TimeZoneInfo zone)
    {
        for (var minutes = 30; minutes <= 120; minutes += 30)
            if (Local(at.AddMinutes(-minutes), zone) == local) return true;
        return false;
    }

    private static bool Matches(string[] fields, DateTime time)
    {
        if (!Has(fields[0], time.Second, 59) || !Has(fields[1], time.Minute, 59) || !Has(fields[2], time.Hour, 23) || !Has(fields[4], time.Month, 12, 1)) return false;
        var (month, week) = (Has(fields[3], time.Day, 31, 1), Has(fields[5], (int)time.DayOfWeek, 6));
        return fields[3].StartsWith('*') || fields[5].StartsWith('*') ? month && week : month || week;
    }

    private static bool Has(string field, int value, int most, int least = 0) => field.Split(',').Any(item =>
    {
        var parts = item.Split('/');
        var step = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        if (parts[0] == "*") return (value - least) % step == 0 && value <= most;
        var ends = parts[0].Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return value >= ends[0] && value <= ends[^1] && (value - ends[0]) % step == 0;
    });
}
