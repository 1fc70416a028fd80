using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Caching;

/// <summary>Knobs of the caching actor.</summary>
public sealed record CacheOptions
{
    /// <summary>Entries kept at most, over all namespaces. Default 100,000; 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>Bytes of keys and values kept at most. Default 256 MiB; 64 KiB to 1 TiB.</summary>
    [ByteSize, Range(64L * 1024, 1L << 40)]
    public long MaxBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>A larger entry is answered and not kept. Default 1 MiB; 1 KiB to 1 GiB; never more than a shard's share of <see cref="MaxBytes"/>.</summary>
    [ByteSize, Range(1024, 1 << 30)]
    public int MaxEntryBytes { get; init; } = 1024 * 1024;

    /// <summary>Life of an entry whose task is memoised without saying how long. Default 5 min; 1 ms to 3650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "3650.00:00:00")]
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Callers and jobs that wait for flights at most, per shard. Default 100,000; 1 to 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxWaiters { get; init; } = 100_000;

    /// <summary>Namespaces whose books are kept; beyond, an empty one is forgotten with its entries and counters. Default 10,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxNamespaces { get; init; } = 10_000;

    /// <summary>Shards, each with an actor of its own. Default: the number of processors; 1 to 256.</summary>
    [Range(1, 256)]
    public int Shards { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>How long a cancelled computation may go on before its routee is given up. Default 30 s; 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AbandonAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a job's value waits for its job's commit before it is dropped. Default 1 min; 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SettleWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Share of its duration by which an entry's life is shortened at random, so that what came together does not end together. Default 0.1; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double Jitter { get; init; } = 0.1;

    /// <summary>Calls that are computed in the background when the node starts, one at a time and only while nobody else waits for their pool. Default: none.</summary>
    public IList<WarmOptions> Warm { get; init; } = [];

    /// <summary>Results kept in the node's database too, so that they survive a restart.</summary>
    public SecondLevelOptions SecondLevel { get; init; } = new();
}

/// <summary>Knobs of the cache's second level.</summary>
public sealed record SecondLevelOptions
{
    /// <summary>Whether there is one. Default off.</summary>
    public bool Enabled { get; init; }

    /// <summary>A result that cost less is kept in memory alone, for reading it back would save little. Default 100 ms; 0 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Threshold { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Results kept there at most; beyond, those whose time is over first go first. Default 100,000; 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxEntries { get; init; } = 100_000;
}

/// <summary>A call that is computed when the node starts.</summary>
public sealed class WarmOptions
{
    /// <summary>The task.</summary>
    public string Task { get; set; } = "";

    /// <summary>Its arguments, as a JSON text. Default: an empty object.</summary>
    public string Args { get; set; } = "{}";

    /// <summary>Whose call. Default <c>default</c>.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Computed again so long after each time; not set: only at the start. 1 s to 3650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? Every { get; set; }

    /// <summary>Computed again at these times, in the five fields of cron (a sixth in front is seconds), instead of <c>every</c>. Not set: no such times.</summary>
    public string? Cron { get; set; }

    /// <summary>Zone in which <c>cron</c> is read, such as <c>Europe/Berlin</c>. Default <c>UTC</c>.</summary>
    public string TimeZone { get; set; } = "UTC";
}
