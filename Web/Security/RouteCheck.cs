using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Security;

/// <summary>Deny by default: a route of ours that does not say who may use it stops the start.</summary>
internal static class RouteCheck
{
    /// <exception cref="InvalidOperationException">Names the routes that say nothing.</exception>
    public static void Run(IEnumerable<Endpoint> endpoints)
    {
        var silent = Own(endpoints).Where(static route => route.Metadata.GetMetadata<AccessRule>() is null).Select(static route => route.DisplayName).ToArray();
        if (silent.Length > 0)
            throw new InvalidOperationException($"Routes without an access rule: {string.Join(", ", silent)}. Map them with a scope, or say OpenToAll().");
    }

    /// <summary>The routes that <c>MapActorPerf</c> mapped.</summary>
    public static IEnumerable<RouteEndpoint> Own(IEnumerable<Endpoint> endpoints) =>
        endpoints.OfType<RouteEndpoint>().Where(static route => route.Metadata.GetMetadata<OwnRoute>() is not null);
}
