using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One request or attempt.</summary>
internal static class TraceHandler
{
    public static Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var id = request.Http.Request.RouteValues["id"] as string ?? "";
        var everywhere = TraceFilter.EverywhereOf(request);
        return Task.FromResult(request.Traces.Find(everywhere ? null : request.View.Namespace.Name, id) is { } trace
            ? ConsolePage.Of<OneTracePage>(request.View, new TraceModel(trace, everywhere, request.Query("every") == "1", request.View.Origin))
            : request.NotFound($"No trace {JsonFault.Shown(id)} is kept on this node for this namespace. Of each route the newest, the slowest and the failed ones stay; a restart forgets all."));
    }
}
