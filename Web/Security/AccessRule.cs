using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Security;

/// <summary>Who may use a route. Every route of ours carries one; a route without is a fault that stops the start.</summary>
/// <param name="Scope">What the caller's key must hold; <see cref="Scope.None"/>: open to everyone.</param>
/// <param name="Own">The route asks by itself (the console's cookie), and its handler is to be read for what it does.</param>
internal sealed record AccessRule(Scope Scope, bool Own = false)
{
    public static AccessRule Open { get; } = new(Scope.None);
}

/// <summary>Marks a route as mapped by <c>MapActorPerf</c>, so that the check at start knows whose it is.</summary>
/// <param name="Prefix">Where in its host everything is mounted: empty, or begins with a slash and does not end with one.</param>
internal sealed record OwnRoute(string Prefix)
{
    /// <summary>Null where the request met no route of ours.</summary>
    public static OwnRoute? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<OwnRoute>();
}

internal static class AccessRules
{
    extension<TBuilder>(TBuilder route) where TBuilder : IEndpointConventionBuilder
    {
        /// <summary>For routes that answer everyone the same and tell nothing: health, style sheets.</summary>
        public TBuilder OpenToAll() => route.WithAccess(AccessRule.Open);

        /// <summary>For pages: the handler checks the cookie and the scope itself.</summary>
        public TBuilder ChecksAccessItself(Scope scope) => route.WithAccess(new AccessRule(scope, Own: true));

        public TBuilder WithAccess(AccessRule rule)
        {
            route.Add(endpoint => endpoint.Metadata.Add(rule));
            return route;
        }
    }
}
