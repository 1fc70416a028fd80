using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Whether a definition can become a schedule. Pure.</summary>
public static class ScheduleCheck
{
    /// <summary>Faults that need no task to be seen.</summary>
    public static IReadOnlyList<FieldFault> Faults(ScheduleDefinition definition)
    {
        var faults = new List<FieldFault>();
        if (!CronExpression.TryParse(definition.Cron, out _, out var badCron)) faults.Add(new("/cron", badCron));
        if (!TimeZones.TryFind(definition.TimeZone, out _, out var badZone)) faults.Add(new("/timeZone", badZone));
        if (definition.MisfireLimit is < 1 or > ScheduleDefinition.MaxMisfireLimit)
            faults.Add(new("/misfireLimit", $"{definition.MisfireLimit} is outside 1 to {ScheduleDefinition.MaxMisfireLimit}."));
        if (definition.Jitter < TimeSpan.Zero || definition.Jitter > ScheduleDefinition.MaxJitter)
            faults.Add(new("/jitter", $"{definition.Jitter.TotalSeconds:0.###} s is outside 0 s to {ScheduleDefinition.MaxJitter.TotalSeconds:0} s (a day)."));
        if (definition.ExpiresIn <= definition.Jitter)
            faults.Add(new("/expiresIn", $"{definition.ExpiresIn?.TotalSeconds:0.###} s is not longer than the jitter: jobs would expire before their time to start comes. Give them longer, or less jitter."));
        return faults;
    }

    /// <summary>Null when it can; else why not, with every faulty member.</summary>
    public static Refusal? Fault(Namespace ns, string name, ScheduleDefinition definition, ITaskCatalog tasks, DateTimeOffset now)
    {
        if (!TaskNames.IsValid(name)) return new Refusal("invalid-request", $"'{(name.Length > 64 ? name[..64] + "…" : name)}' is no name of a schedule: use {TaskNames.Rule}.");
        var faults = Faults(definition);
        if (faults.Count > 0) return Refusal.Invalid("invalid-request", faults.Count == 1 ? $"{faults[0].Pointer}: {faults[0].Message}" : "The schedule has members that cannot be used; see errors.", faults);
        return tasks.TryGet(definition.Task, out var task) && !task.Internal ? SubmissionCheck.Fault(definition.Submission(ns, name, null), task, now) : tasks.Unknown(definition.Task);
    }

    /// <summary>The timetable of a definition; null with the reason where it cannot be made, such as a zone that this machine does not know.</summary>
    internal static CronTimetable? Timetable(ScheduleDefinition definition, out string? fault)
    {
        if (!CronExpression.TryParse(definition.Cron, out var cron, out fault)) return null;
        return TimeZones.TryFind(definition.TimeZone, out var zone, out fault) ? new CronTimetable(cron, zone) : null;
    }
}
