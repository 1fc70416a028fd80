using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Api;

/// <summary>Answers a call whose key, namespace and content type have been checked.</summary>
internal delegate Task ApiHandler(HttpContext context, Namespace ns);

/// <summary>Maps routes of the API, each with what it needs: no route is mapped without a scope and a page of documentation.</summary>
/// <remarks>Plain request delegates: nothing is bound by reflection, and the checks are one closure in front of the handler.</remarks>
internal sealed class ApiMap(RouteGroupBuilder group, string basePath, AccessCheck access, Auditor auditor, TraceCollector traces, Func<ApiHandler, ApiHandler>? around = null)
{
    /// <summary>The same map; what is mapped with it runs inside <paramref name="wrap"/>.</summary>
    public ApiMap Around(Func<ApiHandler, ApiHandler> wrap) => new(group, basePath, access, auditor, traces, wrap);

    public void Get(string pattern, Scope scope, ApiHandler handler, ApiDoc doc) => Map(pattern, HttpMethods.Get, scope, BodyKind.None, handler, doc);

    public void Post(string pattern, Scope scope, ApiHandler handler, ApiDoc doc, BodyKind body = BodyKind.Json) =>
        Map(pattern, HttpMethods.Post, scope, body, handler, doc);

    public void Put(string pattern, Scope scope, ApiHandler handler, ApiDoc doc) => Map(pattern, HttpMethods.Put, scope, BodyKind.Json, handler, doc);

    public void Patch(string pattern, Scope scope, ApiHandler handler, ApiDoc doc) => Map(pattern, HttpMethods.Patch, scope, BodyKind.MergePatch, handler, doc);

    public void Delete(string pattern, Scope scope, ApiHandler handler, ApiDoc doc) => Map(pattern, HttpMethods.Delete, scope, BodyKind.Nothing, handler, doc);

    private void Map(string pattern, string method, Scope scope, BodyKind body, ApiHandler handler, ApiDoc doc)
    {
        // What operators do leaves a row, unless the route says why it does not.
        var audited = Auditor.Audits(method, scope, doc);
        if (audited) handler = auditor.Around(handler, doc.Id);
        if (!doc.Parameters.Any(static parameter => parameter.In == "query")) handler = WithoutQuery(handler);
        if (body == BodyKind.Json && doc is { Body: null, ChecksBody: false }) handler = WithoutBody(handler);
        handler = around?.Invoke(handler) ?? handler;
        var trace = new RouteTrace(traces.Route(CallKind.Request, $"{method} {basePath}{pattern}"));
        handler = doc.Produces == EventStream.ContentType ? trace.AroundStream(handler) : trace.Around(handler);
        var route = group.MapMethods(pattern, [method], Guard(scope, doc.OfAll, body, handler, trace));
        route.WithAccess(new AccessRule(scope));
        route.WithMetadata(doc);
    }

    /// <summary>A call that reads no parameter refuses all of them, so that nobody takes a whole list for a filtered one, or an act for its dry run.</summary>
    private static ApiHandler WithoutQuery(ApiHandler handler) => (context, ns) =>
        context.Request.QueryString.HasValue && Query.Of(context.Request).Refusal is { } refusal ? Problems.WriteAsync(context, refusal) : handler(context, ns);

    /// <summary>A call that takes nothing refuses members, so that nobody takes what it did for what they wrote.</summary>
    private static ApiHandler WithoutBody(ApiHandler handler) => async (context, ns) =>
    {
        if (await BodyReading.ReadNothingAsync(context) is { } refusal) await Problems.WriteAsync(context, refusal);
        else await handler(context, ns);
    };

    private RequestDelegate Guard(Scope scope, bool ofAll, BodyKind body, ApiHandler handler, RouteTrace trace) => context =>
        BodyRule.Check(context, body) is { } unreadable ? trace.RefuseAsync(context, unreadable)
        : access.Check(context, scope, out var ns) is { } refusal ? trace.RefuseAsync(context, refusal)
        : ofAll && access.CheckUnbound(context, scope) is { } bound ? trace.RefuseAsync(context, bound)
        : handler(context, ns);
}
