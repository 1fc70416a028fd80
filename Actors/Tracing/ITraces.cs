namespace ActorPerf.Tracing;

/// <summary>The front door to what this node saw of the time that requests and jobs took. Reads memory only; nothing is computed until somebody asks.</summary>
/// <remarks>
/// A trace is one request or one attempt of a job, with the calls it made. Every request and every attempt is counted; how many are kept with their calls is a question of
/// the settings <c>actorperf.tracing.*</c>, and <see cref="RouteTotals.Traced"/> says it. Everywhere <c>ns</c> names the namespace whose traces are meant;
/// null stands for all of them, those that no namespace owns among them, and is for callers who may see every namespace.
/// </remarks>
public interface ITraces
{
    /// <summary>False where the configuration keeps no traces: then nothing is kept, and all lists are empty. Routes are counted all the same.</summary>
    bool IsOn { get; }

    /// <summary>Traces that are kept.</summary>
    IReadOnlyList<TraceSummary> List(TraceQuery query);

    /// <summary>One trace.</summary>
    /// <param name="id">A <see cref="TraceSummary.Id"/>, a W3C trace id of 32 digits (the latest of its traces), or a whole <c>traceparent</c>.</param>
    /// <returns>Null where it is not kept, or is another namespace's.</returns>
    Trace? Find(string? ns, string id);

    /// <summary>Everything counted since the node started (or <see cref="Reset"/>), by route and by kind of call.</summary>
    TraceTotals Totals(string? ns);

    /// <summary>What the traces that are kept have in common that costs time: alike ones of a route and call site as one, the costliest first.</summary>
    /// <param name="most">1 to 500.</param>
    IReadOnlyList<FindingTotal> Findings(string? ns, int most = 50);

    /// <summary>What tracing itself costs this node.</summary>
    TracingCost Cost { get; }

    /// <summary>Forgets the traces and sets every count to zero. For the whole node; metrics, which count since its start, go on.</summary>
    void Reset();
}
