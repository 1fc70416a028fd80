namespace ActorPerf.Tracing.Metrics;

/// <summary>The front door to everything that this node counts, for monitoring systems. Nothing is summed up until somebody asks.</summary>
public interface IMetrics
{
    /// <summary>All families of this moment, in order of name, over all namespaces. Totals count from the start of the node and never fall.</summary>
    /// <returns>What docs/metrics.md lists. Where the store does not answer, without what is read from it.</returns>
    ValueTask<IReadOnlyList<MetricFamily>> ReadAsync(CancellationToken ct);
}
