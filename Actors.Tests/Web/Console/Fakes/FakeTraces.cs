using ActorPerf.Tracing;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>Traces as they are put; none unless some are.</summary>
internal sealed class FakeTraces : ITraces
{
    public List<Trace> All { get; } = [];

    public List<FindingTotal> Found { get; } = [];

    /// <summary>What was asked for.</summary>
    public List<TraceQuery> Asked { get; } = [];

    public TraceTotals Counted { get; set; } = new([], [], FakeJobs.Noon.AddHours(-2));

    public bool IsOn { get; set; } = true;

    public TracingCost Cost { get; set; } = TracingCost.None;

    public IReadOnlyList<TraceSummary> List(TraceQuery query)
    {
        Asked.Add(query);
        var lines = All.Select(trace => trace.Summary).Where(line =>
            (query.Namespace is null || line.Namespace == query.Namespace) && (query.Route is null || line.Route == query.Route) && line.Duration >= query.MinDuration
            && (!query.OnlyErrors || line.Error is not null) && (query.Kind is null || line.Kind == query.Kind) && (query.Before is null || line.EndedAt < query.Before));
        return [.. (query.Order == TraceOrder.Newest ? lines.OrderByDescending(line => line.EndedAt) : lines.OrderByDescending(line => line.Duration)).Take(query.Limit)];
    }

    public Trace? Find(string? ns, string id) => All.FirstOrDefault(trace => (ns is null || trace.Summary.Namespace == ns) && (trace.Summary.Id == id || trace.Summary.TraceId == id || id.Contains(trace.Summary.TraceId, StringComparison.Ordinal)));

    public TraceTotals Totals(string? ns) => Counted with { Routes = [.. Counted.Routes.Where(route => ns is null || route.Namespace == ns)] };

    public IReadOnlyList<FindingTotal> Findings(string? ns, int most = 50) => [.. Found.Where(found => ns is null || found.Namespace == ns).Take(most)];

    public void Reset() => All.Clear();
}
