using System.Buffers;
using System.Net.Http.Headers;
using ActorPerf.Configuration;

namespace ActorPerf.Tasks.Fetching;

/// <summary>What the configuration allows, read once. Pure.</summary>
internal sealed class FetchRules
{
    private const int MaxHeaders = 50;
    private const int MaxHeaderLength = 8_192;

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>They frame the message or speak to what lies between: the client writes them itself.</summary>
    private static readonly string[] Own =
    [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "accept-encoding", "proxy-authorization", "proxy-connection",
    ];

    private readonly UrlPrefix[] _allowed;
    private readonly (UrlPrefix Prefix, TimeSpan Duration)[] _memoized;

    /// <exception cref="ConfigurationFaultException">A prefix is none.</exception>
    public FetchRules(FetchOptions options)
    {
        var faults = new List<ConfigurationFault>();
        var inside = Prefixes("allow-internal", options.AllowInternal, faults);
        _allowed = [.. Prefixes("allow", options.Allow, faults), .. inside];
        var prefixes = Prefixes("memoize", options.Memoize.Select(static one => one.Prefix), faults);
        ConfigurationFaultException.ThrowIfAny(faults);
        _memoized = [.. prefixes.Zip(options.Memoize, static (prefix, one) => (prefix, one.Duration)).OrderByDescending(static one => one.prefix.Length)];
        Internals = inside.Select(static prefix => prefix.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Host and port of what may be internal.</summary>
    public IReadOnlySet<string> Internals { get; }

    /// <exception cref="FetchRefusedException">It may not be fetched.</exception>
    public void Check(Uri uri, string what)
    {
        if (Array.Exists(_allowed, prefix => prefix.Holds(uri))) return;
        throw new FetchRefusedException($"{what} {Shown(uri)} is not allowed. Add a prefix of it to actorperf.fetch.allow{(_allowed.Length == 0 ? ", which is empty" : "")}.");
    }

    /// <exception cref="FetchRefusedException">A part of the request cannot be sent.</exception>
    public static Uri Check(FetchRequest request)
    {
        if (!UrlPrefix.TryUri(request.Url, out var uri, out var fault)) throw new FetchRefusedException($"The URL {fault}.");
        if (!Methods.Contains(MethodOf(request), StringComparer.Ordinal)) throw new FetchRefusedException($"The method is none of {string.Join(", ", Methods)}.");
        if (request.Body is not null && MethodOf(request) is "GET" or "HEAD" && request.Body is { Length: > 0 }) throw new FetchRefusedException("GET and HEAD have no body.");
        if (request.Timeout is { } timeout && timeout <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan) throw new FetchRefusedException("The time-out is none. Leave it out, or make it longer than 0 s.");
        if (request.Headers is { Count: > MaxHeaders }) throw new FetchRefusedException($"{request.Headers.Count} headers; at most {MaxHeaders} are sent.");
        foreach (var (name, value) in request.Headers ?? new Dictionary<string, string>())
        {
            if (name.Length is 0 or > 200 || name.AsSpan().ContainsAnyExcept(Token)) throw new FetchRefusedException("A header's name is none: use letters, digits and hyphens.");
            if (Own.Contains(name, StringComparer.OrdinalIgnoreCase)) throw new FetchRefusedException($"The header '{name}' is the client's own. Leave it out.");
            if (value is null || value.Length > MaxHeaderLength || value.Any(static c => char.IsControl(c) || c > 126)) throw new FetchRefusedException($"The header '{name}' holds what no header may: use printable ASCII, at most {MaxHeaderLength} characters.");
        }
        return uri;
    }

    public static string MethodOf(FetchRequest request) => request.Method?.ToUpperInvariant() ?? "GET";

    /// <summary>How long the answer is remembered; null: not at all.</summary>
    public TimeSpan? Memoized(FetchRequest request)
    {
        if (_memoized.Length == 0 || MethodOf(request) is not ("GET" or "HEAD") || !string.IsNullOrEmpty(request.Body) || !UrlPrefix.TryUri(request.Url, out var uri, out _)) return null;
        foreach (var (prefix, duration) in _memoized)
            if (prefix.Holds(uri)) return duration;
        return null;
    }

    /// <summary>Whether an answer may be remembered at all: a success that HTTP lets caches keep unasked (RFC 9110, 15.1) and that its server does not forbid others to keep.
    /// An error or a "not yet" is the state of a moment: remembered, it would outlive its cause.</summary>
    public static bool MayBeKept(FetchResponse answer)
    {
        if (answer.Status is not (200 or 203 or 204 or 206)) return false;
        if (!answer.Headers.TryGetValue("cache-control", out var text)) return true;
        return CacheControlHeaderValue.TryParse(text, out var asked) && asked is null or { NoStore: false, Private: false };
    }

    /// <summary>Without query, which may hold what is secret.</summary>
    public static string Shown(Uri uri) => uri.GetLeftPart(UriPartial.Path) is { Length: > 200 } longer ? longer[..200] + "…" : uri.GetLeftPart(UriPartial.Path);

    private static List<UrlPrefix> Prefixes(string setting, IEnumerable<string> texts, List<ConfigurationFault> faults)
    {
        var prefixes = new List<UrlPrefix>();
        foreach (var text in texts)
        {
            if (UrlPrefix.TryParse(text, out var prefix, out var fault)) prefixes.Add(prefix);
            else faults.Add(new ConfigurationFault($"actorperf.fetch.{setting}", $"actorperf.fetch.{setting}: '{text}' {fault}. Write it as https://api.example.com/v1/.", null));
        }
        return prefixes;
    }
}
