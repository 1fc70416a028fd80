using System.Security.Claims;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Security;

/// <summary>Whoever the host application let in: where what <c>MapActorPerf</c> mapped asks for its authorization, the host's word is the only one.</summary>
internal static class HostCaller
{
    /// <summary>Null where the host says nothing about the route, or nobody has signed in: then keys decide.</summary>
    /// <remarks>A user's claims <c>actorperf:scope</c> and <c>actorperf:namespace</c> say what they may do and where, as a key's settings do. Without the first
    /// they may do everything that the host's policy lets them come to; without the second, everywhere.</remarks>
    public static Caller? Of(HttpContext context)
    {
        // The route first: asking for the user of a request that has none makes one.
        if (context.GetEndpoint()?.Metadata is not { } route || (route.GetMetadata<IAuthorizeData>() is null && route.GetMetadata<AuthorizationPolicy>() is null)) return null;
        if (context.User.Identity is not { IsAuthenticated: true } identity) return null;
        return new Caller(identity.Name is { Length: > 0 } name ? name : "unnamed", ScopesOf(context.User), NamespacesOf(context.User));
    }

    private static Scope ScopesOf(ClaimsPrincipal user)
    {
        var claims = user.FindAll(ConsoleRights.ScopeClaim).ToList();
        if (claims.Count == 0) return Caller.Anyone.Scopes;
        return claims.Aggregate(Scope.None, static (all, claim) => Scopes.TryParse(claim.Value, out var scope) ? all | scope : all);
    }

    /// <summary>A claim that is no namespace binds all the same: to nothing.</summary>
    private static HashSet<Namespace>? NamespacesOf(ClaimsPrincipal user)
    {
        var claims = user.FindAll(ConsoleRights.NamespaceClaim).ToList();
        if (claims.Count == 0) return null;
        return [.. claims.Where(static claim => Namespace.TryParse(claim.Value, out _)).Select(static claim => Namespace.Parse(claim.Value))];
    }
}
