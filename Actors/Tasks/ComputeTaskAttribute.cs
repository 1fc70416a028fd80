namespace ActorPerf.Tasks;

/// <summary>Names a task and says how it is run. Configuration under <c>actorperf.tasks.NAME</c> wins over what stands here.</summary>
/// <param name="name">1 to 64 of <c>a-z 0-9 . _ -</c>; unique in a node.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ComputeTaskAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>One sentence for people; shown in the console and in <c>GET /tasks</c>.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Raise it when the same arguments give another result than before; part of the cache key.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The queue whose pool runs it.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>How long a result is remembered, such as <c>"5m"</c>; <c>"on"</c>: for <c>actorperf.cache.duration</c>; empty: computed each time.</summary>
    public string Memoize { get; init; } = "";

    /// <summary>After its life a result is answered stale for so long while one refresh runs, such as <c>"1h"</c>; empty: not at all. With <see cref="Memoize"/> only, as are those below.</summary>
    public string StaleWhileRevalidate { get; init; } = "";

    /// <summary>After its life a result is answered stale for so long where the computation fails or is late; empty: not at all.</summary>
    public string StaleIfError { get; init; } = "";

    /// <summary>Share of the life after which a call starts a refresh in the background, above 0 and below 1; 0: 0.9 with <see cref="StaleWhileRevalidate"/>, else none.</summary>
    public double Eager { get; init; }

    /// <summary>Stale answers for ten times the life: at most an hour while a refresh runs, at most a day where it fails.</summary>
    public bool Resilient { get; init; }

    /// <summary>Life of a result <c>null</c>, such as <c>"10s"</c>; <c>"0s"</c> keeps none; empty: as <see cref="Memoize"/>, at most 10 s.</summary>
    public string Negative { get; init; } = "";

    /// <summary>A caller for whom there is a stale result waits so long for a new one; empty: to its end.</summary>
    public string SoftTimeout { get; init; } = "";

    /// <summary>No caller of <c>/compute</c> waits longer; the computation goes on. Empty: as long as the caller's patience.</summary>
    public string HardTimeout { get; init; } = "";

    /// <summary>After a failure the next try waits so long, twice as long after the next one, and so on, such as <c>"1s"</c>; <c>"0s"</c>: not at all; empty: 1 s.</summary>
    public string ErrorBackoff { get; init; } = "";

    /// <summary>The longest wait between tries; empty: 30 s.</summary>
    public string ErrorThrottle { get; init; } = "";

    /// <summary>Share of the life by which an entry's is shortened at random, 0 to 1; not a number: <c>actorperf.cache.jitter</c>.</summary>
    public double Jitter { get; init; } = double.NaN;

    /// <summary>Results also go to the second level, whatever they cost; otherwise those above its threshold.</summary>
    public bool Store { get; init; }

    /// <summary>Forgotten together: all results of a tag are invalidated at once.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>How long an attempt may take, such as <c>"30s"</c>, 1 ms to 30 days; empty: no limit.</summary>
    public string Timeout { get; init; } = "";

    /// <summary>Attempts of a job before it fails, the first included; 0: the node's setting.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>Media type of the result. Other than JSON the task returns a string, or a <c>byte[]</c> for bytes: <see cref="ResultMedia.Of"/> says which.</summary>
    public string ResultType { get; init; } = TaskDescriptor.JsonType;

    /// <summary>Only the node itself submits it: to everybody else it is unknown, and no list names it.</summary>
    public bool Internal { get; init; }

    /// <summary>What happens to an attempt whose node died.</summary>
    public WhenLost WhenLost { get; init; } = WhenLost.Retry;

    /// <summary>Error types after which another attempt would not help, such as <c>"FormatException"</c>; compared exactly.</summary>
    public string[] NonRetryable { get; init; } = [];

    /// <summary>Members of the arguments whose values nobody is shown, as JSON pointers (<c>"/password"</c>).</summary>
    public string[] SecretArgs { get; init; } = [];

    /// <summary>Members of the arguments by which jobs are found quickly, as dotted paths (<c>"customer.id"</c>).</summary>
    public string[] SearchArgs { get; init; } = [];
}

/// <summary>What happens to an attempt whose node died: run it again (at least once), or fail the job (at most once).</summary>
public enum WhenLost
{
    Retry,
    Fail,
}

/// <summary>Marks a member of the arguments that does not change the result: it is no part of the cache key.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CacheIgnoreAttribute : Attribute;
