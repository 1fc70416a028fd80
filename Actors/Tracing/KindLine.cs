using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>What calls of a kind came to that were about one target, on one route. Belongs to the lock of its line.</summary>
internal sealed class KindLine
{
    private long _lastTrace;
    private long _calls;
    private long _errors;
    private long _traces;
    private TimeSpan _total;
    private TimeSpan _longest;

    /// <param name="trace">Number of the trace among those of its line, from 1.</param>
    public void Add(Activity span, long trace)
    {
        _calls++;
        if (span.Status == ActivityStatusCode.Error) _errors++;
        if (_lastTrace != trace) _traces++;
        _lastTrace = trace;
        _total += span.Duration;
        if (span.Duration > _longest) _longest = span.Duration;
    }

    public KindTotals Totals(CallKind kind, string? target, string? route) =>
        new(kind, target, route, _calls, _errors, _traces, _total, new Latency(_calls == 0 ? TimeSpan.Zero : _total / _calls, _longest), []);
}
