namespace ActorPerf.Tracing;

/// <summary>What was counted, from both sides: each route with the kinds of its calls, each kind of call with its routes. Kinds are split by what the calls were about.</summary>
/// <param name="Routes">The one that took most time altogether first.</param>
/// <param name="Kinds">The same. Of traced requests alone, for only these have calls.</param>
/// <param name="Since">When counting began.</param>
public sealed record TraceTotals(IReadOnlyList<RouteTotals> Routes, IReadOnlyList<KindTotals> Kinds, DateTimeOffset Since);

/// <summary>A route.</summary>
/// <param name="Requests">All of them, traced or not.</param>
/// <param name="Errors">Of them, those that ended in an error.</param>
/// <param name="Traced">Of them, those whose calls were recorded.</param>
/// <param name="Latency">Of all of them.</param>
/// <param name="Calls">By the traced ones: the kinds of calls, the longest total first, each with <see cref="KindTotals.Route"/>.</param>
public sealed record RouteTotals(string Namespace, string Route, CallKind Kind, long Requests, long Errors, long Traced, Latency Latency, IReadOnlyList<KindTotals> Calls);

/// <summary>A kind of call: on all routes, on one, or in one trace.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Target">A kind of entity, a task, a host; null where the calls say nothing; <c>(others)</c> beyond a hundred on one route.</param>
/// <param name="Route">Null: on all routes.</param>
/// <param name="Calls">How many.</param>
/// <param name="Errors">Of them, those that ended in an error.</param>
/// <param name="Traces">Requests and attempts that made any.</param>
/// <param name="Total">The sum of their durations; calls at the same time count each.</param>
/// <param name="Latency">Of one call. On one route, in one trace, and beyond 500 targets: percentiles are null.</param>
/// <param name="Routes">For a kind on all routes: the same by route, the longest total first; else empty.</param>
public sealed record KindTotals(
    CallKind Kind, string? Target, string? Route, long Calls, long Errors, long Traces, TimeSpan Total, Latency Latency, IReadOnlyList<KindTotals> Routes);

/// <summary>How long something takes.</summary>
/// <param name="P50">Half of them took at most so long; null where only mean and longest are known.</param>
public sealed record Latency(TimeSpan Mean, TimeSpan Max, TimeSpan? P50 = null, TimeSpan? P90 = null, TimeSpan? P95 = null, TimeSpan? P99 = null)
{
    public static readonly Latency None = new(TimeSpan.Zero, TimeSpan.Zero);
}
