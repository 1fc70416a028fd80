using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>One schedule as the actor keeps it: its row, what that means, and when it is due.</summary>
internal sealed class ScheduleEntry
{
    /// <summary>A cursor so far ahead of the clock was set by a clock that stood wrong.</summary>
    private static readonly TimeSpan FarAhead = TimeSpan.FromHours(25);

    private readonly CronTimetable? _timetable;
    private readonly string? _fault;

    public ScheduleEntry(ScheduleRow row, ScheduleDefinition definition)
    {
        (Row, Definition) = (row, definition);
        _timetable = ScheduleCheck.Timetable(definition, out _fault);
        Words = _timetable is null ? definition.Cron : CronWords.Of(_timetable.Cron, _timetable.Zone);
        Next = NextTick();
    }

    public ScheduleRow Row { get; private set; }
    public ScheduleDefinition Definition { get; }
    public string Words { get; }

    /// <summary>Why it can never fire as it stands; null when it can.</summary>
    public string? Fault => _fault;

    /// <summary>The first tick that has not been handled; null while it is paused or cannot fire.</summary>
    public DateTimeOffset? Next { get; private set; }

    /// <summary>Where it stands in the actor's line; null where it does not, as while its ticks are being handled.</summary>
    public DateTimeOffset? LinedAt { get; set; }

    /// <summary>What is due now; null for nothing.</summary>
    public DueSchedule? Due(DateTimeOffset now)
    {
        if (_timetable is null || Next > now) return null;
        var plan = ScheduleRules.Plan(_timetable, Definition, Row.Cursor, now);
        return plan.Fire.Count == 0 && plan.Skipped is null ? null : new DueSchedule(Row.Namespace, Row.Name, Definition, Row.Cursor, Row.LastJob, plan);
    }

    /// <summary>Takes over what was stored of handled ticks.</summary>
    public void Advance(ScheduleStep step)
    {
        Row = Row with
        {
            Cursor = step.Cursor > Row.Cursor ? step.Cursor : Row.Cursor,
            LastJob = step.LastJob ?? Row.LastJob,
            Ticks = Row.Ticks + step.Ticks.Count,
            Last = step.Ticks.Count > 0 ? step.Ticks[^1] : Row.Last,
        };
        Next = NextTick();
    }

    public Schedule View(DateTimeOffset now, ITaskCatalog tasks) => new()
    {
        Namespace = Row.Namespace,
        Name = Row.Name,
        Definition = Definition,
        IsStored = Row.Definition is not null,
        Words = Words,
        Next = Next,
        Last = Row.Last,
        Error = Error(now, tasks),
        CreatedAt = Row.CreatedAt,
        UpdatedAt = Row.UpdatedAt,
        Version = Row.Version,
    };

    private DateTimeOffset? NextTick() => Definition.Paused ? null : _timetable?.Next(Row.Cursor);

    private string? Error(DateTimeOffset now, ITaskCatalog tasks)
    {
        if (_fault is not null) return _fault;
        if (!tasks.TryGet(Definition.Task, out _)) return tasks.Unknown(Definition.Task).Detail;
        if (Row.Cursor > now + FarAhead && !Definition.Paused)
            return string.Create(CultureInfo.InvariantCulture, $"Ticks up to {Row.Cursor.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} were handled, which is to come: the clock stood wrong. Delete the schedule and put it again to begin from now.");
        return Row.Last is { Outcome: ScheduleOutcome.Refused } last ? last.Reason : null;
    }
}
