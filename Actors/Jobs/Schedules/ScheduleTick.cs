namespace ActorPerf.Jobs.Schedules;

/// <summary>What became of a tick, or of several missed ones together.</summary>
/// <param name="At">The tick; of several the newest.</param>
/// <param name="Job">The job; null where there is none.</param>
/// <param name="Reason">Why there is no job; null where there is one.</param>
/// <param name="HandledAt">When it was decided.</param>
public sealed record ScheduleTick(DateTimeOffset At, ScheduleOutcome Outcome, JobId? Job, string? Reason, DateTimeOffset HandledAt);

/// <summary>The numbers are stored; never renumber.</summary>
public enum ScheduleOutcome
{
    Submitted = 0,

    /// <summary>By the overlap or the misfire policy.</summary>
    Skipped = 1,

    /// <summary>The job could not be submitted; asking again will not help.</summary>
    Refused = 2,
}
