using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Tasks.Fetching;

/// <summary>Which URLs begin with another one. Compared part by part, never as texts: <c>https://a.example</c> is no beginning of <c>https://a.example.evil</c>.
/// What begins with a prefix stays below it whichever way its server reads it, for no URL gets here in whose path anybody could find a <c>..</c>.</summary>
internal sealed class UrlPrefix
{
    /// <summary>More than anybody decodes; what then still holds encoded characters is not waited for.</summary>
    private const int MaxDecodings = 4;

    private readonly Uri _uri;

    private UrlPrefix(Uri uri) => _uri = uri;

    /// <summary>Length of the path: of several that fit, the longest is meant.</summary>
    public int Length => _uri.AbsolutePath.Length;

    /// <summary>Host and port, as connections are made to.</summary>
    public string Authority => AuthorityOf(_uri);

    public static string AuthorityOf(Uri uri) => $"{uri.IdnHost.Trim('[', ']')}:{uri.Port}";

    /// <summary>False with what is wrong: it must be an absolute http or https URL with neither user, query nor fragment.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UrlPrefix? prefix, out string fault)
    {
        prefix = null;
        if (!TryUri(text, out var uri, out fault)) return false;
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            fault = "is to have no '?' and no '#'";
            return false;
        }
        prefix = new UrlPrefix(uri);
        return true;
    }

    /// <summary>Reads what may be fetched at all.</summary>
    public static bool TryUri(string text, [NotNullWhen(true)] out Uri? uri, out string fault)
    {
        fault = "";
        if (!Uri.TryCreate(text, UriKind.Absolute, out uri) || uri.Scheme is not ("http" or "https") || uri.IdnHost.Length == 0) fault = "is no absolute http or https URL";
        else if (uri.UserInfo.Length > 0) fault = "names a user; send credentials as a header";
        else if (Climbs(uri.AbsolutePath)) fault = "holds an encoded '..', which servers read in different ways";
        return fault.Length == 0;
    }

    public bool Holds(Uri uri)
    {
        if (uri.Scheme != _uri.Scheme || uri.Port != _uri.Port || !string.Equals(uri.IdnHost, _uri.IdnHost, StringComparison.OrdinalIgnoreCase)) return false;
        var (path, beginning) = (uri.AbsolutePath, _uri.AbsolutePath);
        return path.StartsWith(beginning, StringComparison.Ordinal) && (path.Length == beginning.Length || beginning[^1] == '/' || path[beginning.Length] == '/');
    }

    /// <summary>Whether a server could find <c>..</c> in it. A plain one is gone by now; but servers decode <c>%2F</c> and <c>%5C</c> early or late, once or twice, divide at <c>\</c> too,
    /// and end a part at <c>;</c> or NUL.</summary>
    private static bool Climbs(string path)
    {
        if (!path.AsSpan().ContainsAny('%', ';')) return false;
        for (var decodings = 0; decodings <= MaxDecodings; decodings++)
        {
            if (path.Split('/', '\\').Any(static part => part.Split(';', '\0')[0] == "..")) return true;
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path) return false;
            path = decoded;
        }
        return true;
    }
}
