using ActorPerf.Tracing;
using ActorPerf.Web.Console.Charts;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Where did the time of this one go?</summary>
/// <param name="IsEverywhere">It was looked for in all namespaces.</param>
/// <param name="Every">Each call has a line of its own.</param>
public sealed record TraceModel(Trace Trace, bool IsEverywhere, bool Every, string Origin)
{
    private readonly IReadOnlyList<FoldedSpans> _lines = FoldedSpans.Of(Trace.Spans, Every ? Trace.Spans.Select(static span => span.Id).ToHashSet() : Trace.Findings.SelectMany(static finding => finding.Spans).ToHashSet());

    public TraceSummary Summary => Trace.Summary;

    public WaterfallModel Waterfall => new($"Calls of {Summary.Route}", [.. _lines.Select(Bar)]);

    /// <summary>The sorts of bars that the picture has.</summary>
    public IReadOnlyList<(string Tone, string Word)> Legend => [.. Trace.Spans.Select(span => Tones.Of(span.Kind)).Distinct().OrderBy(static tone => tone).Select(static tone => (tone, Tones.Word(tone)))];

    /// <summary>Some lines stand for several calls.</summary>
    public bool IsFolded => _lines.Count < Trace.Spans.Count;

    public bool HasShared => Trace.Spans.Any(static span => span.Shared is { HasOthers: true });

    /// <summary>Where links to a call lead.</summary>
    public static string Anchor(string span) => $"call-{span}";

    /// <summary>In one line: what it did, and how it ended.</summary>
    public string Sentence => $"{Words.Fine(Summary.Duration)}, {Words.Count(Summary.Calls, "call", "calls")}{(Summary.Error is { } error ? $", ended in {error}" : "")}.";

    /// <summary>Lines that print the same elsewhere.</summary>
    public string SameElsewhere => $"actorperf trace show {Summary.Id}\ncurl {Origin}/api/v1/traces/{Summary.Id}";

    private static WaterfallSpan Bar(FoldedSpans line) => line.Count == 1 ? Bar(line.First) : Bar(line.First) with { Name = $"{Words.Count(line.Count)} × {line.First.Name}", Length = line.Length };

    private static WaterfallSpan Bar(TraceSpan span) => new(span.Name, span.Start, span.Duration, span.Error is null ? Tones.Of(span.Kind) : "bad", span.Depth)
    {
        Anchor = Anchor(span.Id), Notes = [.. Notes(span)], IsShared = span.Shared is { HasOthers: true }, Error = span.Error,
    };

    private static IEnumerable<string> Notes(TraceSpan span)
    {
        if (span.IsOpen) yield return "had not ended";
        if (span.Batch is { } batch) yield return $"batch {Words.Count(batch)}";
        if (span.Shared is { } shared)
        {
            if (shared.Keys > 0) yield return $"{Words.Count(shared.Keys, "key", "keys")}{(shared.HasOthers ? $", {Words.Count(shared.OwnKeys)} its own" : "")}";
            if (shared.HasOthers) yield return $"shared by {Words.Count(shared.Calls, "call", "calls")}{(shared.Others.Count > 0 ? $", with {Words.Count(shared.Others.Count, "other trace", "other traces")}" : "")}";
        }
        foreach (var word in TagWords.Of(span.Tags)) yield return word;
        if (span.CallSite is { } site) yield return site;
    }
}

/// <summary>The tone of each kind of call: what is alike looks alike.</summary>
internal static class Tones
{
    public static string Of(CallKind kind) => kind switch
    {
        CallKind.Wait => "wait",
        CallKind.Cache or CallKind.Compute => "3",
        CallKind.Get or CallKind.GetMany or CallKind.Write => "4",
        CallKind.Statement or CallKind.Query or CallKind.Count or CallKind.Transaction or CallKind.Try or CallKind.Commit or CallKind.Submit => "2",
        CallKind.Fetch or CallKind.Command => "good",
        _ => "1",
    };

    public static string Word(string tone) => tone switch
    {
        "wait" => "waiting",
        "3" => "cache and computing",
        "4" => "reads and writes asked for",
        "2" => "statements and commits",
        "good" => "outside the node",
        _ => "the whole, and own spans",
    };
}
