using System.Buffers;
using System.Net;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Security;

/// <summary>Serves only callers who call the node by a name it knows, so that a foreign page cannot reach it by pointing its own name at it.</summary>
/// <remarks>Known are the loopback names, the hosts of <c>http.url</c> and <c>http.public-url</c>, <c>http.hosts</c>, and the very address that the connection came in on
/// (an address as a name cannot be pointed elsewhere, and health probes use it).</remarks>
internal sealed class HostCheck
{
    private const int MaxHost = 260;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:[]");

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "[::1]" };
    private volatile string _lastKnown = "localhost";        // connections repeat themselves: one compare in place of the parsing

    public HostCheck(HttpOptions options)
    {
        foreach (var name in options.Hosts) _names.Add(name);
        if (Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var told)) _names.Add(told.Host);
        foreach (var text in ListenUrl.Split(options.Url))
            if (ListenUrl.TryParse(text, out var url) && url.NamesHost)
                _names.Add(url.Host.Contains(':', StringComparison.Ordinal) ? $"[{url.Host}]" : url.Host);
    }

    public static bool IsHostName(string text) => text.Length is > 0 and <= MaxHost && !text.AsSpan().ContainsAnyExcept(NameCharacters) && text[0] != ':';

    public Refusal? Check(HttpContext context)
    {
        var host = context.Request.Headers.Host;
        var text = host.Count == 1 ? host[0] ?? "" : "";
        if (ReferenceEquals(text, _lastKnown) || string.Equals(text, _lastKnown, StringComparison.Ordinal)) return null;
        if (IsHostName(text) && _names.Contains(text) | _names.Contains(WithoutPort(text)))
        {
            _lastKnown = text;
            return null;
        }
        if (IsOwnAddress(WithoutPort(text), context.Connection.LocalIpAddress)) return null;
        return new Refusal("invalid-request", text.Length == 0
            ? "The request names no Host, or several."
            : $"Host '{Shown(text)}' is no name of this node. Call it by a name it knows, or add the name to actorperf.http.hosts.");
    }

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > 0 && colon > host.LastIndexOf(']') ? host[..colon] : host;
    }

    private static bool IsOwnAddress(string host, IPAddress? local)
    {
        if (local is null || !IPAddress.TryParse(host, out var address)) return false;
        if (local.IsIPv4MappedToIPv6) local = local.MapToIPv4();
        return address.Equals(local);
    }
}
