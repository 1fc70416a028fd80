using ActorPerf.Cluster;

namespace ActorPerf.Caching;

/// <summary>Carries invalidations between the nodes of a database through the feed of all changes.</summary>
/// <remarks>
/// Contract: whoever asks the publishing node after <see cref="PublishAsync"/> returned is not answered with what was loaded before. Another node answers so for as long as its look at the feed
/// takes: a hint away, or at most the poll period (<c>actorperf.cluster.poll</c>) after the row is to be seen. Applied twice, or before an older one, an invalidation does no harm; a node that
/// missed some, because they were pruned before it looked, forgets everything.
/// Of the second level: <see cref="Position"/> is the largest number that was applied here. Smaller ones that are still on their way were issued before it, so what is loaded now was loaded after them.
/// </remarks>
/// <param name="store">The second level that <paramref name="inner"/> numbers invalidations in; null where there is none.</param>
internal sealed class ClusterInvalidationFeed(IInvalidationFeed inner, ICacheStore? store, IFeedStore feed) : IInvalidationFeed
{
    private long _foreign;
    private long _forgotten = long.MinValue;      // numbers that nothing else has
    private IInvalidationSink? _sink;

    public long Position => Math.Max(inner.Position, Interlocked.Read(ref _foreign));

    public async ValueTask<long> PublishAsync(CacheInvalidation what, IInvalidationSink publisher, CancellationToken ct)
    {
        var number = await inner.PublishAsync(what, publisher, ct);
        await feed.AppendAsync(InvalidationNote.Of(what, store is null ? null : number), ct);
        return number;
    }

    public void Attach(IInvalidationSink sink)
    {
        _sink = sink;
        inner.Attach(sink);
    }

    /// <summary>Applies another node's.</summary>
    public async ValueTask HearAsync(FeedRow row, CancellationToken ct)
    {
        if (_sink is not { } sink) return;
        if (InvalidationNote.Read(row) is not var (what, number))
        {
            await ForgetAsync(ct);
            return;
        }
        // A node that has no second level invalidated nothing there: that falls to those who have one, and twice does no harm.
        if (number is null && store is not null) number = await store.InvalidateAsync(what, ct);
        // Without one, numbers are each node's own, above zero: the row's place below zero is nobody else's.
        await sink.ApplyAsync(number ?? -row.Place.Seq, what, ct);
        if (number is { } known) Raise(known);
    }

    /// <summary>Some were pruned before this node had read them: what it holds in memory may be void. The second level, which keeps its own count, goes on.</summary>
    public async ValueTask ForgetAsync(CancellationToken ct)
    {
        if (store is not null) Raise(await store.PositionAsync(ct));
        if (_sink is { } sink) await sink.ApplyAsync(Interlocked.Increment(ref _forgotten), new CacheInvalidation.Everything(), ct);
    }

    private void Raise(long number)
    {
        for (var seen = Interlocked.Read(ref _foreign); number > seen; seen = Interlocked.Read(ref _foreign))
            if (Interlocked.CompareExchange(ref _foreign, number, seen) == seen) break;
    }
}

/// <summary>Hears of other nodes' invalidations and has them applied, one after the other.</summary>
internal sealed class InvalidationListener : ReceiveActor
{
    public InvalidationListener(ClusterInvalidationFeed feed, ILogger log)
    {
        ReceiveAsync<FeedNews.Rows>(async news =>
        {
            foreach (var row in news.All)
            {
                if (row.Kind != FeedKind.Cache) continue;
                try
                {
                    await feed.HearAsync(row, CancellationToken.None);
                }
                catch (Exception exception) when (exception is StoreUnavailableException or TaskCanceledException)
                {
                    log.NotForgotten(exception);
                }
            }
        });
        ReceiveAsync<FeedNews.Gap>(async _ => await feed.ForgetAsync(CancellationToken.None));
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FeedNews.Rows));
        Context.System.EventStream.Subscribe(Self, typeof(FeedNews.Gap));
    }
}
