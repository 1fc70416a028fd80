using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Tests.Web.Api;

/// <summary>One figure.</summary>
internal sealed class FakeMetrics : IMetrics
{
    public ValueTask<IReadOnlyList<MetricFamily>> ReadAsync(CancellationToken ct) => new([MetricFamily.Gauge("actorperf_ready", "Ready.", 1)]);
}
