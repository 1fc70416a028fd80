using ActorPerf.Tracing;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>Requests by route, from the histograms that traces are counted in, and what tracing itself costs.</summary>
/// <remarks>The name is that of ASP.NET Core's own meter; listening to that one would cost every request a second count of the same time.</remarks>
internal static class RequestFigures
{
    /// <summary>In seconds: finer below than usual, for a remembered result takes less than a millisecond.</summary>
    private static readonly double[] Bounds = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

    public static IEnumerable<MetricFamily> Of(TraceCollector traces)
    {
        var routes = traces.Requests().Where(static route => route.Latency.Count > 0).ToList();
        yield return MetricFamily.Histograms("http_server_request_duration_seconds", "How long requests took.", routes.Select(static route => Histogram(route.Latency, LabelsOf(route.Route))));
        yield return MetricFamily.Counters("actorperf_requests_failed_total", "Requests that ended in an error of the server.", routes.Select(static route => MetricPoint.Of(route.Failed, LabelsOf(route.Route))));
        var (cost, ever) = (traces.Cost, traces.Ever());
        yield return MetricFamily.Gauge("actorperf_traces", "Traces kept.", cost.Traces);
        yield return MetricFamily.Gauge("actorperf_trace_bytes", "Memory of the traces kept.", cost.Bytes);
        yield return MetricFamily.Counter("actorperf_trace_requests_total", "Requests and attempts whose calls were recorded.", ever.Traced);
        yield return MetricFamily.Counter("actorperf_trace_spans_total", "Calls recorded.", ever.Spans);
        yield return MetricFamily.Counter("actorperf_trace_seconds_total", "Time spent in recording them.", ever.Time.TotalSeconds);
    }

    private static MetricPoint Histogram(LatencyHistogram latency, IEnumerable<(string, string)> labels)
    {
        var counts = new long[Bounds.Length + 1];
        var (bound, sum) = (0, 0.0);
        foreach (var bucket in latency.Buckets())
        {
            while (bound < Bounds.Length && bucket.Lowest > Bounds[bound] * 1e6) bound++;
            counts[bound] += bucket.Count;
            sum += bucket.Count * (bucket.Lowest + bucket.Highest) / 2e6;
        }
        return MetricPoint.Of(Bounds, counts, sum, labels);
    }

    /// <summary>A route is written <c>METHOD template</c>.</summary>
    private static IEnumerable<(string, string)> LabelsOf(string route)
    {
        var blank = route.IndexOf(' ', StringComparison.Ordinal);
        return [("http_request_method", blank > 0 ? route[..blank] : "_OTHER"), ("http_route", route[(blank + 1)..])];
    }
}
