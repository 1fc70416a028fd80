using System.Net;
using ActorPerf.Configuration;
using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Which addresses may be told of jobs. The host's own address is judged when a connection is made. Pure.</summary>
internal sealed class WebhookAddresses
{
    private const string Setting = "actorperf.webhooks.allow";

    private readonly UrlPrefix[] _allowed;

    /// <exception cref="ConfigurationFaultException">A prefix is none.</exception>
    public WebhookAddresses(WebhookOptions options)
    {
        var faults = Faults(options).ToList();
        ConfigurationFaultException.ThrowIfAny(faults);
        _allowed = [.. options.Allow.Select(text => UrlPrefix.TryParse(text, out var prefix, out _) ? prefix : null).OfType<UrlPrefix>()];
        Internals = _allowed.Select(prefix => prefix.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Host and port of what may be internal.</summary>
    public IReadOnlySet<string> Internals { get; }

    public static IEnumerable<ConfigurationFault> Faults(WebhookOptions options)
    {
        foreach (var text in options.Allow)
            if (!UrlPrefix.TryParse(text, out _, out var fault)) yield return new ConfigurationFault(Setting, $"{Setting}: '{text}' {fault}. Write it as http://127.0.0.1:9000/hooks/.", null);
    }

    /// <summary>Null with the address; else why nothing may be sent there.</summary>
    public string? Fault(string url, out Uri? uri)
    {
        if (!UrlPrefix.TryUri(url, out uri, out var fault)) return $"The address {fault}.";
        var read = uri;
        if (Array.Exists(_allowed, prefix => prefix.Holds(read))) return null;
        // A host that is allowed under one path only stays closed under the others.
        if (Internals.Contains(UrlPrefix.AuthorityOf(uri))) return $"Of {UrlPrefix.AuthorityOf(uri)} only what {Setting} names is open. Add a prefix of the address to it.";
        if (IsInternal(uri)) return $"{uri.Host} is an internal address, and closed. Add a prefix of the address to {Setting} to open it.";
        if (uri.Scheme != "https") return $"Only https is open. Use it, or add a prefix of the address to {Setting}.";
        return uri.Port is 443 or 8443 ? null : $"Port {uri.Port} is closed; 443 and 8443 are open. Use one of them, or add a prefix of the address to {Setting}.";
    }

    /// <summary>It says so by itself; what a name leads to is seen when it is asked for.</summary>
    private static bool IsInternal(Uri uri) =>
        uri.IsLoopback || (uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && !Addresses.IsPublic(IPAddress.Parse(uri.DnsSafeHost)));
}
