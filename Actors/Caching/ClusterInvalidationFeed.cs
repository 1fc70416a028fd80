using ActorPerf.Cluster;

namespace ActorPerf.Caching;

/// <summary>Carries invalidations between the nodes of a database through the feed of all changes.</summary>
/// <remarks>
/// Contract: whoever asks the publishing node after <see cref="PublishAsync"/> returned is not answered with what was loaded before. Another node answers so for as long as its look at the feed
/// takes: a hint away, or at most the poll period (<c>actorperf.cluster.poll</c>) after the row is to be seen. Applied twice, or before an older one, an invalidation does no harm; a node that
/// missed some, because they were pruned before it looked, forgets everything.
/// Of the second level: <see cref="Position"/> is the largest number that was applied here. Smaller ones that are still on their way were issued before it, so what is loaded now was loaded after them.
/// Numbers go on above it also in a database that is an older copy: what was stored as of it would else outlive the next invalidations.
/// </remarks>
/// <param name="store">The second level that <paramref name="inner"/> numbers invalidations in; null where there is none.</param>
internal sealed class ClusterInvalidationFeed(IInvalidationFeed inner, ICacheStore? store, IFeedStore feed) : IInvalidationFeed
{
    private const int MaxOwed = 1_000;

    // Changed by the listener alone, one row after the other.
    private readonly Queue<CacheInvalidation> _storedOwed = new();
    private bool _forgetOwed;
    private long _position = inner.Position;
    private IInvalidationSink? _sink;

    public long Position => Interlocked.Read(ref _position);

    public async ValueTask<long> PublishAsync(CacheInvalidation what, IInvalidationSink publisher, CancellationToken ct)
    {
        var number = store is null ? await inner.PublishAsync(what, publisher, ct) : await store.InvalidateAsync(what, Position, ct);
        if (store is not null) Raise(number);
        await feed.AppendAsync(InvalidationNote.Of(what, store is null ? null : number), ct);
        return number;
    }

    public void Attach(IInvalidationSink sink)
    {
        _sink = sink;
        inner.Attach(sink);
    }

    /// <summary>Something is to be told to the second level still, because it could not be reached: <see cref="SettleAsync"/> does.</summary>
    public bool Owes => _forgetOwed || _storedOwed.Count > 0;

    /// <summary>Applies another node's. What this node holds in memory is forgotten even where the second level cannot be reached.</summary>
    /// <exception cref="StoreUnavailableException">The second level was not reached; <see cref="Owes"/> from here on.</exception>
    public async ValueTask HearAsync(FeedRow row, CancellationToken ct)
    {
        if (_sink is not { } sink) return;
        if (InvalidationNote.Read(row) is not var (what, number))
        {
            await ForgetAsync(ct);
            return;
        }
        if (number is null && store is not null) await ForgetStoredAsync(sink, store, what, ct);
        else await ApplyAsync(sink, number, what, ct);
    }

    /// <summary>
    /// Some were pruned before this node had read them, or the database is an older copy: what it holds in memory may be void. The second level, which keeps its own count, goes on,
    /// unless that falls: an older copy may have lost invalidations, so all of it is forgotten.
    /// Its position is read before memory is forgotten and raised after: what is computed from it on must not rest on what memory held until then.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The position is not known; memory was forgotten all the same. <see cref="Owes"/> from here on.</exception>
    public async ValueTask ForgetAsync(CancellationToken ct)
    {
        _forgetOwed = store is not null;
        var before = Position;
        long? position = null;
        try
        {
            if (store is not null) position = await store.PositionAsync(ct);
            if (store is not null && position < before) position = await store.InvalidateAsync(new CacheInvalidation.Everything(), before, ct);
        }
        finally
        {
            if (_sink is { } sink) await sink.ApplyAsync(new CacheInvalidation.Everything(), CancellationToken.None);
        }
        if (position is { } known) Raise(known);
        _forgetOwed = false;
    }

    /// <summary>Tries once more what the second level could not be told.</summary>
    /// <exception cref="StoreUnavailableException">As before.</exception>
    public async ValueTask SettleAsync(CancellationToken ct)
    {
        while (store is not null && _sink is { } sink && _storedOwed.TryPeek(out var what))
        {
            await ApplyAsync(sink, await store.InvalidateAsync(what, Position, ct), what, ct);
            _storedOwed.Dequeue();
        }
        if (_forgetOwed) await ForgetAsync(ct);
    }

    /// <summary>A node that has no second level invalidated nothing there: that falls to those who have one, and twice does no harm.</summary>
    private async ValueTask ForgetStoredAsync(IInvalidationSink sink, ICacheStore stored, CacheInvalidation what, CancellationToken ct)
    {
        long number;
        try
        {
            number = await stored.InvalidateAsync(what, Position, ct);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Owe(what);
            await sink.ApplyAsync(what, CancellationToken.None);
            throw;
        }
        await ApplyAsync(sink, number, what, ct);
    }

    private void Owe(CacheInvalidation what)
    {
        // Everything holds all that was owed before it, and what comes after.
        if (_storedOwed.Count == 1 && _storedOwed.Peek() is CacheInvalidation.Everything) return;
        if (_storedOwed.Count == MaxOwed)
        {
            _storedOwed.Clear();
            what = new CacheInvalidation.Everything();
        }
        _storedOwed.Enqueue(what);
    }

    private async ValueTask ApplyAsync(IInvalidationSink sink, long? number, CacheInvalidation what, CancellationToken ct)
    {
        await sink.ApplyAsync(what, ct);
        if (number is { } known) Raise(known);
    }

    private void Raise(long number)
    {
        for (var seen = Position; number > seen; seen = Position)
            if (Interlocked.CompareExchange(ref _position, number, seen) == seen) break;
    }
}

/// <summary>Hears of other nodes' invalidations and has them applied, one after the other. What the second level could not be told is told again every second until it was.</summary>
internal sealed class InvalidationListener : ReceiveActor, IWithTimers
{
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly ClusterInvalidationFeed _feed;
    private readonly ILogger _log;

    public InvalidationListener(ClusterInvalidationFeed feed, ILogger log)
    {
        (_feed, _log) = (feed, log);
        ReceiveAsync<FeedNews.Rows>(async news =>
        {
            // One that fails keeps the others from nothing: nobody sends them again.
            foreach (var row in news.All)
                if (row.Kind == FeedKind.Cache) await TryAsync(() => feed.HearAsync(row, CancellationToken.None));
        });
        ReceiveAsync<FeedNews.Gap>(_ => TryAsync(() => feed.ForgetAsync(CancellationToken.None)));
        ReceiveAsync<Settle>(_ => TryAsync(() => feed.SettleAsync(CancellationToken.None)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FeedNews.Rows));
        Context.System.EventStream.Subscribe(Self, typeof(FeedNews.Gap));
        Remember();      // after a restart, which took the timer along
    }

    private async Task TryAsync(Func<ValueTask> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _log.NotForgotten(exception);
        }
        Remember();
    }

    private void Remember()
    {
        if (_feed.Owes) Timers.StartSingleTimer(Settle.Instance, Settle.Instance, Again);
        else Timers.Cancel(Settle.Instance);
    }

    private sealed class Settle
    {
        public static readonly Settle Instance = new();
    }
}
