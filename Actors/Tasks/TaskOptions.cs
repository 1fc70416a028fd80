using System.ComponentModel.DataAnnotations;
using ActorPerf.Tasks.Commands;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tasks;

/// <summary>What <c>actorperf.tasks.NAME</c> says of one task; what is null stays as the task's class has it.</summary>
public sealed record TaskOptions
{
    public const int MostAttempts = 1000;

    internal static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);

    /// <summary>Timers take no more than 49 days.</summary>
    internal static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(30);

    private const int MostPaths = 100;
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(3650);
    private const int LongestPath = 256;

    /// <summary>The keys that are read of every task.</summary>
    public static IReadOnlyList<string> Keys { get; } =
        ["memoize", "timeout", "queue", "max-attempts", "summary", "retention", "when-lost", "retry", "secret-args", "search-args"];

    /// <summary>The keys of <c>memoize</c> where it is an object.</summary>
    public static IReadOnlyList<string> MemoizeKeys { get; } = 
    [
        "duration", "stale-while-revalidate", "stale-if-error", "eager", "tags", "resilient", "negative", "error-backoff", "error-throttle", "soft-timeout", "hard-timeout",
        "jitter", "store",
    ];

    /// <summary>The keys of <c>retention</c>.</summary>
    public static IReadOnlyList<string> RetentionKeys { get; } = ["succeeded", "failed", "cancelled", "expired"];

    /// <summary><c>memoize = 5m</c>, <c>memoize = on</c> (for <c>actorperf.cache.duration</c>), or an object; a duration of <c>0s</c> takes memoisation away. Durations to 3650 days, eager above 0 and below 1.</summary>
    public Memoization? Memoize { get; init; }

    /// <summary>Limit of one attempt. 1 ms to 30 days.</summary>
    public TimeSpan? Timeout { get; init; }

    public string? Queue { get; init; }

    /// <summary>1 to 1,000, the first attempt included.</summary>
    public int? MaxAttempts { get; init; }

    public string? Summary { get; init; }

    /// <summary>How long its finished jobs are kept, by state; what is left out is as their queue says, else the node. 1 minute to 3650 days.</summary>
    public RetentionPolicy? Retention { get; init; }

    public WhenLost? WhenLost { get; init; }

    public RetryPolicy? Retry { get; init; }

    /// <summary>JSON pointers below the arguments.</summary>
    public IReadOnlyList<string>? SecretArgs { get; init; }

    /// <summary>Dotted paths.</summary>
    public IReadOnlyList<string>? SearchArgs { get; init; }

    /// <summary>Makes the name a task of its own; null: it names a class.</summary>
    public CommandOptions? Command { get; init; }

    /// <summary>Reads all tasks' options.</summary>
    /// <param name="configuration">Its section <c>actorperf:tasks</c> is read. Of a root, faults say the file.</param>
    /// <exception cref="TaskSetupException">A key is unknown or a value out of range; the message begins with the setting's place and path.</exception>
    public static IReadOnlyDictionary<string, TaskOptions> ReadAll(IConfiguration configuration) =>
        configuration.GetSection("actorperf:tasks").GetChildren()
            .ToDictionary(task => task.Key, task => Read(task.Key, new TaskSettings(task, configuration)), StringComparer.Ordinal);

    private static TaskOptions Read(string name, TaskSettings task)
    {
        var isCommand = task.Names.Contains(CommandOptions.CommandKey, StringComparer.OrdinalIgnoreCase);
        if (!isCommand && CommandOptions.Keys.FirstOrDefault(key => task.Has(key)) is { } lonely)
            throw task.Fault(lonely, $"belongs to a task that runs a command; add {CommandOptions.CommandKey} = [\"program\", \"argument\"], or take it out");
        task.CheckKeys(isCommand ? [.. Keys, .. CommandOptions.Keys] : Keys);
        return new TaskOptions
        {
            Memoize = ReadMemoization(task.Below("memoize")),
            Timeout = task.Duration("timeout", ShortestTimeout, LongestTimeout),
            Queue = task["queue"] is not { } queue || TaskNames.IsValid(queue) ? task["queue"] : throw task.Fault("queue", $"must be {TaskNames.Rule}"),
            MaxAttempts = task.Whole("max-attempts", 1, MostAttempts),
            Summary = task["summary"],
            Retention = ReadRetention(task.Below("retention")),
            WhenLost = ReadWhenLost(task),
            Retry = RetrySettings.Read(task.Below("retry")),
            SecretArgs = task.List("secret-args", MostPaths, IsPointer, $"must be a list of at most {MostPaths} JSON pointers below the arguments, such as /password"),
            SearchArgs = task.List("search-args", MostPaths, IsPath, $"must be a list of at most {MostPaths} dotted paths, such as customer.id"),
            Command = isCommand ? CommandOptions.Read(name, task) : null,
        };
    }

    internal static bool IsPointer(string text) => text.Length is > 1 and <= LongestPath && text[0] == '/';

    internal static bool IsPath(string text) => text.Length is > 0 and <= LongestPath && text.Split('.').All(part => part.Length > 0) && text[0] != '/';

    private static WhenLost? ReadWhenLost(TaskSettings task) => task["when-lost"] switch
    {
        null => null,
        "retry" => Tasks.WhenLost.Retry,
        "fail" => Tasks.WhenLost.Fail,
        _ => throw task.Fault("when-lost", "must be retry (run again, at least once) or fail (at most once)"),
    };

    private static Memoization? ReadMemoization(TaskSettings memoize)
    {
        if (memoize.Value == Memoization.On) return Memoization.AsNode;
        if (memoize.Value is { Length: > 0 }) return new Memoization(Life(memoize, ""));
        if (!memoize.Exists) return null;
        memoize.CheckKeys(MemoizeKeys);
        if (memoize["duration"] is null) throw memoize.Fault("duration", "is required");
        var eager = memoize.Number("eager", double.Epsilon, Math.BitDecrement(1), "must be a share above 0 and below 1");
        var tags = memoize.List("tags", 16, tag => tag.Length is >= 1 and <= 256, "must be at most 16 tags of 1 to 256 characters");
        var life = memoize["duration"] == Memoization.On ? Memoization.AsNode.Duration : Life(memoize, "duration");
        var read = new Memoization(life, Life(memoize, "stale-while-revalidate"), Life(memoize, "stale-if-error"), eager, tags is { Count: > 0 } ? tags : null)
        {
            Negative = memoize.Duration("negative", TimeSpan.Zero, LongestLife),
            ErrorBackoff = memoize.Duration("error-backoff", TimeSpan.Zero, TimeSpan.FromHours(1)) ?? Memoization.DefaultErrorBackoff,
            ErrorThrottle = memoize.Duration("error-throttle", TimeSpan.Zero, TimeSpan.FromHours(24)) ?? Memoization.DefaultErrorThrottle,
            SoftTimeout = memoize.Duration("soft-timeout", TimeSpan.Zero, TimeSpan.FromHours(1)),
            HardTimeout = memoize.Duration("hard-timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            Jitter = memoize.Number("jitter", 0, 1, "must be a share from 0 to 1"),
            Store = memoize.Flag("store"),
        };
        return memoize.Flag("resilient") == true ? read.ResilientLater() : read;
    }

    private static RetentionPolicy? ReadRetention(TaskSettings retention)
    {
        if (!retention.Exists) return null;
        if (retention.Value is { Length: > 0 }) throw retention.Fault("", $"must be an object of {string.Join(", ", RetentionKeys)}");
        retention.CheckKeys(RetentionKeys);
        return new RetentionPolicy { Succeeded = Kept("succeeded"), Failed = Kept("failed"), Cancelled = Kept("cancelled"), Expired = Kept("expired") };

        TimeSpan? Kept(string state) => retention.Duration(state, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
    }

    private static TimeSpan Life(TaskSettings memoize, string key) => memoize.Duration(key, TimeSpan.Zero, LongestLife) ?? default;
}

/// <summary>How long finished jobs of a task or a queue are kept; what is null is left to the next in line: task, queue, node.</summary>
public sealed class RetentionPolicy
{
    public const string Least = "00:01:00";
    public const string Most = "3650.00:00:00";

    /// <summary>Succeeded jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Succeeded { get; set; }

    /// <summary>Failed jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Failed { get; set; }

    /// <summary>Cancelled jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Cancelled { get; set; }

    /// <summary>Expired jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Expired { get; set; }
}
