using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>What to run, against what, how much of it and how long. Immutable; <see cref="LoadPlanCheck"/> holds its bounds.</summary>
public sealed record LoadPlan
{
    /// <summary>Longest text of <see cref="Label"/>.</summary>
    public const int MaxLabelLength = 200;

    /// <summary>The name of a scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>The target, such as <c>http://127.0.0.1:8080</c>; a path in it stands before those of requests. Loopback, or named in <c>actorperf.load.allow-hosts</c>.</summary>
    public required Uri Host { get; init; }

    public LoadModel Model { get; init; } = new LoadModel.Closed(1, 1);

    /// <summary>How long, warm-up included; stages and counts may end the run earlier. Default a minute; up to <see cref="LoadOptions.MaxRunTime"/>.</summary>
    public TimeSpan RunTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What is measured in the first part of the run does not count. Default none; less than <see cref="RunTime"/>.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>Decides every choice that users make; the same seed makes the same choices. Null: one is chosen, and the progress says which.</summary>
    public int? Seed { get; init; }

    /// <summary>No further request is sent after so many. Null: as many as <see cref="LoadOptions.MaxRequests"/>.</summary>
    public long? MaxRequests { get; init; }

    /// <summary>Only tasks with one of these tags; empty: all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>No task with one of these tags.</summary>
    public IReadOnlyList<string> ExcludeTags { get; init; } = [];

    /// <summary>All tasks of a user are equally likely, and all kinds of users.</summary>
    public bool EqualWeights { get; init; }

    /// <summary>What must hold at the end, or already before it.</summary>
    public IReadOnlyList<LoadThreshold> Thresholds { get; init; } = [];

    /// <summary>How long users may go on with what they do when the run ends. Default 5 s; up to 5 min.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request may take; longer is a failure. Default 60 s; 1 ms to 1 h.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Sent as <c>Authorization: Bearer</c> with every request. Never in a progress, a result or a log line.</summary>
    public string? Key { get; init; }

    /// <summary>Variables of the templates, before those of the scenario (<c>{{task}}</c>).</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The target is an ActorPerf node, or one behind this address: its queues and compute actors stand in the history. Of the scenarios that ship, always.</summary>
    public bool WatchTarget { get; init; }

    /// <summary>What people call the run; may be empty.</summary>
    public string Label { get; init; } = "";
}

/// <summary>What decides when the next iteration starts: the answer to the last one (closed), or a plan (open).</summary>
public abstract record LoadModel
{
    private LoadModel()
    {
    }

    /// <summary>So many users, each waiting for its answers: a slow server slows them, and the tail of latencies is not corrected for it.</summary>
    /// <param name="Users">How many, 1 to <see cref="LoadOptions.MaxUsers"/>; with stages, how many at the start (may be 0).</param>
    /// <param name="SpawnRate">Users that come, or go, a second; above 0.</param>
    public sealed record Closed(int Users, double SpawnRate) : LoadModel
    {
        /// <summary>Where the number of users goes, one after another, in a straight line each. Empty: as <see cref="Users"/> and <see cref="SpawnRate"/> say.
        /// The run ends with the last one.</summary>
        public IReadOnlyList<LoadStage> Stages { get; init; } = [];

        /// <summary>Iterations that all users together make; null: no such bound.</summary>
        public long? Iterations { get; init; }

        /// <summary>Iterations that each user makes; null: no such bound.</summary>
        public long? IterationsPerUser { get; init; }
    }

    /// <summary>Iterations start by a plan, whether earlier ones were answered or not: latency counts from the planned start.</summary>
    /// <param name="Rate">Iterations a <see cref="TimeUnit"/>, at the start; above 0, or 0 with stages.</param>
    public sealed record Open(double Rate) : LoadModel
    {
        /// <summary>Default a second.</summary>
        public TimeSpan TimeUnit { get; init; } = TimeSpan.FromSeconds(1);

        /// <summary>Where the rate goes, one after another, in a straight line each. Empty: it stays. The run ends with the last one.</summary>
        public IReadOnlyList<LoadStage> Stages { get; init; } = [];

        /// <summary>Users made before the run starts. Default 0: as the first iterations need them.</summary>
        public int PreAllocatedUsers { get; init; }

        /// <summary>Never more users. Default 1,000; 1 to <see cref="LoadOptions.MaxUsers"/>.</summary>
        public int MaxUsers { get; init; } = 1_000;

        /// <summary>Iterations whose time has come and that wait for a free user when there are <see cref="MaxUsers"/> already: they start late, which their latency shows.
        /// Beyond, iterations are dropped and counted. Default 10,000; 0 drops at once; up to 1,000,000.</summary>
        public int Backlog { get; init; } = 10_000;
    }
}

/// <summary>A part of a plan: over so long a time the number of users, or the rate, goes to a target.</summary>
/// <param name="Duration">Zero: at once.</param>
public readonly record struct LoadStage(TimeSpan Duration, double Target)
{
    /// <summary>Reads <c>30s:100</c>.</summary>
    public static bool TryParse(string? text, out LoadStage stage)
    {
        stage = default;
        var at = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (text is null || at <= 0 || !Durations.TryParse(text.AsSpan(0, at).Trim(), out var duration)) return false;
        if (!double.TryParse(text.AsSpan(at + 1).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var target) || !double.IsFinite(target)) return false;
        stage = new LoadStage(duration, target);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Durations.Format(Duration)}:{Target:0.###}");
}
