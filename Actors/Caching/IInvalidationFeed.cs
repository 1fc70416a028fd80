namespace ActorPerf.Caching;

/// <summary>Carries invalidations to every node. What is told twice, or late, or in another order does no harm. The second level numbers them, by integers.</summary>
public interface IInvalidationFeed
{
    /// <summary>Every invalidation up to this number was applied here. A computation that starts now counts for the second level as of it.</summary>
    long Position { get; }

    /// <summary>Tells all nodes. Durable, where there is something durable, when it returns.</summary>
    /// <param name="publisher">Applies it itself, and need not be told.</param>
    /// <returns>Its number; later ones are larger.</returns>
    /// <exception cref="Cluster.StoreUnavailableException">Nothing was told; try again.</exception>
    ValueTask<long> PublishAsync(CacheInvalidation what, IInvalidationSink publisher, CancellationToken ct);

    /// <summary>Has a node told from here on.</summary>
    void Attach(IInvalidationSink sink);
}

/// <summary>A node's cache, as a feed sees it.</summary>
public interface IInvalidationSink
{
    /// <summary>Whoever asks after this returned is not answered with what was loaded before. Applied twice, something is computed once more than it need be; to
    /// leave one out because its number was seen would lose it where a database counts anew.</summary>
    /// <returns>Entries concerned on this node.</returns>
    ValueTask<long> ApplyAsync(CacheInvalidation what, CancellationToken ct);
}

/// <summary>What is invalidated: one scope.</summary>
public abstract record CacheInvalidation
{
    private CacheInvalidation()
    {
    }

    /// <summary>Kept for errors instead of removed.</summary>
    public bool Expire { get; init; }

    /// <summary>Every namespace.</summary>
    public sealed record Everything : CacheInvalidation;

    public sealed record OfNamespace(Tasks.Namespace Namespace) : CacheInvalidation;

    public sealed record OfTask(Tasks.Namespace Namespace, string Task) : CacheInvalidation;

    public sealed record OfTag(Tasks.Namespace Namespace, string Tag) : CacheInvalidation;

    public sealed record OfKey(CacheKey Key) : CacheInvalidation;
}
