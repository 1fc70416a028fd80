using System.Security.Claims;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Security;

/// <summary>Lets the console sign people in with the API's keys.</summary>
internal sealed class KeySignIn(KeyRing keys) : IConsoleSignIn
{
    private const string Kind = "ActorPerf.Key";

    /// <summary>The key's hash: another key under the same name is not the one that the session was opened with.</summary>
    private const string HashClaim = "actorperf:key";

    public bool Required => !keys.Open;

    public ClaimsPrincipal? Check(string key) => keys.Find(key) is { } caller ? new(new ClaimsIdentity(Claims(ApiKey.Hash(key), caller), Kind)) : null;

    public bool StillHolds(ClaimsPrincipal principal)
    {
        if (principal.FindFirst(HashClaim)?.Value is not { } hash || keys.Hashed(hash) is not { } caller) return false;
        var claims = Claims(hash, caller).ToList();
        return claims.TrueForAll(claim => principal.HasClaim(claim.Type, claim.Value)) && principal.Claims.Count() == claims.Count;
    }

    private static IEnumerable<Claim> Claims(string hash, Caller caller)
    {
        yield return new Claim(ClaimTypes.Name, caller.Name);
        yield return new Claim(HashClaim, hash);
        foreach (var scope in Enum.GetValues<Scope>())
            if (scope != Scope.None && caller.May(scope)) yield return new Claim(ConsoleRights.ScopeClaim, scope.Word());
        if (caller.Namespaces is not { } namespaces) yield break;
        if (namespaces.Count == 0) yield return new Claim(ConsoleRights.NamespaceClaim, "");    // bound all the same: to nothing
        foreach (var ns in namespaces) yield return new Claim(ConsoleRights.NamespaceClaim, ns.Name);
    }
}
