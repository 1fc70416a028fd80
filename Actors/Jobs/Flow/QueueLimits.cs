using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>At most so many starts in any stretch of so long.</summary>
/// <param name="Limit">Starts; 0 for no rate.</param>
/// <param name="Per">The stretch; 10 ms to 1 day.</param>
public readonly record struct Rate(int Limit, TimeSpan Per)
{
    public const int MaxLimit = 1_000_000;
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public bool IsNone => Limit <= 0;

    /// <summary>As people say it: <c>10 per 1 s</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Limit} per {Per.TotalSeconds:0.###} s");
}

/// <summary>What holds the jobs of a queue back, over all nodes. 0 and an empty rate mean no limit.</summary>
public sealed record QueueLimits
{
    public const int MaxConcurrency = 1_000_000;

    public static QueueLimits None { get; } = new();

    public bool Paused { get; init; }

    /// <summary>Jobs of the queue that run at once.</summary>
    public int Concurrency { get; init; }

    /// <summary>Starts of jobs of the queue.</summary>
    public Rate Rate { get; init; }

    /// <summary>Jobs with the same limit key that run at once, counted over all queues of their namespace; a named limit goes before it.</summary>
    public int KeyConcurrency { get; init; }

    /// <summary>Starts of jobs with the same limit key; a named limit goes before it.</summary>
    public Rate KeyRate { get; init; }

    public bool IsNone => !Paused && Concurrency == 0 && Rate.IsNone && KeyConcurrency == 0 && KeyRate.IsNone;
}

/// <summary>What holds back the jobs of one limit key. 0 and an empty rate mean no limit.</summary>
public readonly record struct KeyLimit(int Concurrency, Rate Rate)
{
    public bool IsNone => Concurrency == 0 && Rate.IsNone;
}

/// <summary>What was set for a queue at run time and stored; a member that is null leaves the configuration's word.</summary>
public sealed record QueueOverrides
{
    public static QueueOverrides None { get; } = new();

    public bool? Paused { get; init; }
    public int? Concurrency { get; init; }
    public Rate? Rate { get; init; }
    public int? KeyConcurrency { get; init; }
    public Rate? KeyRate { get; init; }

    public bool IsNone => this == None;

    /// <summary>What holds: these, and the configuration's where they say nothing.</summary>
    public QueueLimits Over(QueueLimits configured) => new()
    {
        Paused = Paused ?? configured.Paused,
        Concurrency = Concurrency ?? configured.Concurrency,
        Rate = Rate ?? configured.Rate,
        KeyConcurrency = KeyConcurrency ?? configured.KeyConcurrency,
        KeyRate = KeyRate ?? configured.KeyRate,
    };
}

/// <summary>One member of a change: <see cref="Value"/> is set, or, when it is null, what was set is taken back.</summary>
public readonly record struct Setting<T>(T? Value)
    where T : struct;

/// <summary>A change of a queue's stored settings; what is null stays as it is.</summary>
public sealed record QueueChange
{
    public Setting<bool>? Paused { get; init; }
    public Setting<int>? Concurrency { get; init; }
    public Setting<Rate>? Rate { get; init; }
    public Setting<int>? KeyConcurrency { get; init; }
    public Setting<Rate>? KeyRate { get; init; }

    public QueueOverrides Apply(QueueOverrides before) => new()
    {
        Paused = Paused is { } paused ? paused.Value : before.Paused,
        Concurrency = Concurrency is { } concurrency ? concurrency.Value : before.Concurrency,
        Rate = Rate is { } rate ? rate.Value : before.Rate,
        KeyConcurrency = KeyConcurrency is { } ofKey ? ofKey.Value : before.KeyConcurrency,
        KeyRate = KeyRate is { } rateOfKey ? rateOfKey.Value : before.KeyRate,
    };

    /// <summary>Null when every value is within its bounds.</summary>
    public Refusal? Check()
    {
        var faults = new List<FieldFault>();
        CheckCount(faults, "/concurrency", Concurrency);
        CheckCount(faults, "/keyConcurrency", KeyConcurrency);
        CheckRate(faults, "/rate", Rate);
        CheckRate(faults, "/keyRate", KeyRate);
        return faults.Count == 0 ? null : Refusal.Invalid("invalid-request", "The settings cannot be used.", faults);
    }

    private static void CheckCount(List<FieldFault> faults, string pointer, Setting<int>? setting)
    {
        if (setting?.Value is { } count && count is < 0 or > QueueLimits.MaxConcurrency)
            faults.Add(new(pointer, $"{setting?.Value} is outside 0 to {QueueLimits.MaxConcurrency}; 0 is no limit."));
    }

    private static void CheckRate(List<FieldFault> faults, string pointer, Setting<Rate>? setting)
    {
        if (setting?.Value is not { } rate) return;
        if (rate.Limit is < 0 or > Jobs.Rate.MaxLimit) faults.Add(new(pointer + "/limit", $"{rate.Limit} is outside 0 to {Jobs.Rate.MaxLimit}; 0 is no limit."));
        if (!rate.IsNone && (rate.Per < Jobs.Rate.Shortest || rate.Per > Jobs.Rate.Longest))
            faults.Add(new(pointer + "/per", $"{rate.Per.TotalSeconds:0.###} s is outside 10 ms to 1 day."));
    }
}

/// <summary>What the configuration of the claiming node says; what is stored goes before it.</summary>
/// <param name="Keys">Limits of named keys, of every namespace.</param>
public sealed record ClaimLimits(QueueLimits Queue, IReadOnlyDictionary<string, KeyLimit> Keys);
