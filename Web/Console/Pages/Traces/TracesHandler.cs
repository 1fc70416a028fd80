using ActorPerf.Tracing;
using ActorPerf.Web.Console.Export;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Requests and attempts that the node remembers.</summary>
internal static class TracesHandler
{
    private static readonly ExportColumn<TraceSummary>[] Columns =
    [
        new("id", line => line.Id), new("traceId", line => line.TraceId), new("namespace", line => line.Namespace), new("route", line => line.Route), new("kind", line => line.Kind.Word()), new("title", line => line.Title),
        new("job", line => line.Job), new("startedAt", line => line.StartedAt), new("duration", line => line.Duration), new("status", line => line.Status), new("error", line => line.Error),
        new("calls", line => line.Calls), new("findings", line => line.Findings),
    ];

    public static Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var (traces, filter) = (request.Traces, TraceFilter.Of(request));
        var whose = filter.IsEverywhere ? null : request.View.Namespace.Name;
        var lines = filter.Fault is null ? traces.List(filter.Query(request.View.Namespace)) : [];
        var older = !filter.SlowestFirst && lines.Count == TraceFilter.PageSize ? request.Links.To("traces", filter.Older(lines[^1]).Pairs()) : null;
        return Task.FromResult(ConsolePage.Of<TracesPage>(request.View, new TracesModel(filter, lines, older, traces.Totals(whose), traces.Findings(whose), traces.Cost, traces.IsOn)));
    }

    public static Task<IResult> SaveAsync(ConsoleRequest request)
    {
        var filter = TraceFilter.Of(request) with { Before = null };
        return Task.FromResult(ListExport.Of(
            "traces", request.Http.Request.RouteValues["format"] as string, Columns, request.Traces.List(filter.Query(request.View.Namespace, TraceQuery.MaxLimit)).ToAsyncEnumerable()));
    }
}
