using System.Diagnostics.CodeAnalysis;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Time zones by their IANA names, such as <c>Europe/Berlin</c>.</summary>
public static class TimeZones
{
    public const int MaxLength = 64;

    /// <summary>Finds a zone; <paramref name="fault"/> names the nearest known one.</summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out TimeZoneInfo? zone, [NotNullWhen(false)] out string? fault)
    {
        (zone, fault) = (null, null);
        if (name == "UTC") zone = TimeZoneInfo.Utc;
        // A name with a path in it would be looked up as a file.
        else if (name is { Length: > 0 and <= MaxLength } && name.All(IsOfAName) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) && found.HasIanaId) zone = found;
        if (zone is not null) return true;
        var shown = name is { Length: > MaxLength } ? string.Concat(name.AsSpan(0, MaxLength), "…") : name;
        fault = Nearest(name) is { } nearest
            ? $"'{shown}' is no time zone that this machine knows. Did you mean '{nearest}'?"
            : $"'{shown}' is no time zone that this machine knows. Use an IANA name such as Europe/Berlin, or UTC.";
        return false;
    }

    private static bool IsOfAName(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+';

    private static string? Nearest(string? name)
    {
        if (name is not { Length: > 0 and <= MaxLength }) return null;
        var known = TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id).ToArray();
        // The city alone, or in another spelling, is what people write.
        return known.FirstOrDefault(id => string.Equals(id, name, StringComparison.OrdinalIgnoreCase))
            ?? known.FirstOrDefault(id => string.Equals(id[(id.LastIndexOf('/') + 1)..], name.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase))
            ?? TaskNames.Nearest(name, known);
    }
}
