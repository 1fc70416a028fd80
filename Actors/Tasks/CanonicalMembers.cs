using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Tasks;

/// <summary>Which members of an arguments type are part of the cache key, and in which order they are written.</summary>
internal static class CanonicalMembers
{
    /// <summary>Drops ignored members and those that are computed from others; writes the rest in canonical order, so that nothing is left to sort.</summary>
    public static void Apply(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        foreach (var member in type.Properties)
            if (IsIgnored(member) || IsComputed(member)) member.ShouldSerialize = static (_, _) => false;
        var sorted = type.Properties.OrderBy(member => member.Name, StringComparer.Ordinal).ToArray();
        for (var i = 0; i < sorted.Length; i++) sorted[i].Order = i;
    }

    private static bool IsIgnored(JsonPropertyInfo member) => Has(member.AttributeProvider) || Has(member.AssociatedParameter?.AttributeProvider);

    private static bool Has(ICustomAttributeProvider? place) => place?.IsDefined(typeof(CacheIgnoreAttribute), inherit: true) == true;

    private static bool IsComputed(JsonPropertyInfo member) =>
        member.Set is null && member.AssociatedParameter is null && !member.IsExtensionData;
}
