namespace ActorPerf.Tracing;

/// <summary>What tracing costs the node, measured by itself.</summary>
/// <param name="Requests">Requests and attempts counted.</param>
/// <param name="Traced">Of them, those whose calls were recorded.</param>
/// <param name="Spans">Recorded.</param>
/// <param name="Dropped">Spans beyond the limit of their trace.</param>
/// <param name="Time">Time spent in recording, estimated from samples where that is cheaper.</param>
/// <param name="PerSpan">Of it, on one span.</param>
/// <param name="ShareOfProcessor">Of it, as a share of the processor time that the process has used since counting began: 0 to 1.</param>
/// <param name="Traces">Kept now.</param>
/// <param name="Bytes">Kept now, estimated.</param>
/// <param name="MaxBytes">The budget, <c>actorperf.tracing.max-bytes</c>.</param>
/// <param name="Evicted">Traces that the budget has pushed out before their time.</param>
public sealed record TracingCost(
    long Requests, long Traced, long Spans, long Dropped, TimeSpan Time, TimeSpan PerSpan, double ShareOfProcessor, int Traces, long Bytes, long MaxBytes, long Evicted)
{
    public static readonly TracingCost None = new(0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0, 0, 0);
}
