using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Load.Plans;

/// <summary>A plan as it is written down, member by member, in texts: on a command line, in a form, in JSON. One set of rules reads all three.</summary>
/// <remarks>Members are those of the wire: <see cref="Members"/>. A text that was not given is null and takes its default.</remarks>
public sealed class LoadDraft
{
    private readonly Dictionary<string, List<string>> _texts = new(StringComparer.Ordinal);

    /// <summary>Every member that a draft has, with where it stands in JSON and what it is.</summary>
    public static IReadOnlyList<LoadMember> Members { get; } =
    [
        new("scenario", "/scenario", LoadMemberKind.Text), new("host", "/host", LoadMemberKind.Text), new("label", "/label", LoadMemberKind.Text), new("key", "/key", LoadMemberKind.Text),
        new("runTime", "/runTime", LoadMemberKind.Duration), new("warmUp", "/warmUp", LoadMemberKind.Duration), new("stopTimeout", "/stopTimeout", LoadMemberKind.Duration),
        new("requestTimeout", "/requestTimeout", LoadMemberKind.Duration), new("seed", "/seed", LoadMemberKind.Whole), new("maxRequests", "/maxRequests", LoadMemberKind.Whole),
        new("tags", "/tags", LoadMemberKind.Texts), new("excludeTags", "/excludeTags", LoadMemberKind.Texts), new("equalWeights", "/equalWeights", LoadMemberKind.Flag),
        new("watchTarget", "/watchTarget", LoadMemberKind.Flag),
        new("thresholds", "/thresholds", LoadMemberKind.Thresholds), new("variables", "/variables", LoadMemberKind.Pairs),
        new("users", "/model/users", LoadMemberKind.Whole), new("spawnRate", "/model/spawnRate", LoadMemberKind.Number), new("stages", "/model/stages", LoadMemberKind.Stages),
        new("iterations", "/model/iterations", LoadMemberKind.Whole), new("iterationsPerUser", "/model/iterationsPerUser", LoadMemberKind.Whole),
        new("rate", "/model/rate", LoadMemberKind.Number), new("timeUnit", "/model/timeUnit", LoadMemberKind.Duration),
        new("preAllocatedUsers", "/model/preAllocatedUsers", LoadMemberKind.Whole), new("maxUsers", "/model/maxUsers", LoadMemberKind.Whole), new("backlog", "/model/backlog", LoadMemberKind.Whole),
    ];

    /// <summary>Gives a member a text, or one more where it takes several. An empty text is as none; spaces around it are, but for a variable's value.</summary>
    /// <param name="member">A name of <see cref="Members"/>.</param>
    public LoadDraft Add(string member, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return this;
        if (!_texts.TryGetValue(member, out var texts)) _texts[member] = texts = [];
        texts.Add(Members.Any(one => one.Name == member && one.Kind == LoadMemberKind.Pairs) ? text : text.Trim());
        return this;
    }

    public LoadDraft AddAll(string member, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        foreach (var text in texts) Add(member, text);
        return this;
    }

    public bool Has(string member) => _texts.ContainsKey(member);

    /// <summary>The plan that the texts mean.</summary>
    /// <param name="faults">What is wrong with them, by pointers into the JSON of a plan; empty when there is a plan. Bounds are <see cref="LoadPlanCheck"/>'s to say.</param>
    public LoadPlan? ToPlan(out IReadOnlyList<FieldFault> faults)
    {
        var reading = Reading();
        var plan = Read(reading);
        faults = reading.Faults;
        return faults.Count == 0 ? plan : null;
    }

    internal LoadReading Reading() => new(_texts);

    private static LoadPlan Read(LoadReading reading)
    {
        var stages = reading.Stages("stages");
        var open = reading.Has("rate");
        return new LoadPlan
        {
            Scenario = reading.Required("scenario", "Name a scenario."),
            Host = reading.Host("host"),
            Model = open ? ReadOpen(reading, stages) : ReadClosed(reading, stages),
            RunTime = reading.Duration("runTime") ?? (stages.Count > 0 ? Sum(stages) : TimeSpan.FromMinutes(1)),
            WarmUp = reading.Duration("warmUp") ?? TimeSpan.Zero,
            Seed = (int?)reading.Whole("seed", int.MinValue, int.MaxValue),
            MaxRequests = reading.Whole("maxRequests", long.MinValue, long.MaxValue),
            Tags = reading.Texts("tags"),
            ExcludeTags = reading.Texts("excludeTags"),
            EqualWeights = reading.Text("equalWeights") == "true",
            WatchTarget = reading.Text("watchTarget") == "true",
            Thresholds = reading.Thresholds("thresholds"),
            StopTimeout = reading.Duration("stopTimeout") ?? TimeSpan.FromSeconds(5),
            RequestTimeout = reading.Duration("requestTimeout") ?? TimeSpan.FromSeconds(60),
            Key = reading.Text("key"),
            Variables = reading.Pairs("variables"),
            Label = reading.Text("label") ?? "",
        };
    }

    private static LoadModel.Closed ReadClosed(LoadReading reading, IReadOnlyList<LoadStage> stages)
    {
        reading.Refuse("An arrival rate has it: give a rate too, or leave it out.", "timeUnit", "preAllocatedUsers", "maxUsers", "backlog");
        return new LoadModel.Closed(reading.Count("users") ?? (stages.Count > 0 ? 0 : 1), reading.Number("spawnRate") ?? 1)
        {
            Stages = stages,
            Iterations = reading.Whole("iterations", long.MinValue, long.MaxValue),
            IterationsPerUser = reading.Whole("iterationsPerUser", long.MinValue, long.MaxValue),
        };
    }

    private static LoadModel.Open ReadOpen(LoadReading reading, IReadOnlyList<LoadStage> stages)
    {
        reading.Refuse("With an arrival rate users come as iterations need them: leave it out, or the rate.", "users", "spawnRate", "iterations", "iterationsPerUser");
        var model = new LoadModel.Open(reading.Number("rate") ?? 0) { Stages = stages };
        return model with
        {
            TimeUnit = reading.Duration("timeUnit") ?? model.TimeUnit,
            PreAllocatedUsers = reading.Count("preAllocatedUsers") ?? model.PreAllocatedUsers,
            MaxUsers = reading.Count("maxUsers") ?? model.MaxUsers,
            Backlog = reading.Count("backlog") ?? model.Backlog,
        };
    }

    private static TimeSpan Sum(IReadOnlyList<LoadStage> stages) => TimeSpan.FromTicks(stages.Sum(static stage => Math.Min(stage.Duration.Ticks, TimeSpan.TicksPerDay * 3_650)));
}

/// <summary>One member of a draft.</summary>
/// <param name="Pointer">Where it stands in the JSON of a plan.</param>
public sealed record LoadMember(string Name, string Pointer, LoadMemberKind Kind);

/// <summary>What a member's texts are.</summary>
public enum LoadMemberKind
{
    Text,
    Whole,
    Number,

    /// <summary>As <see cref="Durations"/> reads it.</summary>
    Duration,

    /// <summary><c>true</c> or nothing.</summary>
    Flag,
    Texts,

    /// <summary><c>30s:100</c>: a target and how long it takes to get there.</summary>
    Stages,

    /// <summary>As <see cref="LoadThreshold.Parse"/> reads it; with <c>abort</c> behind it, or <c>abort after 10s</c>, it ends the run.</summary>
    Thresholds,

    /// <summary><c>name=value</c>.</summary>
    Pairs,
}
