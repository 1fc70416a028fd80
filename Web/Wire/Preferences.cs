using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Wire;

/// <summary>What the caller prefers (RFC 7240). Unknown preferences, and ones that make no sense, are ignored as the RFC says.</summary>
/// <param name="Wait">Null when not asked for; at most <see cref="MaxWait"/>.</param>
/// <param name="RespondAsync">The caller would rather have a job than wait.</param>
internal readonly record struct Preferences(TimeSpan? Wait, bool RespondAsync)
{
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    public static Preferences Of(HttpRequest request)
    {
        var header = request.Headers["Prefer"];
        if (header.Count == 0) return default;
        TimeSpan? wait = null;
        var respondAsync = false;
        foreach (var line in header)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var preference = line.AsSpan(range).Trim();
                if (preference.Equals("respond-async", StringComparison.OrdinalIgnoreCase)) respondAsync = true;
                else if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase) && uint.TryParse(preference[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                    wait ??= seconds < MaxWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : MaxWait;
            }
        }
        return new Preferences(wait, respondAsync);
    }

    /// <summary>Tells the caller which preference was followed.</summary>
    public static void Applied(HttpResponse response, TimeSpan wait) =>
        response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={(long)wait.TotalSeconds}");
}
