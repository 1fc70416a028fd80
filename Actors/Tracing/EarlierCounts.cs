namespace ActorPerf.Tracing;

/// <summary>What was counted before the last reset, for those who count since the start of the node: a total that falls is taken for a node that started anew.</summary>
/// <remarks>Belongs to its collector's lock. As many routes as that has.</remarks>
internal sealed class EarlierCounts
{
    private readonly Dictionary<string, (LatencyHistogram Latency, long Failed)> _routes = new(StringComparer.Ordinal);

    public long Traced { get; private set; }

    public long Spans { get; private set; }

    public TimeSpan Time { get; private set; }

    /// <summary>The routes of requests, by name.</summary>
    public IEnumerable<(string Route, LatencyHistogram Latency, long Failed)> Routes => _routes.Select(static route => (route.Key, route.Value.Latency, route.Value.Failed));

    public void Add(string route, LatencyHistogram latency, long failed)
    {
        if (!_routes.TryGetValue(route, out var before)) before = (new LatencyHistogram(), 0);
        before.Latency.Add(latency);
        _routes[route] = (before.Latency, before.Failed + failed);
    }

    public void Add(TracingCost cost)
    {
        Traced += cost.Traced;
        Spans += cost.Spans;
        Time += cost.Time;
    }
}
