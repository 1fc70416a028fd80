using ActorPerf.Tracing;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What was counted, by route with its calls and by call with its routes; and what was found.</summary>
internal static class TraceTotalsHandler
{
    private const int MostFindings = 200;

    private static readonly ExportColumn<RouteTotals>[] RouteColumns =
    [
        new("namespace", route => route.Namespace), new("route", route => route.Route), new("kind", route => route.Kind.Word()), new("requests", route => route.Requests), new("errors", route => route.Errors),
        new("traced", route => route.Traced), .. Latencies<RouteTotals>(route => route.Latency),
    ];

    private static readonly ExportColumn<KindTotals>[] KindColumns =
    [
        new("kind", kind => kind.Kind.Word()), new("target", kind => kind.Target), new("calls", kind => kind.Calls), new("errors", kind => kind.Errors), new("traces", kind => kind.Traces), new("total", kind => kind.Total),
        .. Latencies<KindTotals>(kind => kind.Latency),
    ];

    private static readonly ExportColumn<FindingTotal>[] FindingColumns =
    [
        new("sort", found => found.Sort.Word()), new("namespace", found => found.Namespace), new("route", found => found.Route), new("callSite", found => found.CallSite), new("traces", found => found.Traces),
        new("saving", found => found.Saving), new("message", found => found.Example.Message), new("exampleTrace", found => found.ExampleTrace),
    ];

    /// <summary>By route or, with <c>by=calls</c>, by kind of call.</summary>
    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!request.View.Rights.May(Right.Operate)) return null;
        var (traces, everywhere, byCall, whose) = (request.Traces, TraceFilter.EverywhereOf(request), request.Query("by") == "calls", Whose(request));
        return ($"trace totals {byCall} {everywhere}", () => new LiveQuestion(_ =>
        {
            var model = new TraceTotalsModel(traces.Totals(whose), traces.Cost, everywhere, traces.IsOn);
            return ValueTask.FromResult(byCall ? model.LiveCalls() : model.LiveRoutes());
        }));
    }

    public static Task<IResult> RoutesAsync(ConsoleRequest request) => Totals<TraceRoutesPage>(request);

    public static Task<IResult> CallsAsync(ConsoleRequest request) => Totals<TraceCallsPage>(request);

    public static Task<IResult> FindingsAsync(ConsoleRequest request) => Task.FromResult(ConsolePage.Of<TraceFindingsPage>(
        request.View, new TraceFindingsModel(request.Traces.Findings(Whose(request), MostFindings), TraceFilter.EverywhereOf(request), request.Traces.IsOn)));

    public static Task<IResult> SaveRoutesAsync(ConsoleRequest request) => Save(request, "trace-routes", RouteColumns, request.Traces.Totals(Whose(request)).Routes);

    public static Task<IResult> SaveCallsAsync(ConsoleRequest request) => Save(request, "trace-calls", KindColumns, request.Traces.Totals(Whose(request)).Kinds);

    public static Task<IResult> SaveFindingsAsync(ConsoleRequest request) => Save(request, "trace-findings", FindingColumns, request.Traces.Findings(Whose(request), MostFindings));

    private static Task<IResult> Save<T>(ConsoleRequest request, string name, IReadOnlyList<ExportColumn<T>> columns, IReadOnlyList<T> lines) =>
        Task.FromResult(ListExport.Of(name, request.Http.Request.RouteValues["format"] as string, columns, lines.ToAsyncEnumerable()));

    private static IEnumerable<ExportColumn<T>> Latencies<T>(Func<T, Latency> of) =>
    [
        new("mean", line => of(line).Mean), new("p50", line => of(line).P50), new("p90", line => of(line).P90), new("p95", line => of(line).P95), new("p99", line => of(line).P99), new("max", line => of(line).Max),
    ];

    /// <summary>The namespace whose traces are asked for; null for those of all.</summary>
    private static string? Whose(ConsoleRequest request) => TraceFilter.EverywhereOf(request) ? null : request.View.Namespace.Name;

    private static Task<IResult> Totals<TPage>(ConsoleRequest request)
        where TPage : Microsoft.AspNetCore.Components.IComponent => Task.FromResult(ConsolePage.Of<TPage>(
            request.View, new TraceTotalsModel(request.Traces.Totals(Whose(request)), request.Traces.Cost, TraceFilter.EverywhereOf(request), request.Traces.IsOn)));
}

