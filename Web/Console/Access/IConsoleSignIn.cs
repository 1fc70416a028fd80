using System.Security.Claims;

namespace ActorPerf.Web.Console.Access;

/// <summary>What the console asks of whoever keeps the API keys.</summary>
public interface IConsoleSignIn
{
    /// <summary>Keys are configured. When false nobody signs in and everybody may do everything: the node then serves loopback only.</summary>
    bool Required { get; }

    /// <summary>Reads a key, in constant time. Null: no such key.</summary>
    /// <returns>Identity with the key's name as <see cref="ClaimTypes.Name"/>, one <see cref="ConsoleRights.ScopeClaim"/> per scope and one
    /// <see cref="ConsoleRights.NamespaceClaim"/> per namespace it is bound to; none: bound to no namespace in particular.</returns>
    ClaimsPrincipal? Check(string key);

    /// <summary>Whether who signed in earlier still may: asked at every request, so that a revoked key ends its sessions.</summary>
    bool StillHolds(ClaimsPrincipal principal) => true;
}

/// <summary>No keys: everybody who reaches the node may do everything.</summary>
internal sealed class OpenConsole : IConsoleSignIn
{
    public bool Required => false;

    public ClaimsPrincipal? Check(string key) => null;
}
