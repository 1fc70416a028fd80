using ActorPerf.Data;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>The pipelines that make batches of reads and writes, and those of configured lookups.</summary>
internal static class DataFigures
{
    private const double MicrosecondsPerSecond = 1e6;

    public static IEnumerable<MetricFamily> Of(DataStatistics data)
    {
        List<(string Name, PipelineSnapshot Now)> pipelines = [("reads", data.Reads), ("writes", data.Writes)];
        pipelines.AddRange(data.Lookups.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => ($"lookup:{one.Key}", one.Value)));
        yield return Each(MetricKind.Counter, "actorperf_data_keys_total", "Keys asked for, or writes handed in.", static now => now.Calls);
        yield return Each(MetricKind.Counter, "actorperf_data_joined_total", "Of them, those that joined a read on its way or waited behind a write of the same key.", static now => now.Joined);
        yield return Each(MetricKind.Counter, "actorperf_data_failed_total", "Keys or writes that ended in an error.", static now => now.Failed);
        yield return Each(MetricKind.Counter, "actorperf_data_cancelled_total", "Keys or writes that their callers gave up before they were sent.", static now => now.Cancelled);
        yield return Each(MetricKind.Counter, "actorperf_data_statements_total", "Statements sent to the store, repeated ones included.", static now => now.Statements);
        yield return Each(MetricKind.Counter, "actorperf_data_retries_total", "Statements repeated because the store was away for a moment.", static now => now.Retries);
        yield return Each(MetricKind.Counter, "actorperf_data_splits_total", "Statements for parts of a batch that failed as a whole.", static now => now.Halves);
        yield return Each(MetricKind.Gauge, "actorperf_data_queued", "Keys or writes that wait for a statement.", static now => now.Queued);
        yield return Each(MetricKind.Gauge, "actorperf_data_statements_under_way", "Statements under way.", static now => now.UnderWay);
        yield return MetricFamily.Histograms("actorperf_data_batch_keys", "Keys, or writes, in a batch.",
            pipelines.Select(static one => Powers(one.Now.BatchSizes, 1, one.Now.Sent, one.Name)));
        yield return MetricFamily.Histograms("actorperf_data_batch_wait_seconds", "How long the oldest key of a batch had waited when it was sent.",
            pipelines.Select(static one => Powers(one.Now.Waits, MicrosecondsPerSecond, one.Now.Waited.TotalSeconds, one.Name)));

        MetricFamily Each(MetricKind kind, string name, string help, Func<PipelineSnapshot, double> number) =>
            new(name, kind, help, [.. pipelines.Select(one => MetricPoint.Of(number(one.Now), ("pipeline", one.Name)))]);
    }

    /// <summary>Buckets that double; the last holds what is above as well.</summary>
    private static MetricPoint Powers(IReadOnlyList<long> counts, double unit, double sum, string pipeline) =>
        MetricPoint.Of([.. Enumerable.Range(0, counts.Count - 1).Select(power => (1L << power) / unit)], counts, sum, ("pipeline", pipeline));
}
