using System.Diagnostics.Metrics;

namespace ActorPerf.Caching;

/// <summary>The cache's numbers as metrics, by cache (a task, or a cache of one's own code) and outcome. Read when they are asked for, so that no call pays for them.</summary>
/// <remarks>Namespaces are summed up: callers choose them, and a label that callers choose has no bound.</remarks>
internal sealed class CacheMeter : IDisposable
{
    public const string Name = "ActorPerf.Caching";

    private readonly Meter _meter = new(Name);
    private readonly CacheBooks _books;

    public CacheMeter(CacheBooks books)
    {
        _books = books;
        _meter.CreateObservableCounter("actorperf.cache.requests", Requests, "{request}", "Calls of memoised tasks by what answered them.");
        _meter.CreateObservableCounter("actorperf.cache.refreshes", () => Each(static totals => totals.Refreshes), "{refresh}", "Computations in the background.");
        _meter.CreateObservableCounter("actorperf.cache.failures", () => Each(static totals => totals.Failures), "{failure}", "Computations that failed.");
        _meter.CreateObservableCounter("actorperf.cache.evictions", () => Each(static totals => totals.Evictions), "{entry}", "Entries that went for others.");
        _meter.CreateObservableCounter("actorperf.cache.too_large", () => Each(static totals => totals.TooLarge), "{result}", "Results that were larger than an entry may be.");
        _meter.CreateObservableUpDownCounter("actorperf.cache.entries", () => Each(static totals => totals.Entries), "{entry}", "Entries held.");
        _meter.CreateObservableUpDownCounter("actorperf.cache.bytes", () => Each(static totals => totals.Bytes), "By", "Bytes held.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Each(Func<CacheTotals, long> number) => _books.PerTask().Select(one => new Measurement<long>(number(one.Value), Tag("cache", one.Key)));

    private IEnumerable<Measurement<long>> Requests() =>
        from one in _books.PerTask()
        from outcome in new (string Outcome, long Count)[]
        {
            ("hit", one.Value.Hits), ("stale", one.Value.Stale), ("joined", one.Value.Joined), ("recalled", one.Value.Recalled), ("miss", one.Value.Misses - one.Value.Recalled),
        }
        select new Measurement<long>(outcome.Count, Tag("cache", one.Key), Tag("outcome", outcome.Outcome));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
