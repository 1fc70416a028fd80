using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Which ticks are due and what becomes of them. Pure.</summary>
public static class ScheduleRules
{
    /// <summary>A tick that is handled later than so was missed: the node was not running, its clock jumped, or its store was away.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private const int MostCounted = 1_000;

    /// <param name="timetable">When the schedule fires.</param>
    /// <param name="definition">Its policies.</param>
    /// <param name="cursor">Ticks up to here were handled.</param>
    /// <param name="now">The clock; where it was set back behind the cursor, nothing is due until it has passed it again.</param>
    public static SchedulePlan Plan(CronTimetable timetable, ScheduleDefinition definition, DateTimeOffset cursor, DateTimeOffset now)
    {
        if (definition.Paused || now <= cursor) return SchedulePlan.Nothing;
        var late = now - Grace;
        var onTime = timetable.Between(cursor > late ? cursor : late, now).ToList();
        if (cursor >= late || timetable.Next(cursor, late) is not { } oldest) return new SchedulePlan(onTime, null);
        var missed = definition.Misfire switch
        {
            ScheduleMisfire.Skip => [],
            ScheduleMisfire.One => onTime.Count > 0 ? [] : timetable.Newest(1, cursor, late),
            _ => timetable.Newest(definition.MisfireLimit, cursor, late),
        };
        var skippedUntil = missed.Count > 0 ? missed[0] - TimeSpan.FromSeconds(1) : late;
        return new SchedulePlan([.. missed, .. onTime], oldest <= skippedUntil ? Skipped(timetable, definition, cursor, skippedUntil, now) : null);
    }

    /// <summary>The row of a schedule that was put.</summary>
    /// <param name="before">As it stood; null for a new one.</param>
    internal static ScheduleRow Changed(ScheduleRow? before, Namespace ns, string name, ScheduleDefinition definition, DateTimeOffset now) => new()
    {
        Namespace = ns,
        Name = name,
        Definition = definition,
        Shape = definition.Shape,
        Cursor = before is not null && before.Shape == definition.Shape ? before.Cursor : now,
        CreatedAt = before?.CreatedAt ?? now,
        UpdatedAt = now,
        Version = (before?.Version ?? 0) + 1,
    };

    /// <summary>The row of a schedule of the configuration that begins now.</summary>
    internal static ScheduleRow Configured(ConfiguredSchedule configured, DateTimeOffset now) => new()
    {
        Namespace = configured.Namespace,
        Name = configured.Name,
        Shape = configured.Definition.Shape,
        Cursor = now,
        CreatedAt = now,
        UpdatedAt = now,
        Version = 1,
    };

    private static ScheduleTick Skipped(CronTimetable timetable, ScheduleDefinition definition, DateTimeOffset cursor, DateTimeOffset until, DateTimeOffset now)
    {
        var first = timetable.Next(cursor, until)!.Value;
        var last = timetable.Newest(1, cursor, until)[0];
        var count = timetable.Between(cursor, until).Take(MostCounted + 1).Count();
        var counted = count > MostCounted ? $"more than {MostCounted} ticks were" : count == 1 ? "a tick was" : $"{count} ticks were";
        var span = first == last ? $"at {Time(first)}" : $"from {Time(first)} to {Time(last)}";
        return new ScheduleTick(last, ScheduleOutcome.Skipped, null, $"{counted} missed {span}; misfire: {definition.Misfire.Word}", now);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What is to be done now.</summary>
/// <param name="Fire">Ticks to submit, oldest first.</param>
/// <param name="Skipped">Missed ticks that go without a job, all older than <paramref name="Fire"/>; null for none.</param>
public sealed record SchedulePlan(IReadOnlyList<DateTimeOffset> Fire, ScheduleTick? Skipped)
{
    public static SchedulePlan Nothing { get; } = new([], null);
}
