using System.Text.Json.Serialization;
using ActorPerf.Tracing;

namespace ActorPerf.Load;

/// <summary>How a run goes through its life; the later ones are final.</summary>
public enum LoadState
{
    /// <summary>Users come; nothing else is different.</summary>
    Spawning,

    /// <summary>What is measured does not count yet.</summary>
    WarmingUp,

    Running,

    /// <summary>No iteration starts any more; users finish what they do.</summary>
    Stopping,

    /// <summary>Its time, its stages or its counts are over.</summary>
    Finished,

    /// <summary>Somebody stopped it.</summary>
    Stopped,

    /// <summary>A threshold with <see cref="LoadThreshold.AbortOnFail"/> failed.</summary>
    Aborted,

    /// <summary>It could not go on; <see cref="LoadProgress.Fault"/> says why.</summary>
    Failed,
}

/// <summary>How a run stands. Immutable.</summary>
public sealed record LoadProgress
{
    public required Guid Id { get; init; }

    /// <summary>The plan, with what was changed since, with the seed that was chosen, and without its key.</summary>
    public required LoadPlan Plan { get; init; }

    public LoadState State { get; init; }

    public bool IsFinal => State >= LoadState.Finished;

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Since the start; of a final run, how long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The time that counts: since the end of the warm-up or the last reset; of a run that ends, until the last answer if that came behind its end. What is a rate is over this.</summary>
    public TimeSpan Measured { get; init; }

    /// <summary>Users there are.</summary>
    public int Users { get; init; }

    /// <summary>Users there are to be: of a closed model the target, of an open one as many as there are.</summary>
    public int TargetUsers { get; init; }

    /// <summary>Users in the middle of an iteration.</summary>
    public int Busy { get; init; }

    /// <summary>Iterations that were to start, a second, as the plan has it now; null in a closed model.</summary>
    public double? PlannedRate { get; init; }

    public long Iterations { get; init; }

    /// <summary>Planned iterations that no user was there for.</summary>
    public long DroppedIterations { get; init; }

    /// <summary>Iterations that started more than 10 ms after their time (closed models: only those whose users have a pace).</summary>
    public long LateIterations { get; init; }

    /// <summary>Iterations that the end of the run cut off: in no other figure.</summary>
    public long InterruptedIterations { get; init; }

    /// <summary>Requests without an answer when the run ended: in no other figure.</summary>
    public long UnansweredRequests { get; init; }

    /// <summary>How long, since its planned start, the one of them had waited by then that had waited longest.</summary>
    public TimeSpan LongestUnanswered { get; init; }

    /// <summary>Requests, by name and method.</summary>
    public IReadOnlyList<LoadRow> Requests { get; init; } = [];

    /// <summary>All requests together; its name is <c>Aggregated</c>, its method empty.</summary>
    public LoadRow Total { get; init; } = LoadRow.Nothing;

    /// <summary>Jobs from acceptance to their end, one row for each task and all together last; empty where no request says that it answers jobs.</summary>
    public IReadOnlyList<LoadRow> Jobs { get; init; } = [];

    /// <summary>Requests that failed, by what was wrong; at most 200 kinds, the most frequent first.</summary>
    public IReadOnlyList<LoadFailure> Failures { get; init; } = [];

    /// <summary>Iterations that threw, by what was thrown; at most 100 kinds, the most frequent first.</summary>
    public IReadOnlyList<LoadFailure> Exceptions { get; init; } = [];

    /// <summary>Checks that were made, and those that held.</summary>
    public long Checks { get; init; }

    public long ChecksHeld { get; init; }

    public IReadOnlyList<ThresholdOutcome> Thresholds { get; init; } = [];

    /// <summary>How often each task was to run and did.</summary>
    public IReadOnlyList<LoadShare> Shares { get; init; } = [];

    public GeneratorHealth Health { get; init; } = new();

    /// <summary>One point a second since the start, warm-up included, oldest first; of runs longer than 3,600 s, of every second, third … second so that there are never more than 3,600.</summary>
    public IReadOnlyList<LoadPoint> History { get; init; } = [];

    /// <summary>Why the target's own side is not in the history though it was to be; else null.</summary>
    public string? TargetFault { get; init; }

    /// <summary>Why a run failed, or what ended it early; else null.</summary>
    public string? Fault { get; init; }
}

/// <summary>One row of figures: the requests of a name, or the jobs of a task. Times are zero where nothing was counted.</summary>
public sealed record LoadRow(string Method, string Name)
{
    /// <summary>The percentiles of a row, in this order.</summary>
    public static IReadOnlyList<double> Percents { get; } = [50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100];

    public static LoadRow Nothing { get; } = new("", "Aggregated");

    public long Count { get; init; }

