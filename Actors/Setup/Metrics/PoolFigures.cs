using ActorPerf.Compute;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>The pools of compute actors, from their gates' own books.</summary>
internal static class PoolFigures
{
    public static IEnumerable<MetricFamily> Of(ComputeDirectory pools)
    {
        var readings = pools.All.Select(static pool => (pool.Queue, Reading: pool.Meter.Read())).ToList();
        yield return MetricFamily.Gauges("actorperf_workers", "Compute actors of this node by what they do.", readings.SelectMany(static pool => new[]
        {
            MetricPoint.Of(pool.Reading.Computes, ("queue", pool.Queue), ("state", "compute")),
            MetricPoint.Of(Math.Max(0, pool.Reading.Routees - pool.Reading.Busy), ("queue", pool.Queue), ("state", "idle")),
            MetricPoint.Of(pool.Reading.Jobs, ("queue", pool.Queue), ("state", "job")),
        }));
        yield return Each(MetricKind.Gauge, "actorperf_compute_waiting", "Synchronous computations that wait for a compute actor.", static reading => reading.Waiting);
        yield return Each(MetricKind.Counter, "actorperf_runs_ended_total", "Runs that compute actors ended, of jobs and of computations.", static reading => reading.Ended);
        yield return Each(MetricKind.Gauge, "actorperf_runs_abandoned", "Runs that were given up and whose code still runs.", static reading => reading.Abandoned);
        yield return Each(MetricKind.Counter, "actorperf_runs_abandoned_total", "Runs that were given up because they did not follow their token.", static reading => reading.AbandonedEver);

        MetricFamily Each(MetricKind kind, string name, string help, Func<PoolReading, double> number) =>
            new(name, kind, help, [.. readings.Select(pool => MetricPoint.Of(number(pool.Reading), ("queue", pool.Queue)))]);
    }
}
