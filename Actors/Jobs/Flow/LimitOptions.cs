using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Jobs;

/// <summary>Settings of one limit key, under <c>actorperf.limits.KEY</c>; they go before those of queues, in every namespace.</summary>
public sealed class LimitOptions
{
    /// <summary>Jobs with the key that run at once, over all queues of a namespace; 0 (the default) for no limit.</summary>
    [Range(0, QueueLimits.MaxConcurrency)]
    public int Concurrency { get; set; }

    public RateOptions Rate { get; set; } = new();

    internal KeyLimit ToLimit() => new(Concurrency, Rate.ToRate());
}

/// <summary>A rate: at most so many starts in any stretch of so long.</summary>
public sealed class RateOptions
{
    /// <summary>Starts; 0 (the default) for no rate.</summary>
    [Range(0, Jobs.Rate.MaxLimit)]
    public int Limit { get; set; }

    /// <summary>The stretch. Default 1 s; 10 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan Per { get; set; } = TimeSpan.FromSeconds(1);

    internal Rate ToRate() => Limit == 0 ? default : new Rate(Limit, Per);
}
