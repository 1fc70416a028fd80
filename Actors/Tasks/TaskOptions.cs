using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tasks;

/// <summary>What <c>actorperf.tasks.NAME</c> says of one task; what is null stays as the task's class has it.</summary>
public sealed record TaskOptions
{
    public const int MostAttempts = 1000;

    /// <summary>The keys that are read.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["memoize", "timeout", "queue", "max-attempts", "summary", "retention"];

    /// <summary>The keys of <c>memoize</c> where it is an object.</summary>
    public static IReadOnlyList<string> MemoizeKeys { get; } = ["duration", "stale-while-revalidate", "stale-if-error", "eager", "tags"];

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

    /// <summary>Reads all tasks' options.</summary>
    /// <param name="tasks">The section <c>actorperf:tasks</c>.</param>
    /// <exception cref="TaskSetupException">A key is unknown or a value out of range; the message begins with the setting's path.</exception>
    public static IReadOnlyDictionary<string, TaskOptions> ReadAll(IConfiguration tasks) =>
        tasks.GetChildren().ToDictionary(task => task.Key, Read, StringComparer.Ordinal);

    private static TaskOptions Read(IConfigurationSection task)
    {
        CheckKeys(task, Keys);
        return new TaskOptions
        {
            Memoize = ReadMemoization(task.GetSection("memoize")),
            Timeout = Duration(task, "timeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30)),
            Queue = task["queue"] is not { } queue || TaskNames.IsValid(queue) ? task["queue"] : throw Fault(task, "queue", $"must be {TaskNames.Rule}"),
            MaxAttempts = Attempts(task),
            Summary = task["summary"],
            Retention = ReadRetention(task.GetSection("retention")),
        };
    }

    private static Memoization? ReadMemoization(IConfigurationSection memoize)
    {
        if (memoize.Value == Memoization.On) return Memoization.AsNode;
        if (memoize.Value is { Length: > 0 }) return new Memoization(Life(memoize, ""));
        if (!memoize.Exists()) return null;
        CheckKeys(memoize, MemoizeKeys);
        if (memoize["duration"] is null) throw Fault(memoize, "duration", "is required");
        return new Memoization(
            Life(memoize, "duration"), Life(memoize, "stale-while-revalidate"), Life(memoize, "stale-if-error"), Eager(memoize), Tags(memoize.GetSection("tags")));
    }

    private static RetentionPolicy? ReadRetention(IConfigurationSection retention)
    {
        if (!retention.Exists()) return null;
        if (retention.Value is { Length: > 0 }) throw Fault(retention, "", $"must be an object of {string.Join(", ", RetentionKeys)}");
        CheckKeys(retention, RetentionKeys);
        return new RetentionPolicy { Succeeded = Kept("succeeded"), Failed = Kept("failed"), Cancelled = Kept("cancelled"), Expired = Kept("expired") };

        TimeSpan? Kept(string state) => Duration(retention, state, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
    }

    private static TimeSpan Life(IConfigurationSection section, string key) => Duration(section, key, TimeSpan.Zero, TimeSpan.FromDays(3650)) ?? default;

    private static double? Eager(IConfigurationSection memoize)
    {
        if (memoize["eager"] is not { } text) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1
            ? share
            : throw Fault(memoize, "eager", "must be a share above 0 and below 1");
    }

    private static string[]? Tags(IConfigurationSection tags)
    {
        var values = tags.GetChildren().Select(tag => tag.Value ?? "").ToArray();
        if (values.Length > 16 || values.Any(tag => tag.Length is 0 or > 256)) throw Fault(tags, "", "must be at most 16 tags of 1 to 256 characters");
        return values.Length == 0 ? null : values;
    }

    private static int? Attempts(IConfigurationSection task)
    {
        if (task["max-attempts"] is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) && attempts is >= 1 and <= MostAttempts
            ? attempts
            : throw Fault(task, "max-attempts", $"must be a whole number from 1 to {MostAttempts}");
    }

    private static TimeSpan? Duration(IConfigurationSection section, string key, TimeSpan least, TimeSpan most)
    {
        var text = key.Length == 0 ? section.Value : section[key];
        if (text is null) return null;
        return Durations.TryParse(text.Replace(" ", "", StringComparison.Ordinal), out var duration) && duration >= least && duration <= most
            ? duration
            : throw Fault(section, key, $"must be a duration from {Durations.Format(least)} to {Durations.Format(most)}, such as 30s or 1h30m");
    }

    private static void CheckKeys(IConfigurationSection section, IReadOnlyList<string> known)
    {
        foreach (var child in section.GetChildren())
        {
            if (known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) continue;
            var nearest = TaskNames.Nearest(child.Key, known);
            throw new TaskSetupException($"{Path(child)} is unknown{(nearest is null ? "" : $"; did you mean '{nearest}'?")} Known: {string.Join(", ", known)}.");
        }
    }

    private static TaskSetupException Fault(IConfigurationSection section, string key, string rule)
    {
        var setting = key.Length == 0 ? section : section.GetSection(key);
        return new($"{Path(setting)} = '{setting.Value}' {rule}.");
    }

    private static string Path(IConfigurationSection section) => section.Path.Replace(':', '.');
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
