using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Wire;

/// <summary>The request's <c>ActorPerf-Cache</c>: how this call's result is remembered, such as <c>duration=10m, stale-if-error=1h, tags="red blue"</c>.</summary>
internal static class CacheChoices
{
    public const string Header = "ActorPerf-Cache";

    private static readonly string[] Known = ["duration", "stale-while-revalidate", "stale-if-error", "eager", "negative", "soft-timeout", "hard-timeout", "error-backoff", "error-throttle", "jitter", "resilient", "tags", "do-not-store", "store"];
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);          // as in the configuration
    private static readonly TimeSpan LongestThrottle = TimeSpan.FromHours(24);

    /// <summary>Null where there is nothing wrong; <paramref name="choice"/> is null where the call says nothing.</summary>
    public static Refusal? Read(HttpRequest request, out CacheChoice? choice)
    {
        choice = null;
        var header = request.Headers[Header];
        if (header.Count == 0) return null;
        foreach (var line in header)
            foreach (var part in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var at = part.IndexOf('=', StringComparison.Ordinal);
                var (name, value) = at < 0 ? (part, "") : (part[..at].TrimEnd(), part[(at + 1)..].Trim().Trim('"'));
                if (With(choice ?? new CacheChoice(), name, value) is not { } next) return Fault(name, value);
                choice = next;
            }
        return null;
    }

    private static CacheChoice? With(CacheChoice choice, string name, string value) => name switch
    {
        "duration" when Time(value) is { } time => choice with { Duration = time },
        "stale-while-revalidate" when Time(value) is { } time => choice with { StaleWhileRevalidate = time },
        "stale-if-error" when Time(value) is { } time => choice with { StaleIfError = time },
        "negative" when Time(value) is { } time => choice with { Negative = time },
        "soft-timeout" when Time(value) is { } time => choice with { SoftTimeout = time },
        "hard-timeout" when Time(value) is { } time => choice with { HardTimeout = time },
        "error-backoff" when Time(value) is { } time && time <= LongestWait => choice with { ErrorBackoff = time },
        "error-throttle" when Time(value) is { } time && time <= LongestThrottle => choice with { ErrorThrottle = time },
        "eager" when Share(value) is { } share and > 0 and < 1 => choice with { Eager = share },
        "jitter" when Share(value) is { } share and <= 1 => choice with { Jitter = share },
        "resilient" when value.Length == 0 => choice with { Resilient = true },
        "tags" when value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 and <= Memoization.MaxTags } tags && Array.TrueForAll(tags, static tag => tag.Length <= Memoization.MaxTagLength) =>
            choice with { Tags = tags },
        "do-not-store" when value.Length == 0 => choice with { DoNotStore = true },
        "store" when value.Length == 0 => choice with { Store = true },
        _ => null,
    };

    private static TimeSpan? Time(string text) => Durations.TryParse(text, out var time) && time >= TimeSpan.Zero && time <= Longest ? time : null;

    /// <summary>Not below 0.</summary>
    private static double? Share(string text) =>
        double.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var share) ? share : null;

    private static Refusal Fault(string name, string value) => new("invalid-request",
        $"The header {Header} has '{Shown(name)}={Shown(value)}', which is not understood. It takes {string.Join(", ", Known)}: durations as 30s or 1h30m, eager above 0 and below 1, jitter from 0 to 1, tags separated by spaces, resilient, do-not-store and store without a value.");

    private static string Shown(string text) => text.Length > 64 ? text[..64] + "…" : text;
}
