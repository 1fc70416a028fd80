using System.Diagnostics;
using System.Globalization;

namespace ActorPerf.Tracing;

/// <summary>Reads a recorded trace as it is shown, once somebody looks.</summary>
internal sealed class TraceReading
{
    private static readonly HashSet<string> Told = new([SpanTags.Error, SpanTags.File, SpanTags.Line, SpanTags.Function], StringComparer.Ordinal);

    private readonly RecordedTrace _recorded;
    private readonly Dictionary<Activity, Activity?> _parents = [];
    private readonly Dictionary<ActivitySpanId, Activity> _byId = [];

    public TraceReading(RecordedTrace recorded)
    {
        _recorded = recorded;
        foreach (var span in recorded.Spans)
        {
            _parents.TryAdd(span, null);
            _byId.TryAdd(span.SpanId, span);
        }
        foreach (var span in recorded.Spans) _parents[span] = ParentOf(span);
        var ends = recorded.Root.StartTimeUtc + recorded.Root.Duration;
        Spans = [.. _parents.Keys.Select(span => Read(span, ends)).OrderBy(static span => span.Parent is not null).ThenBy(static span => span.Start).ThenBy(static span => span.Depth)];
        Findings = TraceFindings.Of(Spans, ReadsOf(), recorded.Duration);
        var calls = Spans.Count - 1 + recorded.Dropped;
        Summary = new TraceSummary(
            IdOf(recorded.Root), recorded.Root.TraceId.ToHexString(), recorded.Namespace, recorded.Route.Name, recorded.Route.Kind,
            new DateTimeOffset(recorded.Root.StartTimeUtc, TimeSpan.Zero), recorded.Duration, recorded.Status, recorded.Error, calls, Findings.Count) { Title = recorded.Title, Job = recorded.Job };
    }

    public TraceSummary Summary { get; }

    public IReadOnlyList<TraceSpan> Spans { get; }

    public IReadOnlyList<Finding> Findings { get; }

    public Trace Trace => new(Summary, Spans, _recorded.Dropped, Findings)
    {
        Links = [.. _recorded.Root.Links.Select(static link => new TraceLink(link.Context.TraceId.ToHexString(), link.Context.SpanId.ToHexString()))],
        OwnCost = _recorded.Cost,
        Kinds = [.. Spans.Skip(1).GroupBy(static span => (span.Kind, span.Target)).Select(static group => TotalOf(group.Key.Kind, group.Key.Target, [.. group])).OrderByDescending(static kind => kind.Total)],
    };

    public static CallKind KindOf(Activity span) => ReferenceEquals(span.Source, Tracing.Spans.Source) && CallKinds.TryParse(span.OperationName, out var kind) ? kind : CallKind.Own;

    /// <summary>What a call is about: a kind of entity, a task, a host; null where it says nothing.</summary>
    public static string? TargetOf(Activity span, CallKind kind) => span.GetTagItem(SpanTags.Target(kind)) as string;

    private static string IdOf(Activity span) => span.SpanId.ToHexString();

    private static KindTotals TotalOf(CallKind kind, string? target, TraceSpan[] spans)
    {
        var total = new TimeSpan(spans.Sum(static span => span.Duration.Ticks));
        return new KindTotals(
            kind, target, null, spans.Length, spans.LongCount(static span => span.Error is not null), 1, total, new Latency(total / spans.Length, spans.Max(static span => span.Duration)), []);
    }

    private TraceSpan Read(Activity span, DateTime ends)
    {
        var (start, open) = (span.StartTimeUtc - _recorded.Root.StartTimeUtc, !span.IsStopped);
        var kind = KindOf(span);
        var tags = span.TagObjects.Where(static tag => tag.Value is not null).ToList();
        var (parent, depth) = (_parents[span], DepthOf(span));
        return new TraceSpan(IdOf(span), parent is null ? null : IdOf(parent), depth, kind, span.DisplayName, start, open ? ends - span.StartTimeUtc : span.Duration)
        {
            IsOpen = open,
            Error = span.GetTagItem(SpanTags.Error) as string ?? (span.Status == ActivityStatusCode.Error ? span.StatusDescription ?? "error" : null),
            CallSite = span.GetTagItem(SpanTags.File) is string file ? Tracing.Spans.SiteOf(file, span.GetTagItem(SpanTags.Line), span.GetTagItem(SpanTags.Function)) : null,
            Target = TargetOf(span, kind),
            Tags = [.. tags.Where(static tag => !Told.Contains(tag.Key)).Select(static tag => KeyValuePair.Create(tag.Key, Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? ""))],
            Batch = span.GetTagItem(SpanTags.Batch) as long?,
            Shared = SharedOf(span),
        };
    }

    private SharedSpan? SharedOf(Activity span)
    {
        if (SharedWork.Of(span) is not { } shared) return null;
        var calls = shared.Taken();
        var own = calls.Where(call => _byId.ContainsKey(call.Call)).Sum(static call => call.Keys);
        var others = calls.Select(static call => call.Root).Where(root => root != default && root != _recorded.Root.SpanId).Distinct().Take(SharedWork.MaxLinks).Select(static root => root.ToHexString());
        return new SharedSpan(shared.Calls, [.. others], shared.Keys, own);
    }

    /// <summary>The nearest span around that is kept; for what others share the first call of this trace that took part.</summary>
    private Activity? ParentOf(Activity span)
    {
        if (span == _recorded.Root) return null;
        if (SharedWork.Of(span) is { } shared)
        {
            foreach (var (call, _, _) in shared.Taken())
                if (_byId.TryGetValue(call, out var own)) return own;
        }
        for (var above = span.Parent; above is not null; above = above.Parent)
            if (_parents.ContainsKey(above)) return above;
        return _recorded.Root;
    }

    private int DepthOf(Activity span)
    {
        var depth = 0;
        for (var above = _parents[span]; above is not null && depth < 100; above = _parents.GetValueOrDefault(above)) depth++;
        return depth;
    }

    private List<(string Span, int Key)> ReadsOf() => [.. _recorded.Reads.Select(static read => (IdOf(read.Span), read.Key))];
}
