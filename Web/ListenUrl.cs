using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ActorPerf.Web;

/// <summary>One address of <see cref="HttpOptions.Url"/>.</summary>
/// <param name="Host">Name or IP address, without brackets; <c>*</c> and <c>+</c> mean every interface.</param>
internal sealed record ListenUrl(string Host, bool IsLoopback)
{
    /// <summary>Whether the host is a name that a client may use, rather than "every interface".</summary>
    public bool NamesHost => Host is not ("*" or "+" or "0.0.0.0" or "::");

    public static IReadOnlyList<string> Split(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static bool TryParse(string text, [NotNullWhen(true)] out ListenUrl? url)
    {
        url = null;
        // The wildcards of the server are no host names for Uri.
        var readable = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(readable, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) return false;
        if (uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.UserInfo.Length > 0) return false;
        var host = uri.Host.Trim('[', ']').ToLowerInvariant();
        url = new ListenUrl(host, IsLoopbackHost(host));
        return true;
    }

    private static bool IsLoopbackHost(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
