using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>What is known of one route in one namespace: counts of all requests, and the traces that are kept.</summary>
internal sealed class RouteLine(RouteMeter? route, string ns, TracingOptions options)
{
    private readonly Lock _gate = new();
    private readonly LatencyHistogram _latency = new();
    /// <summary>Targets of a route beyond these count together: entities and tasks are few, hosts that somebody fetches from need not be.</summary>
    private const int MaxKinds = 100;

    private readonly Dictionary<(CallKind Kind, string? Target), KindLine> _kinds = [];
    private readonly LinkedList<RecordedTrace> _latest = new();          // oldest first
    private readonly LinkedList<RecordedTrace> _errors = new();
    private readonly List<RecordedTrace> _slowest = [];                  // fastest first
    private long _failed;
    private long _traced;

    /// <summary>Null: of all that have no line of their own.</summary>
    public RouteMeter? Route { get; } = route;

    public string Namespace { get; } = ns;

    public long Bytes { get; private set; }

    /// <summary>Of all that were counted; others go on counting into it.</summary>
    public LatencyHistogram Latency => _latency;

    public long Failed => Interlocked.Read(ref _failed);

    public void Count(TimeSpan duration, bool failed)
    {
        _latency.Record(duration);
        if (failed) Interlocked.Increment(ref _failed);
    }

    /// <summary>Keeps a trace where it belongs among the latest, the slowest and the errors.</summary>
    /// <returns>By how many bytes more is kept now.</returns>
    public long Keep(RecordedTrace trace)
    {
        lock (_gate)
        {
            _traced++;
            CountCalls(trace);
            if (Route is null) return 0;
            var before = Bytes;
            AddTo(_latest, trace, options.Latest);
            if (trace.Error is not null) AddTo(_errors, trace, options.Errors);
            AddSlow(trace);
            return Bytes - before;
        }
    }

    /// <summary>Gives up the trace that is missed least: of the latest, then of the errors, then of the slowest.</summary>
    /// <returns>Bytes that are free now; 0 where there was none.</returns>
    public long Evict()
    {
        lock (_gate)
        {
            var before = Bytes;
            if (_latest.First is { } oldest && (_latest.Count > _errors.Count || _errors.Count == 0) && (_latest.Count > 1 || _slowest.Count == 0)) TakeFirst(_latest, oldest);
            else if (_errors.First is { } error) TakeFirst(_errors, error);
            else if (_slowest.Count > 0)
            {
                Release(_slowest[0]);
                _slowest.RemoveAt(0);
            }
            return before - Bytes;
        }
    }

    /// <summary>Every trace that is kept, once.</summary>
    public HashSet<RecordedTrace> Kept()
    {
        lock (_gate) return [.. _latest, .. _errors, .. _slowest];
    }

    public RouteTotals Totals()
    {
        lock (_gate)
        {
            var name = Route?.Name ?? TraceCollector.OverflowName;
            return new RouteTotals(
                Namespace, name, Route?.Kind ?? CallKind.Request, _latency.Count, Interlocked.Read(ref _failed), _traced, LatencyOf(_latency),
                [.. _kinds.Select(kind => kind.Value.Totals(kind.Key.Kind, kind.Key.Target, name)).OrderByDescending(static kind => kind.Total)]);
        }
    }

    internal static Latency LatencyOf(LatencyHistogram histogram)
    {
        var points = histogram.Percentiles([50, 90, 95, 99]);
        return new Latency(histogram.Mean, histogram.Max, points[0], points[1], points[2], points[3]);
    }

    private void CountCalls(RecordedTrace trace)
    {
        foreach (var span in trace.Spans)
            if (span != trace.Root && span.IsStopped) LineOf(span).Add(span, _traced);
    }

    private KindLine LineOf(Activity span)
    {
        var kind = TraceReading.KindOf(span);
        var target = TraceReading.TargetOf(span, kind);
        if (_kinds.TryGetValue((kind, target), out var known)) return known;
        if (_kinds.Count >= MaxKinds && target is not null && _kinds.TryGetValue((kind, target = TraceCollector.OverflowName), out known)) return known;
        return _kinds[(kind, target)] = new KindLine();
    }

    private void AddTo(LinkedList<RecordedTrace> list, RecordedTrace trace, int most)
    {
        if (most == 0) return;
        list.AddLast(trace);
        Hold(trace);
        if (list.Count > most) TakeFirst(list, list.First!);
    }

    private void AddSlow(RecordedTrace trace)
    {
        if (options.Slowest == 0 || (_slowest.Count == options.Slowest && _slowest[0].Duration >= trace.Duration)) return;
        var place = _slowest.FindIndex(other => other.Duration > trace.Duration);
        _slowest.Insert(place < 0 ? _slowest.Count : place, trace);
        Hold(trace);
        if (_slowest.Count <= options.Slowest) return;
        Release(_slowest[0]);
        _slowest.RemoveAt(0);
    }

    private void TakeFirst(LinkedList<RecordedTrace> list, LinkedListNode<RecordedTrace> first)
    {
        Release(first.Value);
        list.Remove(first);
    }

    private void Hold(RecordedTrace trace)
    {
        if (trace.Held++ == 0) Bytes += trace.Bytes;
    }

    private void Release(RecordedTrace trace)
    {
        if (--trace.Held == 0) Bytes -= trace.Bytes;
    }
}
