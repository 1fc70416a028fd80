using System.Globalization;
using ActorPerf.Caching;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Wire;

/// <summary>The request's <c>Cache-Control</c> and <c>ActorPerf-Cache</c>, and the answer's <c>Cache-Status</c> (RFC 9211).</summary>
internal static class CacheControl
{
    public static CacheDirective Of(HttpRequest request)
    {
        var header = request.Headers.CacheControl;
        var directive = default(CacheDirective);
        foreach (var line in header)
            foreach (var range in line.AsSpan().Split(','))
                directive = With(directive, line.AsSpan(range).Trim());
        return directive;
    }

    /// <param name="ttl">Until the entry's end; negative behind it; null when nothing was stored.</param>
    public static string Status(CacheSource source, TimeSpan? ttl) => source switch
    {
        CacheSource.Hit => Hit(Seconds(ttl)),
        CacheSource.Stale => $"actorperf; hit; ttl={Seconds(ttl)}; detail=stale",
        CacheSource.Miss => ttl is null ? "actorperf; fwd=miss" : "actorperf; fwd=miss; stored",
        CacheSource.Collapsed => "actorperf; fwd=miss; collapsed",
        _ => "actorperf; fwd=bypass",
    };

    /// <summary>The most frequent one, made once for each number of seconds up to an hour.</summary>
    private static string Hit(long ttl) => (ulong)ttl < (ulong)Hits.Length ? Hits[ttl] ??= $"actorperf; hit; ttl={ttl}" : $"actorperf; hit; ttl={ttl}";

    private static readonly string?[] Hits = new string?[3601];

    private static long Seconds(TimeSpan? ttl) => (long)Math.Floor((ttl ?? TimeSpan.Zero).TotalSeconds);

    private static TimeSpan? Seconds(ReadOnlySpan<char> word, string name) =>
        word.StartsWith(name, StringComparison.OrdinalIgnoreCase) && uint.TryParse(word[name.Length..].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static CacheDirective With(CacheDirective directive, ReadOnlySpan<char> word)
    {
        if (word.Equals("no-cache", StringComparison.OrdinalIgnoreCase)) return directive with { NoCache = true };
        if (word.Equals("no-store", StringComparison.OrdinalIgnoreCase)) return directive with { NoStore = true };
        if (word.Equals("only-if-cached", StringComparison.OrdinalIgnoreCase)) return directive with { OnlyIfCached = true };
        if (word.StartsWith("max-age=", StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(word[8..].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return directive with { MaxAge = TimeSpan.FromSeconds(seconds) };
        if (word.Equals("max-stale", StringComparison.OrdinalIgnoreCase)) return directive with { MaxStale = TimeSpan.MaxValue };
        if (Seconds(word, "max-stale=") is { } stale) return directive with { MaxStale = stale };
        if (Seconds(word, "min-fresh=") is { } fresh) return directive with { MinFresh = fresh };
        if (Seconds(word, "stale-if-error=") is { } error) return directive with { StaleIfError = error };
        return directive;
    }
}
