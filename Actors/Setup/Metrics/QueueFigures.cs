using ActorPerf.Jobs;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>The lines of jobs, from kept counters. Namespaces are summed up: callers choose them, and a label that callers choose has no bound.</summary>
internal static class QueueFigures
{
    public static IEnumerable<MetricFamily> Of(IReadOnlyList<JobCount> counts, IReadOnlyDictionary<string, DateTimeOffset> oldest, DateTimeOffset now)
    {
        var known = Kept(counts.Where(static count => !count.State.IsFinal).GroupBy(static count => count.Queue, StringComparer.Ordinal)
            .OrderByDescending(static queue => queue.Sum(static count => count.Count)).Select(static queue => queue.Key));
        string Shown(string queue) => known.Contains(queue) ? queue : JobMeter.Others;
        yield return MetricFamily.Gauges("actorperf_queue_depth", "Jobs in the database that are not final, by state.",
            from count in counts
            where !count.State.IsFinal
            group count.Count by (Queue: Shown(count.Queue), State: count.State.Word) into line
            orderby line.Key.Queue, line.Key.State
            select MetricPoint.Of(line.Sum(), ("queue", line.Key.Queue), ("state", line.Key.State)));
        yield return MetricFamily.Gauges("actorperf_queue_oldest_age_seconds", "Age of the queued job that waits longest.",
            from waiting in oldest
            group waiting.Value by Shown(waiting.Key) into line
            orderby line.Key
            select MetricPoint.Of(Math.Max(0, (now - line.Min()).TotalSeconds), ("queue", line.Key)));
    }

    private static HashSet<string> Kept(IEnumerable<string> queues) => queues.Take(JobMeter.MaxLines).ToHashSet(StringComparer.Ordinal);
}
