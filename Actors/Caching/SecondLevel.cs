namespace ActorPerf.Caching;

/// <summary>The second level as the shards use it.</summary>
/// <param name="threshold">A result that cost less is kept in memory alone.</param>
internal sealed class SecondLevel(ICacheStore store, IInvalidationFeed feed, TimeSpan threshold)
{
    public ICacheStore Store { get; } = store;

    public TimeSpan Threshold { get; } = threshold;

    /// <summary>The newest invalidation that was applied here.</summary>
    public long Position => feed.Position;
}
