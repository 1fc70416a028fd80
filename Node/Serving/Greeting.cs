namespace ActorPerf.Node.Serving;

/// <summary>Which addresses a node that begins to serve tells of.</summary>
internal static class Greeting
{
    /// <summary>What the server listens on, with the host that was configured where that is a name: told a name, the server listens on all addresses of the machine, and reports just those.</summary>
    /// <param name="configured">In the order of <paramref name="bound"/>.</param>
    /// <param name="bound">With the ports that were taken.</param>
    public static IReadOnlyList<string> Named(IReadOnlyList<string> configured, ICollection<string> bound) =>
        configured.Count == bound.Count ? [.. configured.Zip(bound, Named)] : [.. bound];

    private static string Named(string configured, string bound)
    {
        var (asked, taken) = (BindingAddress.Parse(configured), BindingAddress.Parse(bound));
        return taken.Host is "[::]" or "0.0.0.0" && Uri.CheckHostName(asked.Host) == UriHostNameType.Dns ? $"{taken.Scheme}://{asked.Host}:{taken.Port}" : bound;
    }
}
