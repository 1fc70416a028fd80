namespace ActorPerf.Caching;

/// <summary>Carries invalidations between the caches of one process, and nowhere else.</summary>
public sealed class LocalInvalidationFeed : IInvalidationFeed
{
    private readonly Lock _gate = new();
    private IInvalidationSink[] _sinks = [];
    private long _last;

    public long Position => Volatile.Read(ref _last);

    public async ValueTask<long> PublishAsync(CacheInvalidation what, IInvalidationSink publisher, CancellationToken ct)
    {
        var number = Interlocked.Increment(ref _last);
        foreach (var sink in Volatile.Read(ref _sinks))
            if (sink != publisher) await sink.ApplyAsync(what, ct);
        return number;
    }

    public void Attach(IInvalidationSink sink)
    {
        lock (_gate) _sinks = [.. _sinks, sink];
    }
}

/// <summary>Writes invalidations to the second level before anyone applies them, so that a restart does not bring back what was forgotten.</summary>
public sealed class StoredInvalidationFeed : IInvalidationFeed
{
    private readonly ICacheStore _store;
    private long _last;

    private StoredInvalidationFeed(ICacheStore store, long last) => (_store, _last) = (store, last);

    public static async Task<StoredInvalidationFeed> OpenAsync(ICacheStore store, CancellationToken ct) => new(store, await store.PositionAsync(ct));

    public long Position => Volatile.Read(ref _last);

    public async ValueTask<long> PublishAsync(CacheInvalidation what, IInvalidationSink publisher, CancellationToken ct)
    {
        var number = await _store.InvalidateAsync(what, Position, ct);
        // Two at once may come back in any order; the numbers below the larger one are committed all the same, for each is given in the order of commit.
        for (var seen = Position; number > seen;)
        {
            var before = Interlocked.CompareExchange(ref _last, number, seen);
            if (before == seen) break;
            seen = before;
        }
        return number;
    }

    public void Attach(IInvalidationSink sink)
    {
    }
}
