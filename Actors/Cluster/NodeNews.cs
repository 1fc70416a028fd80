namespace ActorPerf.Cluster;

/// <summary>What a node's actors are told of its membership, through the actor system's event stream.</summary>
internal abstract record NodeNews
{
    private NodeNews()
    {
    }

    /// <summary>This incarnation is over: stop its runs, claim nothing.</summary>
    public sealed record Fenced(string Reason) : NodeNews;

    /// <summary>The node lives again under a new incarnation.</summary>
    public sealed record Rejoined(Guid Incarnation) : NodeNews;

    /// <summary>This node runs the singleton duties from now on. What others did with them before is in the store.</summary>
    public sealed record Leads(long Epoch) : NodeNews;

    /// <summary>For the leader's reaper: runs of incarnations that are not among the living are lost.</summary>
    /// <param name="Before">By the store's clock. A run that began later may belong to an incarnation that joined later.</param>
    public sealed record Living(IReadOnlyList<Guid> Incarnations, DateTimeOffset Before) : NodeNews;
}
