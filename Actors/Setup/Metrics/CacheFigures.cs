using ActorPerf.Caching;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>The cache by task, or by the name of a cache of one's own code.</summary>
internal static class CacheFigures
{
    /// <summary>Names a node keeps figures of, the busiest first; the rest is summed up.</summary>
    private const int MaxCaches = 500;

    private const string Others = "_other";

    /// <param name="rising">Books of namespaces that nobody uses go for others, and their totals with them.</param>
    public static IEnumerable<MetricFamily> Of(IReadOnlyDictionary<string, CacheTotals> totals, RisingTotals rising)
    {
        var caches = totals.OrderByDescending(static one => one.Value.Hits + one.Value.Misses).Take(MaxCaches).OrderBy(static one => one.Key, StringComparer.Ordinal)
            .Select(static one => (Name: one.Key, Totals: one.Value)).ToList();
        if (totals.Count > caches.Count)
        {
            var shown = caches.Select(static one => one.Name).ToHashSet(StringComparer.Ordinal);
            caches.Add((Others, totals.Where(one => !shown.Contains(one.Key)).Aggregate(default(CacheTotals), static (sum, one) => sum + one.Value)));
        }
        yield return MetricFamily.Counters("actorperf_cache_requests_total", "Calls by what answered them.", caches.SelectMany(one => Outcomes(one.Name, one.Totals, rising)));
        yield return Total("actorperf_cache_refreshes_total", "Computations in the background.", static all => all.Refreshes);
        yield return Total("actorperf_cache_failures_total", "Computations that failed.", static all => all.Failures);
        yield return Total("actorperf_cache_evictions_total", "Entries that went for others.", static all => all.Evictions);
        yield return Total("actorperf_cache_too_large_total", "Results that were answered and not kept, for they are larger than an entry may be.", static all => all.TooLarge);
        yield return MetricFamily.Gauges("actorperf_cache_entries", "Entries held.", caches.Select(static one => MetricPoint.Of(one.Totals.Entries, ("cache", one.Name))));
        yield return MetricFamily.Gauges("actorperf_cache_bytes", "Bytes held.", caches.Select(static one => MetricPoint.Of(one.Totals.Bytes, ("cache", one.Name))));

        MetricFamily Total(string name, string help, Func<CacheTotals, double> number) =>
            MetricFamily.Counters(name, help, caches.Select(one => MetricPoint.Of(rising.Of(name, one.Name, number(one.Totals)), ("cache", one.Name))));
    }

    private static IEnumerable<MetricPoint> Outcomes(string cache, CacheTotals totals, RisingTotals rising) =>
        from outcome in new (string Word, long Count)[]
        {
            ("hit", totals.Hits), ("joined", totals.Joined), ("miss", totals.Misses - totals.Recalled), ("recalled", totals.Recalled), ("stale", totals.Stale),
        }
        select MetricPoint.Of(rising.Of($"cache:{outcome.Word}", cache, outcome.Count), ("cache", cache), ("outcome", outcome.Word));
}
