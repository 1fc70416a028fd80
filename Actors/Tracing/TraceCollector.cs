using System.Collections.Concurrent;
using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>Keeps traces in memory, and answers for them. One for each node; several in a process do not see each other's.</summary>
/// <remarks>Listens to activities with <see cref="ActivitySamplingResult.AllData"/> and only to those below a root that it took itself. What is kept is bounded per route by number and over all by
/// <see cref="TracingOptions.MaxBytes"/>; routes and kinds are bounded too, and what comes beyond is counted together.</remarks>
public sealed class TraceCollector : ITraces, IDisposable
{
    internal const string OverflowName = "(others)";

    private const int MaxRoutes = 1_000;
    private const int MaxLines = 2_000;
    private const int MaxKinds = 500;
    private const int MaxRelated = 20;

    private readonly ConcurrentDictionary<(CallKind Kind, string Name), RouteMeter> _routes = new();
    private readonly ConcurrentDictionary<(string Namespace, CallKind Kind, string? Target), LatencyHistogram> _kinds = new();
    private readonly ActivityListener? _listener;
    private readonly RouteMeter _otherRoutes;
    private readonly Lock _resetting = new();
    private readonly EarlierCounts _earlier = new();
    private CostBook _costs = new();
    private long _bytes;
    private int _lines;
    private DateTimeOffset _since;
    private TimeSpan _processorBefore;

