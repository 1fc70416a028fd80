using System.Globalization;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Live;

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

    /// <summary>The newest page of what the filter leaves; a page behind it stands still.</summary>
    public bool IsLive => Filter.Before is null && Filter.Fault is null;

    /// <summary>Findings that the page shows: the costliest, where nothing else is asked for.</summary>
    public IReadOnlyList<FindingTotal> Costliest => Filter.IsNarrowed || Filter.Before is not null ? [] : [.. Findings.Take(MostFindings)];

    public string ErrorsText => $"{Words.Count(Errors)} ended in an error";

    public string TracedText => Traced < 1 ? "the others are counted by route alone" : "each is recorded";

    public string SavingText => Saving is { } saving ? $"could save {Words.Fine(saving)} in the traces kept" : Findings.Count == 0 ? "nothing to mend" : "in the traces kept";

    public string CostText => $"of the processor time; {Words.Fine(Cost.PerSpan)} a call";

    public string KeptText => $"{Words.Count(Cost.Traces, "trace", "traces")} of the node in at most {Words.Bytes(Cost.MaxBytes)}";

    /// <summary>Which findings stand there, and in which order; what they would save changes in place.</summary>
    public string Shape => Shapes.Of([Lines.Count == 0 ? "empty" : "rows", Older is null ? "all" : "more", $"{IsOn}", .. Costliest.Select(IdentityOf)]);

    public static string FindingsOf(TraceSummary line) => line.Findings == 0 ? "–" : Words.Count(line.Findings);

    /// <summary>Key of a finding's cell among the live values.</summary>
    public static string Key(FindingTotal found, string cell) => $"{Shapes.Of(IdentityOf(found))}-{cell}";

    private static string IdentityOf(FindingTotal found) => $"{found.Sort}\t{found.Namespace}\t{found.Route}\t{found.CallSite}";

    public LiveState Live(Links links)
    {
        var values = new LiveValues
        {
            ["requests"] = Words.Count(Requests), ["errors"] = ErrorsText, ["traced"] = Words.Percent(Traced), ["traced-note"] = TracedText, ["findings"] = Words.Count(Findings.Count), ["saving"] = SavingText,
            ["cost"] = Words.Percent(Cost.ShareOfProcessor), ["cost-note"] = CostText, ["kept"] = Words.Bytes(Cost.Bytes), ["kept-note"] = KeptText,
            ["kept-gauge@value"] = Cost.Bytes.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var found in Costliest)
        {
            values[Key(found, "saving")] = Words.Fine(found.Saving);
            values[Key(found, "traces")] = Words.Count(found.Traces, "trace", "traces");
            values[Key(found, "message")] = found.Example.Message;
            values[Key(found, "link") + "@href"] = links.To($"traces/{found.ExampleTrace}", [TraceFilter.Everywhere(Filter.IsEverywhere)]);
        }
        return new LiveState { Shape = Shape, Values = values, Rows = new Dictionary<string, IReadOnlyList<LiveRow>> { ["traces"] = [.. Lines.Select(line => Row(line, links))] } };
    }

    private LiveRow Row(TraceSummary line, Links links)
    {
        var cells = new LiveValues
        {
            ["route"] = line.Route, ["route@href"] = links.To($"traces/{line.Id}", [TraceFilter.Everywhere(Filter.IsEverywhere)]), ["what"] = line.Title ?? "", ["took"] = Words.Fine(line.Duration),
            ["outcome"] = TraceOutcome.TextOf(line), ["outcome@data-state"] = TraceOutcome.ToneOf(line), ["calls"] = Words.Count(line.Calls), ["findings"] = FindingsOf(line),
        };
        if (line.Title is { } title) cells["what@title"] = title;
        cells.AddMoment("started", line.StartedAt);
        return new LiveRow(line.Id, cells);
    }
}
