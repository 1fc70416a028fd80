using System.Net;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Security;

/// <summary>Reads the caller's key and namespace, and says whether the route is open to them. The API knows no cookie.</summary>
internal sealed class AccessCheck(KeyRing keys)
{
    public const string NamespaceHeader = "ActorPerf-Namespace";
    private const string Bearer = "Bearer ";

    /// <summary>Null when the call may go on.</summary>
    public Refusal? Check(HttpContext context, Scope scope, out Namespace ns)
    {
        ns = Namespace.Default;
        if (Identify(context, out var caller) is { } stranger) return stranger;
        if (!caller.May(scope))
            return new Refusal("forbidden", $"Key '{caller.Name}' lacks the scope '{scope.Word()}' that this call needs. Use a key that has it.");

        if (ReadNamespace(context, out ns) is { } fault) return fault;
        return caller.MayUse(ns) ? null : new Refusal("forbidden",
            $"Key '{caller.Name}' is not bound to namespace '{ns}'. Name one of its own with the header {NamespaceHeader}.");
    }

    /// <summary>Whether the same call would still pass: asked again while a stream is open, so that a revoked key loses it.</summary>
    public bool StillAllows(HttpContext context, Scope scope, Namespace ns) =>
        Identify(context, out var caller) is null && caller.May(scope) && caller.MayUse(ns);

    /// <summary>For what concerns every namespace: null when the caller is an administrator bound to none.</summary>
    public Refusal? CheckEverywhere(HttpContext context) =>
        Identify(context, out var caller) is { } stranger ? stranger
        : caller.May(Scope.Admin) && caller.Namespaces is null ? null
        : new Refusal("forbidden", $"Key '{caller.Name}' may not act on every namespace. Use one with the scope 'admin' that is bound to no namespace.");

    /// <summary>For what belongs to all namespaces together, such as queues, nodes and figures: null when the caller has the scope and is bound to none.</summary>
    public Refusal? CheckUnbound(HttpContext context, Scope scope) =>
        Identify(context, out var caller) is { } stranger ? stranger
        : !caller.May(scope) ? new Refusal("forbidden", $"Key '{caller.Name}' lacks the scope '{scope.Word()}' that this call needs. Use a key that has it.")
        : caller.Namespaces is null ? null
        : new Refusal("forbidden", $"Key '{caller.Name}' is bound to namespaces, and this is of all of them. Use a key with the scope '{scope.Word()}' that is bound to none.");

    /// <summary>The caller's name as the audit writes it: of the key or of the host's user, or <c>loopback</c> on a node without keys.</summary>
    public string NameOf(HttpContext context) => Identify(context, out var caller) is null && caller.Name.Length > 0 ? caller.Name : "loopback";

    private Refusal? Identify(HttpContext context, out Caller caller)
    {
        caller = Caller.Anyone;
        if (HostCaller.Of(context) is { } known)
        {
            caller = known;
            return null;
        }
        var header = context.Request.Headers.Authorization;
        if (keys.Open) return FromLoopback(context) ? null : Unauthorized(
            "This node has no keys, so it serves its own machine only. Make a key with 'actorperf key new NAME' and configure it under http.auth.keys.");
        if (header.Count == 0)
            return Unauthorized("This call needs a key. Send it as 'Authorization: Bearer KEY'.");
        if (header.Count > 1 || header[0] is not { } text || !text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return Unauthorized("The Authorization header is not of the form 'Bearer KEY'.");
        if (keys.Find(text.AsSpan(Bearer.Length).Trim()) is not { } found)
            return Unauthorized("The key is not known to this node. It may have been revoked, or is of another node.");
        caller = found;
        return null;
    }

    /// <summary>The address that the connection came in on, not the caller's: with a loopback listener nobody else can connect. In-memory hosts have none.</summary>
    private static bool FromLoopback(HttpContext context) =>
        context.Connection.LocalIpAddress is not { } local || IPAddress.IsLoopback(local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local);

    private static Refusal Unauthorized(string detail) => new("unauthorized", detail);

    /// <summary>The namespace that the header names; <c>default</c> where there is none.</summary>
    public static Refusal? ReadNamespace(HttpContext context, out Namespace ns)
    {
        ns = Namespace.Default;
        var header = context.Request.Headers[NamespaceHeader];
        if (header.Count == 0) return null;
        return header.Count == 1 && Namespace.TryParse(header[0], out ns) ? null : new Refusal("invalid-request",
            $"The header {NamespaceHeader} holds no namespace. Write 1 to {Namespace.MaxLength} of a-z 0-9 . _ -, beginning with a letter or digit.");
    }
}
