using ActorPerf.Tasks;

namespace ActorPerf.Web.Security;

/// <summary>Who calls, and what that caller may do.</summary>
/// <param name="Name">The key's name; empty for the loopback caller of a node without keys.</param>
/// <param name="Namespaces">The only ones it may name; null: all.</param>
public sealed record Caller(string Name, Scope Scopes, IReadOnlySet<Namespace>? Namespaces)
{
    /// <summary>The caller of a node that has no keys: it serves the loopback interface only, and everything is allowed there.</summary>
    internal static Caller Anyone { get; } = new("", Scope.Read | Scope.Submit | Scope.Operate | Scope.Admin, null);

    public bool May(Scope scope) => (Scopes & scope) == scope;

    public bool MayUse(Namespace ns) => Namespaces is null || Namespaces.Contains(ns);
}
