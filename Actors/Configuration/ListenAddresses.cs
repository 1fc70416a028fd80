namespace ActorPerf.Configuration;

/// <summary>Addresses that a node listens on, and where it is found there.</summary>
public static class ListenAddresses
{
    /// <summary>Where a program on this machine finds what listens on all of its addresses.</summary>
    public static string Reachable(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://[::1]", StringComparison.Ordinal)
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal).Replace("://+", "://127.0.0.1", StringComparison.Ordinal);
    }
}
