using System.ComponentModel.DataAnnotations;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Settings under <c>actorperf.jobs</c>.</summary>
public sealed class JobOptions
{
    /// <summary>Attempts of a job that says nothing itself, the first included. Default 5; 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How long a node that stops or leaves waits for the attempts under way; what outlives it goes back to its queue. Default 30 s; 0 to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public RetentionOptions Retention { get; set; } = new();
}

/// <summary>How long finished work is kept, under <c>actorperf.jobs.retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Succeeded jobs, after their end. Default 7 d; 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Succeeded { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Failed jobs, after their end. Default 30 d; 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Failed { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Cancelled jobs, after their end. Default 30 d; 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Cancelled { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Expired jobs, after their end. Default 30 d; 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Expired { get; set; } = TimeSpan.FromDays(30);

    /// <summary>History rows. Default 30 d; 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan History { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Settings of one queue, under <c>actorperf.queues.NAME</c>.</summary>
public sealed class QueueOptions
{
    /// <summary>Jobs that may wait; more are refused as <c>queue-full</c>. Default 1,000,000; 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public long MaxWaiting { get; set; } = 1_000_000;

    /// <summary>Jobs of the queue that may run at once, over all nodes; 0 (the default) for as many as the pools have routees.</summary>
    [Range(0, QueueLimits.MaxConcurrency)]
    public int Concurrency { get; set; }

    /// <summary>How long its finished jobs are kept; a task's own goes before it, and what is left out is as <c>actorperf.jobs.retention</c> says.</summary>
    public RetentionPolicy Retention { get; set; } = new();

    /// <summary>Jobs wait and none starts. Default false.</summary>
    public bool Paused { get; set; }

    public RateOptions Rate { get; set; } = new();

    /// <summary>Jobs with the same limit key that may run at once; 0 (the default) for no limit.</summary>
    [Range(0, QueueLimits.MaxConcurrency)]
    public int KeyConcurrency { get; set; }

    public RateOptions KeyRate { get; set; } = new();

    /// <summary>Read when everything has been set.</summary>
    internal QueueLimits Limits => field ??= new()
    {
        Paused = Paused, Concurrency = Concurrency, Rate = Rate.ToRate(), KeyConcurrency = KeyConcurrency, KeyRate = KeyRate.ToRate(),
    };
}
