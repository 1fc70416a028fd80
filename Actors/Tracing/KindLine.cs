using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>What a kind of call came to, on one route. Belongs to the lock of its line.</summary>
internal sealed class KindLine
{
    private long _calls;
    private long _errors;
    private long _traces;
    private TimeSpan _total;
    private TimeSpan _longest;

    public void Add(Activity span, bool isNewTrace)
    {
        _calls++;
        if (span.Status == ActivityStatusCode.Error) _errors++;
        if (isNewTrace) _traces++;
        _total += span.Duration;
        if (span.Duration > _longest) _longest = span.Duration;
    }

    public KindTotals Totals(CallKind kind, string? route) =>
        new(kind, null, route, _calls, _errors, _traces, _total, new Latency(_calls == 0 ? TimeSpan.Zero : _total / _calls, _longest), []);
}
