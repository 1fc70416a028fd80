namespace ActorPerf.Tracing;

/// <summary>Of a node that keeps none.</summary>
public sealed class NoTraces : ITraces
{
    public static readonly NoTraces Instance = new();

    private NoTraces()
    {
    }

    public bool IsOn => false;

    public TracingCost Cost => TracingCost.None;

    public IReadOnlyList<TraceSummary> List(TraceQuery query) => [];

    public Trace? Find(string? ns, string id) => null;

    public TraceTotals Totals(string? ns) => new([], [], DateTimeOffset.UnixEpoch);

    public IReadOnlyList<FindingTotal> Findings(string? ns, int most = 50) => [];

    public void Reset()
    {
    }
}
