using System.Runtime.CompilerServices;
using ActorPerf.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web;

/// <summary>Counts and traces the host's own endpoints, each under its method and pattern. One that is of no pattern is left alone: paths are without end.</summary>
internal sealed class HostTraces(TraceCollector traces)
{
    /// <summary>What is refused before it is known what it asks for counts under this one name, whatever its path.</summary>
    public const string UnroutedName = "(unrouted)";

    private readonly ConditionalWeakTable<Endpoint, RouteTrace> _known = [];

    /// <summary>Requests below the mount that met no route: strange hosts and origins, paths and methods that there are not.</summary>
    public RouteTrace Unrouted { get; } = new(traces.Route(CallKind.Request, UnroutedName));

    public RouteTrace? Of(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern } endpoint
            ? _known.GetValue(endpoint, _ => new RouteTrace(traces.Route(CallKind.Request, $"{MethodOf(endpoint)} /{pattern.TrimStart('/')}")))
            : null;

    private static string MethodOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is { HttpMethods: [var method, ..] } ? method : "ANY";
}