/// <summary>Which route, which kind of call takes the time?</summary>
public sealed record TraceTotalsModel(TraceTotals Totals, TracingCost Cost, bool IsEverywhere, bool IsOn)
{
    /// <summary>A kind of call with what it is about.</summary>
    public static string Name(KindTotals kind) => kind.Target is { } target ? $"{kind.Kind.Word()} {target}" : kind.Kind.Word();

    /// <summary>The routes, those that took most first, and how many kinds of calls each has: a page with others is built anew.</summary>
    public string RoutesShape => Shapes.Of(Totals.Routes.Select(route => $"{route.Namespace}\t{route.Route}\t{route.Calls.Count}"));

    public string CallsShape => Shapes.Of(Totals.Kinds.Select(kind => $"{Name(kind)}\t{kind.Routes.Count}"));

    /// <summary>Key of a cell of the table among the live values.</summary>
    /// <remarks>By what the row is about and never by its place: until a page is built anew, its rows stand in their old order.</remarks>
    public static string Key(RouteTotals route, string cell) => $"{Shapes.Of(route.Namespace, route.Route)}-{cell}";

    public static string Key(KindTotals kind, string cell) => $"{Shapes.Of(Name(kind))}-{cell}";

    public LiveState LiveRoutes()
    {
        var values = new LiveValues();
        foreach (var route in Totals.Routes)
        {
            values[Key(route, "share")] = Words.Percent(Share(route));
            values[Key(route, "requests")] = Words.Count(route.Requests);
            values[Key(route, "errors")] = Words.Count(route.Errors);
            values[Key(route, "traced")] = Words.Count(route.Traced);
            AddTo(values, cell => Key(route, cell), route.Latency);
        }
        return new LiveState { Shape = RoutesShape, Values = values };
    }

    public LiveState LiveCalls()
    {
        var values = new LiveValues();
        foreach (var kind in Totals.Kinds)
        {
            values[Key(kind, "share")] = Words.Percent(Share(kind));
            values[Key(kind, "total")] = Words.Fine(kind.Total);
            values[Key(kind, "calls")] = Words.Count(kind.Calls);
            values[Key(kind, "errors")] = Words.Count(kind.Errors);
            values[Key(kind, "traced")] = Words.Count(kind.Traces);
            AddTo(values, cell => Key(kind, cell), kind.Latency);
        }
        return new LiveState { Shape = CallsShape, Values = values };
    }

    private static void AddTo(LiveValues values, Func<string, string> key, Latency latency)
    {
        values[key("mean")] = Words.Fine(latency.Mean);
        values[key("p50")] = Words.Fine(latency.P50);
        values[key("p95")] = Words.Fine(latency.P95);
        values[key("p99")] = Words.Fine(latency.P99);
        values[key("longest")] = Words.Fine(latency.Max);
    }

    /// <summary>All time that a route took.</summary>
    public static TimeSpan Total(RouteTotals route) => TimeSpan.FromTicks((long)(route.Latency.Mean.Ticks * (double)route.Requests));

    /// <summary>Share of the time of all routes.</summary>
    public double Share(RouteTotals route) => Totals.Routes.Sum(static one => Total(one).Ticks) is > 0 and var all ? (double)Total(route).Ticks / all : 0;

    /// <summary>Share of the time of all calls; calls lie inside each other, so that these shares say which to look at, and not what would be saved.</summary>
    public double Share(KindTotals kind) => Totals.Kinds.Sum(static one => one.Total.Ticks) is > 0 and var all ? (double)kind.Total.Ticks / all : 0;
}

public sealed record TraceFindingsModel(IReadOnlyList<FindingTotal> Findings, bool IsEverywhere, bool IsOn);
