using ActorPerf.Tracing;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What was counted, by route with its calls and by call with its routes; and what was found.</summary>
internal static class TraceTotalsHandler
{
    private const int MostFindings = 200;

    public static Task<IResult> RoutesAsync(ConsoleRequest request) => Totals<TraceRoutesPage>(request);

    public static Task<IResult> CallsAsync(ConsoleRequest request) => Totals<TraceCallsPage>(request);

    public static Task<IResult> FindingsAsync(ConsoleRequest request)
    {
        var everywhere = TraceFilter.EverywhereOf(request);
        return Task.FromResult(ConsolePage.Of<TraceFindingsPage>(
            request.View, new TraceFindingsModel(request.Traces.Findings(everywhere ? null : request.View.Namespace.Name, MostFindings), everywhere, request.Traces.IsOn)));
    }

    private static Task<IResult> Totals<TPage>(ConsoleRequest request)
        where TPage : Microsoft.AspNetCore.Components.IComponent
    {
        var everywhere = TraceFilter.EverywhereOf(request);
        return Task.FromResult(ConsolePage.Of<TPage>(
            request.View, new TraceTotalsModel(request.Traces.Totals(everywhere ? null : request.View.Namespace.Name), request.Traces.Cost, everywhere, request.Traces.IsOn)));
    }
}

/// <summary>Which route, which kind of call takes the time?</summary>
public sealed record TraceTotalsModel(TraceTotals Totals, TracingCost Cost, bool IsEverywhere, bool IsOn)
{
    /// <summary>A kind of call with what it is about.</summary>
    public static string Name(KindTotals kind) => kind.Target is { } target ? $"{kind.Kind.Word()} {target}" : kind.Kind.Word();

    /// <summary>All time that a route took.</summary>
    public static TimeSpan Total(RouteTotals route) => TimeSpan.FromTicks((long)(route.Latency.Mean.Ticks * (double)route.Requests));

    /// <summary>Share of the time of all routes.</summary>
    public double Share(RouteTotals route) => Totals.Routes.Sum(static one => Total(one).Ticks) is > 0 and var all ? (double)Total(route).Ticks / all : 0;

    /// <summary>Share of the time of all calls; calls lie inside each other, so that these shares say which to look at, and not what would be saved.</summary>
    public double Share(KindTotals kind) => Totals.Kinds.Sum(static one => one.Total.Ticks) is > 0 and var all ? (double)kind.Total.Ticks / all : 0;
}

public sealed record TraceFindingsModel(IReadOnlyList<FindingTotal> Findings, bool IsEverywhere, bool IsOn);
