using ActorPerf.Tracing;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Console.Export;
using ActorPerf.Web.Console.Live;
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
        return Task.FromResult(ConsolePage.Of<TracesPage>(request.View, Read(request.Traces, request.View, TraceFilter.Of(request))));
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (!request.View.Rights.May(Right.Operate)) return null;
        var (traces, view, filter) = (request.Traces, request.View, TraceFilter.Of(request));
        if (filter.Before is not null || filter.Fault is not null) return null;
        return (new Links("", null).To("traces", filter.Pairs()), () => new LiveQuestion(_ => ValueTask.FromResult(Read(traces, view, filter).Live(view.Links))));
    }

    private static TracesModel Read(ITraces traces, ConsoleView view, TraceFilter filter)
    {
        var whose = filter.IsEverywhere ? null : view.Namespace.Name;
        var lines = filter.Fault is null ? traces.List(filter.Query(view.Namespace)) : [];
        var older = !filter.SlowestFirst && lines.Count == TraceFilter.PageSize ? view.Links.To("traces", filter.Older(lines[^1]).Pairs()) : null;
        return new TracesModel(filter, lines, older, traces.Totals(whose), traces.Findings(whose), traces.Cost, traces.IsOn);
    }

    /// <summary>Forgets them: those of the whole node.</summary>
    public static async Task<IResult> ResetAsync(ConsoleRequest request)
    {
        request.Traces.Reset();
        await request.RecordAsync("resetTraces", "");
        return request.Redirect(request.Links.To("traces"));
    }

    public static Task<IResult> SaveAsync(ConsoleRequest request)
    {
        var filter = TraceFilter.Of(request) with { Before = null };
        return Task.FromResult(ListExport.Of(
            "traces", request.Http.Request.RouteValues["format"] as string, Columns, request.Traces.List(filter.Query(request.View.Namespace, TraceQuery.MaxLimit)).ToAsyncEnumerable()));
    }
}
