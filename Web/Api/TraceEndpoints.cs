using System.Globalization;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Where the time of requests and jobs went, on the node that answers (docs/tracing.md).</summary>
/// <remarks>Call sites and routes tell of the program behind the node, so looking is an operator's, as with actors and the log.</remarks>
internal sealed class TraceEndpoints(FrontDoors doors, AccessCheck access)
{
    private const int MostFindings = 100;

    private static readonly ApiParameter Everywhere =
        new("everywhere", "query", "true: of all namespaces, and of none; needs a key with the scope admin that is bound to no namespace.");

    public void Map(ApiMap api)
    {
        api.Get("/traces", Scope.Operate, ListAsync, new ApiDoc("listTraces", "Traces", "Requests and attempts that the node that answers remembers.")
        {
            Answers = [(200, "Traces")],
            Parameters =
            [
                new("route", "query", "Only of this route, as the member route writes it."),
                new("minDuration", "query", "Only those that took as long, such as 250ms."),
                new("kind", "query", "request, attempt or webhook; all unless given."),
                new("errors", "query", "true: only those that ended in an error."),
                new("sort", "query", "-startedAt (unless given) for the newest first, -duration for the slowest."),
                Everywhere, ApiParameters.Limit, ApiParameters.Cursor,
            ],
        });
        api.Get("/traces/stats", Scope.Operate, StatsAsync, new ApiDoc("getTraceStats", "Traces", "Totals by route and by kind of call, findings, and what tracing costs.")
        {
            Answers = [(200, "TraceStats")], Parameters = [Everywhere],
        });
        api.Post("/traces/reset", Scope.Operate, ResetAsync, new ApiDoc("resetTraces", "Traces", "Forgets the traces of the node that answers and sets its counts to zero, of all namespaces; metrics go on counting.")
        {
            OfAll = true,
            Answers = [(200, "TraceStats")],
        });
        api.Get("/traces/{id}", Scope.Operate, ShowAsync, new ApiDoc("getTrace", "Traces", "One request or attempt with its calls. The id is its own, that of the W3C trace, or a whole traceparent.")
        {
            Answers = [(200, "Trace")], Parameters = [Everywhere],
        });
    }

    private Task ListAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "route", "minDuration", "kind", "errors", "sort", "everywhere", "limit", "cursor");
        var wanted = new TraceQuery(NamespaceOf(query, ns), query.Text("route", longest: 500), query.Duration("minDuration"), query.Limit(),
            query.Word("sort", "-startedAt", "-duration") == "-duration" ? TraceOrder.Slowest : TraceOrder.Newest)
        {
            OnlyErrors = query.Flag("errors"),
            Kind = Kind(query),
            Before = Before(query),
        };
        if ((query.Refusal ?? Denied(context, wanted.Namespace)) is { } refusal) return Problems.WriteAsync(context, refusal);
        var found = doors.Traces.List(wanted);
        var next = wanted.Order == TraceOrder.Newest && found.Count == wanted.Limit ? found[^1].EndedAt.UtcTicks.ToString(CultureInfo.InvariantCulture) : null;
        var buffer = JsonBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        json.WriteStartArray(N.Items);
        foreach (var line in found) TraceJson.Write(json, line);
        json.WriteEndArray();
        json.WriteText(N.Next, next);
        json.WriteEndObject();
        if (next is not null) context.Response.Headers.Link = PageLink.Next(context.Request, next);
        return Answer.Json(context, buffer);
    }

    private Task ShowAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "everywhere");
        var whose = NamespaceOf(query, ns);
        if ((query.Refusal ?? Denied(context, whose)) is { } refusal) return Problems.WriteAsync(context, refusal);
        var id = context.Request.RouteValues["id"] as string ?? "";
        if (doors.Traces.Find(whose, id) is not { } trace)
            return Problems.WriteAsync(context, new Refusal("not-found",
                $"No trace {JsonFault.Shown(id)} is kept on this node{(whose is null ? "" : $" for namespace '{whose}'")}. GET /api/v1/traces lists those that are; of each route the newest, the slowest and the failed ones stay."));
        var buffer = JsonBuffer.Rent();
        TraceJson.Write(buffer.Json, trace);
        return Answer.Json(context, buffer);
    }

    private Task StatsAsync(HttpContext context, Namespace ns)
    {
        var query = Query.Of(context.Request, "everywhere");
        var whose = NamespaceOf(query, ns);
        if ((query.Refusal ?? Denied(context, whose)) is { } refusal) return Problems.WriteAsync(context, refusal);
        var traces = doors.Traces;
        var buffer = JsonBuffer.Rent();
        TraceJson.WriteStats(buffer.Json, traces.IsOn, traces.Totals(whose), traces.Findings(whose, MostFindings), traces.Cost);
        return Answer.Json(context, buffer);
    }

    private Task ResetAsync(HttpContext context, Namespace ns)
    {
        doors.Traces.Reset();
        return StatsAsync(context, ns);
    }

    private static string? NamespaceOf(Query query, Namespace ns) => query.Flag("everywhere") ? null : ns.Name;

    private Refusal? Denied(HttpContext context, string? whose) => whose is null ? access.CheckEverywhere(context) : null;

    private static CallKind? Kind(Query query)
    {
        if (query.Text("kind") is not { } text) return null;
        if (CallKinds.TryParse(text, out var kind) && kind.IsRoot()) return kind;
        query.Fault("kind", $"'{JsonFault.Shown(text)}' is none that a trace begins with; write request, attempt or webhook.");
        return null;
    }

    private static DateTimeOffset? Before(Query query)
    {
        if (query.Text("cursor") is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks < DateTime.MaxValue.Ticks) return new DateTimeOffset(ticks, TimeSpan.Zero);
        query.Fault("cursor", "it is not of this list. Begin without a cursor, and follow the member next.");
        return null;
    }
}
