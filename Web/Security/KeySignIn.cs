using System.Security.Claims;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Security;

/// <summary>Lets the console sign people in with the API's keys.</summary>
internal sealed class KeySignIn(KeyRing keys) : IConsoleSignIn
{
    private const string Kind = "ActorPerf.Key";

    public bool Required => !keys.Open;

    public ClaimsPrincipal? Check(string key) => keys.Find(key) is { } caller ? Principal(caller) : null;

    public bool StillHolds(ClaimsPrincipal principal) =>
        keys.Named(principal.Identity?.Name ?? "") is { } caller && Claims(caller).All(claim => principal.HasClaim(claim.Type, claim.Value))
        && principal.Claims.Count() == Claims(caller).Count();

    private static ClaimsPrincipal Principal(Caller caller) => new(new ClaimsIdentity(Claims(caller), Kind));

    private static IEnumerable<Claim> Claims(Caller caller)
    {
        yield return new Claim(ClaimTypes.Name, caller.Name);
        foreach (var scope in Enum.GetValues<Scope>())
            if (scope != Scope.None && caller.May(scope)) yield return new Claim(ConsoleRights.ScopeClaim, scope.Word());
        if (caller.Namespaces is not { } namespaces) yield break;
        foreach (var ns in namespaces) yield return new Claim(ConsoleRights.NamespaceClaim, ns.Name);
    }
}
