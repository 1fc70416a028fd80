namespace ActorPerf.Cluster;

/// <summary>What a node's actors are told of other nodes' changes, through the actor system's event stream. Nothing is told on a node that is alone.</summary>
internal abstract record FeedNews
{
    private FeedNews()
    {
    }

    /// <summary>Rows of other nodes, each told once and soon, in an order that need not be that of the feed: what follows from one must be right whatever came before it.</summary>
    public sealed record Rows(IReadOnlyList<FeedRow> All) : FeedNews;

    /// <summary>Rows were deleted before this node had read them: look at what is stored.</summary>
    public sealed record Gap : FeedNews
    {
        public static Gap Instance { get; } = new();
    }

    /// <summary>Something may have been written by others; told before it is read.</summary>
    public sealed record Hint : FeedNews
    {
        public static Hint Instance { get; } = new();
    }
}
