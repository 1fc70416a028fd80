namespace ActorPerf.Tracing;

/// <summary>One line of a list of traces.</summary>
/// <param name="Id">16 hexadecimal digits: the id of its first span. Finds this trace alone.</param>
/// <param name="TraceId">32 hexadecimal digits: the W3C trace it belongs to, which a caller may share between several requests.</param>
/// <param name="Namespace">Empty where none owns it.</param>
/// <param name="Route">Such as <c>POST /api/v1/compute/{task}</c>, or <c>job report</c>.</param>
/// <param name="Kind">Of its root.</param>
/// <param name="StartedAt">By the node's clock.</param>
/// <param name="Status">Of the HTTP answer; null for an attempt.</param>
/// <param name="Error">What went wrong, in a word or two (an error type or code); null where nothing did.</param>
/// <param name="Calls">How many calls it made, those beyond the kept ones included.</param>
/// <param name="Findings">How many findings it has.</param>
public sealed record TraceSummary(
    string Id, string TraceId, string Namespace, string Route, CallKind Kind, DateTimeOffset StartedAt, TimeSpan Duration, int? Status, string? Error, int Calls, int Findings)
{
    /// <summary>What else there is to call it by: the task, or the path without its query; null where the route says it all.</summary>
    public string? Title { get; init; }

    /// <summary>The id of the job, for an attempt.</summary>
    public string? Job { get; init; }

    public DateTimeOffset EndedAt => StartedAt + Duration;
}

/// <summary>One request or attempt with its calls.</summary>
/// <param name="Spans">In the order of their start, the root first. A statement or a computation that others shared stands here too.</param>
/// <param name="Dropped">Spans beyond the limit, which were counted and not kept.</param>
public sealed record Trace(TraceSummary Summary, IReadOnlyList<TraceSpan> Spans, int Dropped, IReadOnlyList<Finding> Findings)
{
    /// <summary>Traces it is linked to: of an attempt the request that submitted its job. Not all of them need be kept.</summary>
    public IReadOnlyList<TraceLink> Links { get; init; } = [];

    /// <summary>Traces kept on this node that are of the same W3C trace or name it in a link: other requests of the page, attempts of jobs it submitted. The newest first, 20 at most.</summary>
    public IReadOnlyList<TraceSummary> Related { get; init; } = [];

    /// <summary>What recording this trace took of its thread's time.</summary>
    public TimeSpan OwnCost { get; init; }

    /// <summary>The calls by kind, the longest total first.</summary>
    public IReadOnlyList<KindTotals> Kinds { get; init; } = [];
}

/// <summary>Another trace that one belongs with.</summary>
public sealed record TraceLink(string TraceId, string SpanId);

/// <summary>One call, statement or wait.</summary>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="Parent">The span that it belongs to, in the same trace; null for the root.</param>
/// <param name="Depth">0 for the root, one more below each parent.</param>
/// <param name="Name">For people: <c>get Account</c>, <c>cache square</c>.</param>
/// <param name="Start">From the start of the root; negative where it began before, as a shared statement may.</param>
/// <param name="Duration">Of one that had not ended with the root, up to the root's end; then <see cref="IsOpen"/>.</param>
public sealed record TraceSpan(string Id, string? Parent, int Depth, CallKind Kind, string Name, TimeSpan Start, TimeSpan Duration)
{
    /// <summary>It had not ended when the trace did.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What went wrong, in a word or two; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Where in the source it was called: <c>Pages/Report.cs:41</c>; null where it is not known.</summary>
    public string? CallSite { get; init; }

    /// <summary>What it is about: a kind of entity, a task, a host; null where there is nothing to say.</summary>
    public string? Target { get; init; }

    /// <summary>Names and values for people, such as <c>actorperf.cache.outcome</c>; never values of keys or parameters.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Of a call whose keys went to the store in a batch, and of the statement of that batch: the same number in both. Null elsewhere.</summary>
    public long? Batch { get; init; }

    /// <summary>Who shared it; null for what one trace had for itself.</summary>
    public SharedSpan? Shared { get; init; }

    public TimeSpan End => Start + Duration;
}

/// <summary>How a statement or a computation was shared.</summary>
/// <param name="Calls">Calls that took part, those of this trace among them, and those of requests that were not traced.</param>
/// <param name="Others">The ids (<see cref="TraceSummary.Id"/>) of others that took part and were traced; 128 at most.</param>
/// <param name="Keys">Keys in the statement; 0 for a computation.</param>
/// <param name="OwnKeys">Of them, asked for by this trace.</param>
public sealed record SharedSpan(int Calls, IReadOnlyList<string> Others, int Keys, int OwnKeys)
{
    /// <summary>Somebody else had a part in it: another trace, or a request that was not traced.</summary>
    public bool HasOthers => Others.Count > 0 || Keys > OwnKeys || (Keys == 0 && Calls > 1);
}
