namespace ActorPerf.Cluster;

/// <summary>Whether this node runs the duties that only one node of a cluster runs: schedules, the reaper, pruning, the sweep of expired jobs, deliveries of webhooks.</summary>
/// <remarks>Ask before each round of a duty, and be content with rounds that overlap for a moment: what a duty writes must do no harm when two nodes write it. Hears of gains: <see cref="NodeNews.Leads"/>.</remarks>
internal interface ILeadership
{
    bool Leads { get; }
}

/// <summary>Leadership where there is nobody else.</summary>
internal static class Leadership
{
    public static ILeadership Always { get; } = new Constant();

    private sealed class Constant : ILeadership
    {
        public bool Leads => true;
    }
}
