namespace ActorPerf.Caching;

/// <summary>Applies invalidations to this node's cache.</summary>
internal sealed class CacheSink(CacheBooks books, Func<CacheKey, IActorRef> ownerOf, Action reclaim) : IInvalidationSink
{
    public async ValueTask<long> ApplyAsync(CacheInvalidation what, CancellationToken ct)
    {
        if (what is CacheInvalidation.OfKey one) return await ApplyAsync(one, ct);
        var at = books.Clock.Next();
        var count = what switch
        {
            CacheInvalidation.Everything => Everything(what.Expire, at),
            CacheInvalidation.OfNamespace(var ns) => books.Find(ns) is not { } book ? 0 : what.Expire ? book.Expire(at) : book.Remove(at),
            CacheInvalidation.OfTask(var ns, var task) => books.Find(ns)?.Find(task) is not { } book ? 0 : Change(book.Version, what.Expire, at),
            CacheInvalidation.OfTag(var ns, var tag) => Change((books.Find(ns) ?? books.Add(ns)).Tag(tag), what.Expire, at),
            _ => throw new InvalidOperationException($"Scope {what.GetType().Name} is not known here."),
        };
        if (count > 0 && !what.Expire) reclaim();
        return count;
    }

    private async ValueTask<long> ApplyAsync(CacheInvalidation.OfKey one, CancellationToken ct)
    {
        var tally = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        ownerOf(one.Key).Tell(new FlightCommand.Forget(one.Key, one.Expire, tally), ActorRefs.NoSender);
        return await tally.Task.WaitAsync(ct);
    }

    private long Everything(bool expire, long at)
    {
        Change(books.Everything, expire, at);
        return books.All.Sum(book => expire ? book.Value.Expire(at) : book.Value.Remove(at));
    }

    private static long Change(VersionCell cell, bool expire, long at) => expire ? cell.Expire(at) : cell.Remove(at);
}
