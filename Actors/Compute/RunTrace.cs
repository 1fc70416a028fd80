using System.Diagnostics;
using ActorPerf.Tracing;

namespace ActorPerf.Compute;

/// <summary>What a run of a task belongs to in traces: whoever asked for it, and all who joined. Any thread.</summary>
public sealed class RunTrace
{
    private readonly Lock _gate = new();
    private readonly List<Activity> _calls;
    private readonly DateTimeOffset _asked;
    private Activity? _running;
    private SharedWork? _shared;

    private RunTrace(Activity above) => (Above, _calls, _asked) = (above, [above], Spans.Now(above));

    /// <summary>The span of who asked for the run.</summary>
    public Activity Above { get; }

    /// <summary>Null where nobody traces.</summary>
    public static RunTrace? Of(Activity? above) => above is null ? null : new RunTrace(above);

    /// <summary>Another call awaits the same run.</summary>
    public void Join(Activity? call)
    {
        if (call is null) return;
        lock (_gate)
        {
            _calls.Add(call);
            if (_running is { } span) _shared?.Join(span, call, 0);
        }
    }

    /// <summary>The run begins: what it waited for since it was asked for stands beside it. Its span is the current one until the asynchronous method that called this has ended.</summary>
    internal void Begin(string task)
    {
        Activity.Current = Above;
        Spans.End(Spans.BeginBelow(Above, CallKind.Wait, null, _asked));
        var span = Spans.Enter(CallKind.Compute, task);
        if (span is null) return;
        lock (_gate)
        {
            _running = span;
            _shared = SharedWork.On(span, 0);
            foreach (var call in _calls) _shared.Join(span, call, 0);
        }
    }

    internal void End(AttemptOutcome outcome)
    {
        if (_running is not { } span) return;
        lock (_gate) _shared?.Tag(span);
        Spans.End(span, outcome switch
        {
            AttemptOutcome.Failed failed => failed.Error.Type,
            AttemptOutcome.Cancelled => "cancelled",
            _ => null,
        });
    }
}
