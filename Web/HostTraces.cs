using System.Runtime.CompilerServices;
using ActorPerf.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web;

/// <summary>Counts and traces the host's own endpoints, each under its method and pattern. One that is of no pattern is left alone: paths are without end.</summary>
internal sealed class HostTraces(TraceCollector traces)
{
    private readonly ConditionalWeakTable<Endpoint, RouteTrace> _known = [];

    public RouteTrace? Of(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern } endpoint
            ? _known.GetValue(endpoint, _ => new RouteTrace(traces.Route(CallKind.Request, $"{MethodOf(endpoint)} /{pattern.TrimStart('/')}")))
            : null;

    private static string MethodOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is { HttpMethods: [var method, ..] } ? method : "ANY";
}
