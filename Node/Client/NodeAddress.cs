using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Node.Client;

/// <summary>Where a node listens, path base included, without a slash at the end.</summary>
public sealed record NodeAddress(Uri Url)
{
    public static NodeAddress Default { get; } = new(new Uri("http://127.0.0.1:8080/"));

    /// <summary>Reads a URL or <c>host:port</c>.</summary>
    /// <param name="fault">Why not, when false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out NodeAddress? address, [NotNullWhen(false)] out string? fault)
    {
        address = null;
        fault = null;
        var spelled = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(spelled, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            fault = $"'{text}' is no node address. Write a URL such as http://127.0.0.1:8080, or host:port.";
        else if (url.UserInfo.Length > 0) fault = "A node address holds no user or password. Put the key in a file: --key-file FILE, or in ACTORPERF_KEY.";
        else if (url.Query.Length > 0 || url.Fragment.Length > 0) fault = $"'{text}' holds more than an address. Leave out what follows the path.";
        else address = new(new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"));
        return address is not null;
    }

    /// <summary>Whether a word in the command's place is an address: <c>host:port</c> or a URL.</summary>
    public static bool LooksLike(string word) =>
        word.StartsWith("http://", StringComparison.Ordinal) || word.StartsWith("https://", StringComparison.Ordinal)
        || (word.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(word.AsSpan(colon + 1), out _) && word.AsSpan().IndexOfAny(" {}\"") < 0);

    public override string ToString() => Url.ToString().TrimEnd('/');
}
