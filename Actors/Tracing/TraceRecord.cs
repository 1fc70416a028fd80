using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>A trace while it is recorded: its spans as they begin. Hangs on the root's activity, and is found from any span below it.</summary>
internal sealed class TraceRecord(TraceCollector owner, RouteMeter route, Activity root, string? sent)
{
    private const string Property = "actorperf.trace";
    private const int MaxReads = 2_000;

    private readonly Lock _gate = new();
    private readonly List<Activity> _spans = [root];
    private List<(Activity Span, int Key)>? _reads;
    private int _dropped;
    private long _spent;
    private bool _ended;

    public TraceCollector Owner { get; } = owner;

    public RouteMeter Route { get; } = route;

    public Activity Root { get; } = root;

    /// <summary>The <c>traceparent</c> that the caller sent; null for none.</summary>
    public string? Sent { get; } = sent;

    /// <summary>Whether time is not the system's: then spans have theirs from the owner's clock.</summary>
    public bool IsVirtual => Owner.IsVirtual;

    public bool HasRoom => Volatile.Read(ref _dropped) == 0;

    /// <summary>The record that a span belongs to; null where none is kept.</summary>
    public static TraceRecord? Of(Activity? span)
    {
        for (; span is not null; span = span.Parent)
            if (span.GetCustomProperty(Property) is TraceRecord record) return record;
        return null;
    }

    public void Attach() => Root.SetCustomProperty(Property, this);

    public void Add(Activity span)
    {
        lock (_gate)
        {
            if (_ended) return;                                   // what begins now belongs to nobody's answer
            if (_spans.Count >= Owner.Options.MaxSpans) Interlocked.Increment(ref _dropped);
            else if (SharedWork.Of(span) is null || !_spans.Contains(span)) _spans.Add(span);
        }
    }

    public void Drop() => Interlocked.Increment(ref _dropped);

    /// <summary>Notes that a call read an entity from the store. The key itself is not kept: equal ones have the same number, which means nothing outside of this process.</summary>
    public void Read(Activity span, int key)
    {
        lock (_gate)
        {
            if (!_ended && (_reads?.Count ?? 0) < MaxReads) (_reads ??= []).Add((span, key));
        }
    }

    /// <summary>Adds what recording has cost since a timestamp.</summary>
    public void Spent(long began) => Interlocked.Add(ref _spent, Owner.Timestamp - began);

    public RecordedTrace End(string ns, int? status, string? error, string? title, string? job)
    {
        lock (_gate)
        {
            _ended = true;
            var ended = new RecordedTrace(Route, Root, [.. _spans], _reads?.ToArray() ?? [], _dropped, Owner.Time.GetElapsedTime(0, Interlocked.Read(ref _spent)))
            {
                Namespace = ns, Status = status, Error = error, Title = title, Job = job,
            };
            // The root still leads here, and others' shared spans may lead to it: what was given up must be free.
            _spans.Clear();
            _reads = null;
            return ended;
        }
    }
}

/// <summary>A trace that has ended, as it is kept: the activities themselves, read when somebody looks.</summary>
internal sealed class RecordedTrace(RouteMeter route, Activity root, Activity[] spans, (Activity Span, int Key)[] reads, int dropped, TimeSpan cost)
{
    private const int BytesOfSpan = 750;                          // an activity with its name, ids and five tags, as measured
    private const int BytesOfShare = 240;                         // a call that took part: its ids, and the link to it

    private readonly int _bytes = BytesOfSpan * spans.Length + 16 * reads.Length + 400 + BytesOfShare * spans.Sum(static span => SharedWork.Of(span)?.Kept ?? 0);
    private WeakReference<TraceReading>? _reading;

    public RouteMeter Route { get; } = route;
    public Activity Root { get; } = root;
    public Activity[] Spans { get; } = spans;
    public (Activity Span, int Key)[] Reads { get; } = reads;
    public int Dropped { get; } = dropped;
    public TimeSpan Cost { get; } = cost;

    public required string Namespace { get; init; }
    public int? Status { get; init; }
    public string? Error { get; init; }
    public string? Title { get; init; }
    public string? Job { get; init; }

    public TimeSpan Duration => Root.Duration;

    public DateTimeOffset EndedAt => new(Root.StartTimeUtc + Root.Duration, TimeSpan.Zero);

    /// <summary>How many lists of its route hold it; belongs to the route's lock.</summary>
    public int Held { get; set; }

    public int Bytes => _bytes + 2 * ((Title?.Length ?? 0) + (Error?.Length ?? 0));

    /// <summary>As it is shown: as large as the trace itself, so it is kept only for as long as somebody looks, or nobody needs the memory.</summary>
    public TraceReading Reading
    {
        get
        {
            if (Volatile.Read(ref _reading) is { } known && known.TryGetTarget(out var made)) return made;
            var reading = new TraceReading(this);
            Volatile.Write(ref _reading, new WeakReference<TraceReading>(reading));
            return reading;
        }
    }
}
