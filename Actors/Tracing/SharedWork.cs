using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>Who took part in a statement or a computation: the span itself has links to them, and stands in the trace of each.</summary>
/// <remarks>Holds ids and no spans: a trace that is kept must not keep all that it ever shared something with.</remarks>
public sealed class SharedWork
{
    /// <summary>Links of a span; what goes beyond is a number.</summary>
    public const int MaxLinks = 128;

    private const int MaxCalls = 1_000;
    private const string Property = "actorperf.shared";

    private readonly Lock _gate = new();
    private readonly List<SharedCall> _calls = [];

    private SharedWork(int keys) => Keys = keys;

    /// <summary>Keys in the statement; 0 for a computation.</summary>
    public int Keys { get; }

    private int _traced;

    /// <summary>Calls that took part, traced or not.</summary>
    public int Calls { get; private set; }

    /// <summary>Makes a span one that others share. The call it stands below is not among them yet.</summary>
    public static SharedWork On(Activity span, int keys)
    {
        ArgumentNullException.ThrowIfNull(span);
        var shared = new SharedWork(keys);
        span.SetCustomProperty(Property, shared);
        return shared;
    }

    /// <summary>Null for a span that nobody shares.</summary>
    public static SharedWork? Of(Activity span) => span?.GetCustomProperty(Property) as SharedWork;

    /// <summary>Another call took part.</summary>
    /// <param name="span">The shared span.</param>
    /// <param name="call">The call's; null: nobody traces it.</param>
    /// <param name="keys">How many of its keys were in it.</param>
    public void Join(Activity span, Activity? call, int keys)
    {
        ArgumentNullException.ThrowIfNull(span);
        lock (_gate)
        {
            Calls++;
            if (call is null) return;
            _traced++;
            if (_calls.Count < MaxCalls) _calls.Add(new SharedCall(call.SpanId, TraceRecord.Of(call)?.Root.SpanId ?? default, keys));
            if (call != span.Parent && _traced <= MaxLinks && !span.IsStopped) span.AddLink(new ActivityLink(call.Context));
        }
        TraceRecord.Of(call)?.Add(span);
    }

    /// <summary>Says on the span how many there were; before it ends.</summary>
    public void Tag(Activity span)
    {
        ArgumentNullException.ThrowIfNull(span);
        span.SetTag(SpanTags.Calls, Calls);
        if (_traced > MaxLinks) span.SetTag(SpanTags.MoreLinks, _traced - MaxLinks);
    }

    internal SharedCall[] Taken()
    {
        lock (_gate) return [.. _calls];
    }

    /// <summary>How many <see cref="Taken"/> has.</summary>
    internal int Kept
    {
        get
        {
            lock (_gate) return _calls.Count;
        }
    }
}

/// <summary>A traced call that took part.</summary>
/// <param name="Root">Of its trace; default where only an exporter has it.</param>
internal readonly record struct SharedCall(ActivitySpanId Call, ActivitySpanId Root, int Keys);
