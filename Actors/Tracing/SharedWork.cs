using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>Who took part in a statement or a computation: the span itself has links to them, and stands in the trace of each.</summary>
public sealed class SharedWork
{
    /// <summary>Links of a span; what goes beyond is a number.</summary>
    public const int MaxLinks = 128;

    private const string Property = "actorperf.shared";

    private readonly Lock _gate = new();
    private readonly List<(Activity Call, int Keys)> _calls = [];

    private SharedWork(int keys) => Keys = keys;

    /// <summary>Keys in the statement; 0 for a computation.</summary>
    public int Keys { get; }

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
            _calls.Add((call, keys));
            if (call != span.Parent && _calls.Count <= MaxLinks && !span.IsStopped) span.AddLink(new ActivityLink(call.Context));
        }
        TraceRecord.Of(call)?.Add(span);
    }

    /// <summary>Says on the span how many there were; before it ends.</summary>
    public void Tag(Activity span)
    {
        ArgumentNullException.ThrowIfNull(span);
        span.SetTag(SpanTags.Calls, Calls);
        if (_calls.Count > MaxLinks) span.SetTag(SpanTags.MoreLinks, _calls.Count - MaxLinks);
    }

    internal (Activity Call, int Keys)[] Taken()
    {
        lock (_gate) return [.. _calls];
    }
}