    public TraceCollector(TracingOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        (Options, Time) = (options, time);
        IsVirtual = time != TimeProvider.System;
        Overflow = new RouteLine(null, "", options);
        _otherRoutes = new RouteMeter(this, CallKind.Request, OverflowName);
        (_since, _processorBefore) = (time.GetUtcNow(), ProcessorTime());
        if (!options.Enabled) return;
        _listener = new ActivityListener
        {
            ShouldListenTo = TraceSampling.ListensTo,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => TraceSampling.Sample(this),
            ActivityStarted = Started,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public bool IsOn => Options.Enabled;

    internal TracingOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Whether its time is not the system's, which activities take theirs from.</summary>
    internal bool IsVirtual { get; }

    internal CostBook Costs => Volatile.Read(ref _costs);

    /// <summary>Of what is beyond the bounds.</summary>
    internal RouteLine Overflow { get; private set; }

    internal long Timestamp => Time.GetTimestamp();

    public TracingCost Cost
    {
        get
        {
            var lines = Lines();
            return Costs.Read(
                lines.Sum(static line => line.Totals().Requests), Time, ProcessorTime() - _processorBefore, lines.Sum(static line => line.Kept().Count), Interlocked.Read(ref _bytes), Options.MaxBytes);
        }
    }

    /// <summary>The meter of a route; the same one for the same name.</summary>
    public RouteMeter Route(CallKind kind, string name)
    {
        if (_routes.TryGetValue((kind, name), out var known)) return known;
        return _routes.Count >= MaxRoutes ? _otherRoutes : _routes.GetOrAdd((kind, name), static (key, self) => new RouteMeter(self, key.Kind, key.Name), this);
    }

    public IReadOnlyList<TraceSummary> List(TraceQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, TraceQuery.MaxLimit);
        var found = Kept(query.Namespace).Where(trace =>
            (query.Route is null || trace.Route.Name == query.Route)
            && trace.Duration >= query.MinDuration
            && (!query.OnlyErrors || trace.Error is not null)
            && (query.Kind is null || trace.Route.Kind == query.Kind)
            && (query.Before is not { } before || trace.EndedAt < before));
        var ordered = query.Order == TraceOrder.Slowest ? found.OrderByDescending(static trace => trace.Duration) : found.OrderByDescending(static trace => trace.EndedAt);
        return [.. ordered.Take(query.Limit).Select(static trace => trace.Reading.Summary)];
    }

    public Trace? Find(string? ns, string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var (trace, span) = Parts(id);
        var kept = Kept(ns);
        var found = kept.Where(one => trace is null || one.Root.TraceId.ToHexString() == trace).Where(one => span is null || one.Root.SpanId.ToHexString() == span)
            .OrderByDescending(static one => one.EndedAt).FirstOrDefault();
        if (found is null && trace is not null && span is not null) return Find(ns, trace);     // a traceparent names any span of it
        return found is null ? null : found.Reading.Trace with { Related = Related(found, kept) };
    }

    public TraceTotals Totals(string? ns)
    {
        var routes = Lines().Where(line => ns is null || line.Namespace == ns).Select(static line => line.Totals()).Where(static line => line.Requests > 0).ToList();
        var kinds = routes.SelectMany(static route => route.Calls).GroupBy(static calls => (calls.Kind, calls.Target)).Select(group => KindTotals(ns, group.Key.Kind, group.Key.Target, [.. group]));
        return new TraceTotals(
            [.. routes.OrderByDescending(static route => route.Latency.Mean * route.Requests)], [.. kinds.OrderByDescending(static kind => kind.Total)], _since);
    }

    public IReadOnlyList<FindingTotal> Findings(string? ns, int most = 50)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, 500);
        return [.. FindingTotals.Of(Kept(ns)).Take(most)];
    }

    public void Reset()
    {
        lock (_resetting)
        {
            _earlier.Add(Cost);
            foreach (var line in _routes.Values.Append(_otherRoutes).SelectMany(static route => route.Reset()).Append(Overflow).Distinct())
                if (line.Route is null or { Kind: CallKind.Request }) _earlier.Add(NameOf(line), line.Latency, line.Failed);
            _kinds.Clear();
            Overflow = new RouteLine(null, "", Options);
            Volatile.Write(ref _costs, new CostBook());
            Interlocked.Exchange(ref _bytes, 0);
            Interlocked.Exchange(ref _lines, 0);
            (_since, _processorBefore) = (Time.GetUtcNow(), ProcessorTime());
        }
    }

    /// <summary>How long the requests of each route took since the start, over all namespaces and whatever was reset since; in order of name.</summary>
    internal IReadOnlyList<(string Route, LatencyHistogram Latency, long Failed)> Requests()
    {
        lock (_resetting)
        {
            return
            [
                .. from line in Lines().Where(static line => line.Route is null or { Kind: CallKind.Request }).Select(static line => (Route: NameOf(line), line.Latency, line.Failed)).Concat(_earlier.Routes)
                   group line by line.Route into route
                   orderby route.Key
                   select (route.Key, Together(route.Select(static line => line.Latency)), route.Sum(static line => line.Failed)),
            ];
        }
    }

    /// <summary>What recording came to since the start, whatever was reset since.</summary>
    internal (long Traced, long Spans, TimeSpan Time) Ever()
    {
        lock (_resetting)
        {
            var cost = Cost;
            return (_earlier.Traced + cost.Traced, _earlier.Spans + cost.Spans, _earlier.Time + cost.Time);
        }
    }

    private static string NameOf(RouteLine line) => line.Route?.Name ?? OverflowName;

    private static LatencyHistogram Together(IEnumerable<LatencyHistogram> parts)
    {
        var all = new LatencyHistogram();
        foreach (var part in parts) all.Add(part);
        return all;
    }

    public void Dispose() => _listener?.Dispose();

    internal RouteLine NewLine(RouteMeter route, string ns) => Interlocked.Increment(ref _lines) > MaxLines ? Overflow : new RouteLine(route, ns, Options);

    /// <summary>Keeps a trace that has ended, and gives up others where that is too much.</summary>
    internal void Keep(RouteLine line, RecordedTrace trace)
    {
        Costs.Traced(trace);
        foreach (var span in trace.Spans)
            if (span != trace.Root && span.IsStopped) HistogramOf(trace.Namespace, span)?.Record(span.Duration);
        if (Interlocked.Add(ref _bytes, line.Keep(trace)) > Options.MaxBytes) MakeRoom();
    }

    private static TimeSpan ProcessorTime() => Environment.CpuUsage.TotalTime;

    private void Started(Activity span)
    {
        if (TraceRecord.Of(span.Parent) is { } record && record.Owner == this) record.Add(span);
    }

    /// <summary>A trace id, a span id, or both from a <c>traceparent</c>.</summary>
    private static (string? Trace, string? Span) Parts(string id)
    {
        if (ActivityContext.TryParse(id, null, out var context)) return (context.TraceId.ToHexString(), context.SpanId.ToHexString());
        return id.Length == 32 ? (id, null) : (null, id);
    }

    private static IReadOnlyList<TraceSummary> Related(RecordedTrace trace, IEnumerable<RecordedTrace> kept)
    {
        var id = trace.Root.TraceId;
        var linked = trace.Root.Links.Select(static link => link.Context.TraceId).ToHashSet();
        return [.. kept
            .Where(other => other != trace && (other.Root.TraceId == id || linked.Contains(other.Root.TraceId) || other.Root.Links.Any(link => link.Context.TraceId == id)))
            .OrderByDescending(static other => other.EndedAt).Take(MaxRelated).Select(static other => other.Reading.Summary)];
    }

    private KindTotals KindTotals(string? ns, CallKind kind, string? target, IReadOnlyList<KindTotals> routes)
    {
        var histogram = new LatencyHistogram();
        foreach (var (key, one) in _kinds)
            if (key.Kind == kind && key.Target == target && (ns is null || key.Namespace == ns)) histogram.Add(one);
        var (total, calls) = (new TimeSpan(routes.Sum(static route => route.Total.Ticks)), routes.Sum(static route => route.Calls));
        // Beyond the bound there is no histogram of its own: then mean and longest are known, and no percentiles.
        var latency = histogram.Count > 0 ? RouteLine.LatencyOf(histogram) : new Latency(calls == 0 ? TimeSpan.Zero : total / calls, routes.Max(static route => route.Latency.Max));
        return new KindTotals(
            kind, target, null, calls, routes.Sum(static route => route.Errors), routes.Sum(static route => route.Traces), total,
            latency, [.. routes.OrderByDescending(static route => route.Total)]);
    }

    private LatencyHistogram? HistogramOf(string ns, Activity span)
    {
        var kind = TraceReading.KindOf(span);
        var key = (ns, kind, TraceReading.TargetOf(span, kind));
        if (_kinds.TryGetValue(key, out var known)) return known;
        return _kinds.Count >= MaxKinds ? null : _kinds.GetOrAdd(key, static _ => new LatencyHistogram());
    }

    private List<RouteLine> Lines() => [.. _routes.Values.Append(_otherRoutes).SelectMany(static route => route.Lines).Append(Overflow).Distinct()];

    private List<RecordedTrace> Kept(string? ns) => [.. Lines().Where(line => ns is null || line.Namespace == ns).SelectMany(static line => line.Kept())];

    /// <summary>The route that has most gives first.</summary>
    private void MakeRoom()
    {
        while (Interlocked.Read(ref _bytes) > Options.MaxBytes)
        {
            if (Lines().MaxBy(static line => line.Bytes) is not { Bytes: > 0 } largest) return;
            Interlocked.Add(ref _bytes, -largest.Evict());
            Costs.Evicted();
        }
    }
}
