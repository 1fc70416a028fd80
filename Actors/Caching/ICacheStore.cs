namespace ActorPerf.Caching;

/// <summary>The second level of the cache: results that survive a restart and that nodes share. Every provider does the same (docs/formats/cache-entry.md).</summary>
public interface ICacheStore
{
    /// <summary>Reads what is stored for a key and may be seen.</summary>
    /// <returns>Null where there is none, it was removed, or its last window is over at <paramref name="now"/>. What was expired is <see cref="RecalledEntry.Expired"/>.</returns>
    /// <exception cref="Cluster.StoreUnavailableException">Transient: nothing changed.</exception>
    ValueTask<RecalledEntry?> ReadAsync(CacheKey key, DateTimeOffset now, CancellationToken ct);

    /// <summary>Stores a result in the place of an older one of its key. Durable when it returns. A result that an invalidation above its
    /// <see cref="StoredEntry.AsOf"/> concerns is stored and never seen.</summary>
    /// <exception cref="Cluster.StoreUnavailableException">Transient: nothing changed.</exception>
    ValueTask WriteAsync(StoredEntry entry, CancellationToken ct);

    /// <summary>Makes everything it concerns that was loaded before unseen, or expired. Durable when it returns.</summary>
    /// <param name="above">The largest number that is known: the new one is larger, also where the database is an older copy that never gave that one.</param>
    /// <returns>Its number; later ones are larger.</returns>
    /// <exception cref="Cluster.StoreUnavailableException">Transient: nothing changed.</exception>
    ValueTask<long> InvalidateAsync(CacheInvalidation what, long above, CancellationToken ct);

    /// <summary>The number of the newest invalidation; 0 before the first.</summary>
    /// <exception cref="Cluster.StoreUnavailableException">Transient.</exception>
    ValueTask<long> PositionAsync(CancellationToken ct);

    /// <summary>Deletes what is over, and of more than <paramref name="maxEntries"/> those that are over first.</summary>
    /// <param name="most">At most so many at once.</param>
    /// <returns>How many.</returns>
    /// <exception cref="Cluster.StoreUnavailableException">Transient: nothing changed.</exception>
    ValueTask<int> SweepAsync(DateTimeOffset now, long maxEntries, int most, CancellationToken ct);
}

/// <summary>A result on its way to the second level. Times are by the clock of the node, for no other survives a restart.</summary>
/// <param name="Json">UTF-8 JSON.</param>
/// <param name="Took">What computing it took.</param>
/// <param name="Tags">Of the task and of the result.</param>
/// <param name="AsOf">The newest invalidation that this node had applied when the computation started.</param>
public sealed record StoredEntry(
    CacheKey Key, ReadOnlyMemory<byte> Json, DateTimeOffset ComputedAt, TimeSpan Took, DateTimeOffset FreshUntil, DateTimeOffset RevalidateUntil, DateTimeOffset ErrorUntil,
    IReadOnlyList<string> Tags, long AsOf)
{
    /// <summary>Nobody is answered from here on.</summary>
    public DateTimeOffset DeadAt => new[] { FreshUntil, RevalidateUntil, ErrorUntil }.Max();
}

/// <param name="Expired">Kept for errors only.</param>
public sealed record RecalledEntry(StoredEntry Entry, bool Expired);