    public long Failures { get; init; }

    /// <summary>Sent to answered: what the server took, as users met it.</summary>
    public LoadTimes Service { get; init; } = LoadTimes.Nothing;

    /// <summary>Planned start to answered: what somebody waited who came by the plan. Of jobs the same as <see cref="Service"/>.</summary>
    public LoadTimes Response { get; init; } = LoadTimes.Nothing;

    /// <summary>Mean size of the bodies of answers, in bytes.</summary>
    public double AverageSize { get; init; }

    /// <summary>A second, over the time that counts.</summary>
    public double PerSecond { get; init; }

    public double FailuresPerSecond { get; init; }

    /// <summary>A second, over the last ten seconds.</summary>
    public double CurrentPerSecond { get; init; }

    public double CurrentFailuresPerSecond { get; init; }
}

/// <summary>Times of a row.</summary>
/// <param name="Percentiles">As <see cref="LoadRow.Percents"/> says.</param>
public sealed record LoadTimes(TimeSpan Min, TimeSpan Mean, TimeSpan Max, IReadOnlyList<TimeSpan> Percentiles)
{
    public static LoadTimes Nothing { get; } = new(default, default, default, new TimeSpan[LoadRow.Percents.Count]);

    public TimeSpan Median => Percentiles[0];

    public TimeSpan P95 => Percentiles[5];

    public TimeSpan P99 => Percentiles[7];

    /// <summary>Times of a histogram as they stand.</summary>
    public static LoadTimes Of(LatencyHistogram histogram) =>
        new(histogram.Min, histogram.Mean, histogram.Max, histogram.Percentiles([50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100]));
}

/// <summary>Failures of one kind. Of exceptions the method is empty and the name the task's.</summary>
/// <param name="Error">What was wrong, such as <c>status 503</c> or <c>ConnectionRefused</c>; at most 500 characters.</param>
public sealed record LoadFailure(string Method, string Name, string Error, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>How often a task was to run and did.</summary>
/// <param name="Planned">Share of its user's iterations by the weights, 0 to 1, times the share of that kind of users.</param>
/// <param name="Actual">Share of all iterations that counted.</param>
public sealed record LoadShare(string User, string Task, double Planned, double Actual, long Iterations);

/// <summary>One second of a run, or a few of them.</summary>
/// <param name="At">Its end, since the start of the run.</param>
/// <param name="Busy">Users in the middle of an iteration at its end: requests under way, nearly.</param>
/// <param name="RequestsPerSecond">Answers, failed ones included.</param>
public sealed record LoadPoint(TimeSpan At, int Users, int Busy, double RequestsPerSecond, double FailuresPerSecond, double DroppedPerSecond)
{
    /// <summary>Service time of what was answered in this second; zero where nothing was.</summary>
    public TimeSpan ServiceMedian { get; init; }

    public TimeSpan ServiceP95 { get; init; }

    /// <summary>Planned start to answered.</summary>
    public TimeSpan ResponseMedian { get; init; }

    public TimeSpan ResponseP95 { get; init; }

    public TimeSpan ResponseP99 { get; init; }

    /// <summary>Jobs that ended, a second.</summary>
    public double JobsPerSecond { get; init; }

    /// <summary>Acceptance to end.</summary>
    public TimeSpan JobP95 { get; init; }

    /// <summary>Processor time of the generating process, in cores.</summary>
    public double Cpu { get; init; }

    /// <summary>Median lateness of the generator's timers.</summary>
    public TimeSpan TimerLateness { get; init; }

    /// <summary>The target's queues; null where nobody looked, and where it did not answer in time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TargetQueues? Target { get; init; }
}

/// <summary>How the generating process fares: where it is the bottleneck, the figures are its own and not the server's.</summary>
public sealed record GeneratorHealth
{
    /// <summary>Processor time over the last ten seconds, in cores.</summary>
    public double Cpu { get; init; }

    /// <summary>Cores there are.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>How late the generator's timers ring: the 95th percentile and the worst.</summary>
    public TimeSpan TimerLatenessP95 { get; init; }

    public TimeSpan TimerLatenessMax { get; init; }

    /// <summary>Share of the time in which the garbage collector paused the process, 0 to 1.</summary>
    public double GcPauses { get; init; }

    /// <summary>The longest pause of the garbage collector.</summary>
    public TimeSpan GcPauseMax { get; init; }

    /// <summary>Work items that waited for a thread of the pool when last looked at.</summary>
    public long ThreadPoolQueue { get; init; }

    /// <summary>Memory of the process in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The plan was not kept: dropped or late iterations exceed 1 % of the planned ones.</summary>
    public bool Saturated { get; init; }

    /// <summary>What to know before believing the figures, each a sentence with its values; empty when all is well.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
