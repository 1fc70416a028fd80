using ActorPerf.Jobs;

namespace ActorPerf.TestKit;

/// <summary>How jobs behave in a test.</summary>
public sealed class TestJobOptions
{
    /// <summary>Whether an attempt that failed and may be repeated is repeated without its back-off. Default true; else it waits for <see cref="TestJobs.AdvanceAsync"/>.</summary>
    public bool RetryAtOnce { get; set; } = true;

    /// <summary>How many attempts one call may run before it is taken for a loop. Default 10,000; 1 or more.</summary>
    public int MaxRuns { get; set; } = 10_000;

    /// <summary>As of a node.</summary>
    public JobOptions Jobs { get; set; } = new();

    /// <summary>Of back-off jitter and leases.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>The clock; null: one that begins at noon of 1 January 2026 UTC.</summary>
    public ManualTime? Time { get; set; }
}
