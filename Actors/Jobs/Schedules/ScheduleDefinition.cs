namespace ActorPerf.Jobs.Schedules;

/// <summary>What a schedule submits, and when: what <c>PUT /schedules/{name}</c> or the configuration says.</summary>
public sealed record ScheduleDefinition
{
    public const int MaxMisfireLimit = 1_000;

    /// <summary>Longest jitter: a day.</summary>
    public static readonly TimeSpan MaxJitter = TimeSpan.FromDays(1);

    /// <summary>See <see cref="CronExpression"/>.</summary>
    public required string Cron { get; init; }

    /// <summary>Whose clocks the expression is read by; an IANA name.</summary>
    public string TimeZone { get; init; } = "UTC";

    public required string Task { get; init; }

    /// <summary>Exact UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Args { get; init; } = "{}"u8.ToArray();

    /// <summary>Null: the task's queue.</summary>
    public string? Queue { get; init; }

    public int Priority { get; init; } = 5;
    public TimeSpan? ExpiresIn { get; init; }
    public TimeSpan? Timeout { get; init; }

    /// <summary>Null: the task's, else the node's.</summary>
    public int? MaxAttempts { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>A JSON object; empty for none.</summary>
    public ReadOnlyMemory<byte> Meta { get; init; }

    public ScheduleOverlap Overlap { get; init; }
    public ScheduleMisfire Misfire { get; init; }

    /// <summary>Of <see cref="ScheduleMisfire.All"/>: so many of the newest missed ticks. 1 to 1,000.</summary>
    public int MisfireLimit { get; init; } = 100;

    /// <summary>Each job starts so much later at most, by an amount that its id decides. 0 to a day.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Ticks pass without a job, and are not missed ones later.</summary>
    public bool Paused { get; init; }

    /// <summary>What decides which ticks there are: where it changes, the schedule begins anew from that moment.</summary>
    internal string Shape => $"{Cron}|{TimeZone}|{(Paused ? "paused" : "on")}";

    /// <summary>The job of a tick, or one out of turn where <paramref name="id"/> is null.</summary>
    internal Submission Submission(Tasks.Namespace ns, string name, JobId? id) => new()
    {
        Namespace = ns, Task = Task, Args = Args, Id = id, Queue = Queue, Priority = Priority, ExpiresIn = ExpiresIn, Timeout = Timeout,
        MaxAttempts = MaxAttempts, Tags = Tags, Meta = Meta, Schedule = name,
    };
}

/// <summary>What a tick does while the job of the tick before it is not final. The numbers are stored; never renumber.</summary>
public enum ScheduleOverlap
{
    /// <summary>The tick is skipped.</summary>
    Skip = 0,

    /// <summary>It submits all the same.</summary>
    Queue = 1,

    /// <summary>It cancels that job, then submits.</summary>
    Cancel = 2,
}

/// <summary>What becomes of ticks that are handled more than <see cref="ScheduleRules.Grace"/> late. The numbers are stored; never renumber.</summary>
public enum ScheduleMisfire
{
    /// <summary>The newest of them, unless a tick is on time.</summary>
    One = 0,

    /// <summary>None.</summary>
    Skip = 1,

    /// <summary>The newest ones, up to <see cref="ScheduleDefinition.MisfireLimit"/>.</summary>
    All = 2,
}

public static class ScheduleWords
{
    /// <summary>The words in the API and in settings, by number.</summary>
    public static IReadOnlyList<string> Overlaps { get; } = ["skip", "queue", "cancel"];

    /// <inheritdoc cref="Overlaps"/>
    public static IReadOnlyList<string> Misfires { get; } = ["one", "skip", "all"];

    /// <inheritdoc cref="Overlaps"/>
    public static IReadOnlyList<string> Outcomes { get; } = ["submitted", "skipped", "refused"];

    extension(ScheduleOverlap overlap)
    {
        public string Word => Overlaps[(int)overlap];
    }
}

public static class ScheduleMisfireWords
{
    extension(ScheduleMisfire misfire)
    {
        public string Word => ScheduleWords.Misfires[(int)misfire];
    }
}

public static class ScheduleOutcomeWords
{
    extension(ScheduleOutcome outcome)
    {
        public string Word => ScheduleWords.Outcomes[(int)outcome];
    }
}
