using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>What the commands about traces have in common.</summary>
internal static class TraceOptions
{
    public static Option<bool> Everywhere() =>
        Options.Flag("--everywhere", "Of all namespaces, and of none; the key must not be bound to namespaces and have the scope admin");

    /// <summary>As a parameter of the address.</summary>
    public static string? Spelled(bool flag) => flag ? "true" : null;
}
