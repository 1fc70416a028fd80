using ActorPerf.Tracing;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What has this node done of late, and what took long?</summary>
/// <param name="Older">The page behind; null at the end.</param>
public sealed record TracesModel(TraceFilter Filter, IReadOnlyList<TraceSummary> Lines, string? Older, TraceTotals Totals, IReadOnlyList<FindingTotal> Findings, TracingCost Cost, bool IsOn)
{
    /// <summary>Findings that the first page shows; the others have a page of their own.</summary>
    public const int MostFindings = 3;

    public long Requests => Totals.Routes.Sum(static route => route.Requests);

    public long Errors => Totals.Routes.Sum(static route => route.Errors);

    /// <summary>Share of the requests whose calls were recorded; 1 before the first.</summary>
    public double Traced => Requests == 0 ? 1 : (double)Totals.Routes.Sum(static route => route.Traced) / Requests;

    /// <summary>What all findings together would save; null where none says it.</summary>
    public TimeSpan? Saving => Findings.Any(static found => found.Saving is not null) ? Findings.Aggregate(TimeSpan.Zero, static (sum, found) => sum + (found.Saving ?? TimeSpan.Zero)) : null;
}
