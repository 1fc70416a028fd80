using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using ActorPerf.Configuration;

namespace ActorPerf.Tasks;

/// <summary>Which members of an arguments type are secret, at any depth: those marked with <see cref="SecretAttribute"/>.</summary>
internal static class SecretMembers
{
    /// <summary>JSON pointers below the arguments; <c>*</c> stands for every item of a list and every value of a dictionary.</summary>
    public static IReadOnlyList<string> Of(JsonTypeInfo type)
    {
        var pointers = new List<string>();
        Walk(type, "", [], pointers);
        return pointers;
    }

    /// <param name="within">The types that this one stands in; a type inside itself ends the walk.</param>
    private static void Walk(JsonTypeInfo type, string pointer, HashSet<Type> within, List<string> pointers)
    {
        if (!within.Add(type.Type))
        {
            // No pointer is deep enough for a type that holds itself: from here on all of it is secret, if anything is.
            if (HasAny(type, [])) pointers.Add(pointer);
            return;
        }
        foreach (var derived in type.PolymorphismOptions?.DerivedTypes ?? []) Walk(type.Options.GetTypeInfo(derived.DerivedType), pointer, within, pointers);
        if (Element(type) is { } element) Walk(element, pointer + "/*", within, pointers);
        foreach (var member in Members(type))
        {
            var name = $"{pointer}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (IsSecret(member)) pointers.Add(name);
            else Walk(member.Options.GetTypeInfo(member.PropertyType), name, within, pointers);
        }
        within.Remove(type.Type);
    }

    private static bool HasAny(JsonTypeInfo type, HashSet<Type> seen) => seen.Add(type.Type)
        && (Members(type).Any(member => IsSecret(member) || HasAny(member.Options.GetTypeInfo(member.PropertyType), seen))
            || (Element(type) is { } element && HasAny(element, seen))
            || (type.PolymorphismOptions?.DerivedTypes ?? []).Any(derived => HasAny(type.Options.GetTypeInfo(derived.DerivedType), seen)));

    private static IEnumerable<JsonPropertyInfo> Members(JsonTypeInfo type) =>
        type.Kind == JsonTypeInfoKind.Object ? type.Properties.Where(member => !member.IsExtensionData) : [];

    private static JsonTypeInfo? Element(JsonTypeInfo type) =>
        type.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary && type.ElementType is { } element ? type.Options.GetTypeInfo(element)
        : null;

    private static bool IsSecret(JsonPropertyInfo member) => Has(member.AttributeProvider) || Has(member.AssociatedParameter?.AttributeProvider);

    private static bool Has(ICustomAttributeProvider? place) => place?.IsDefined(typeof(SecretAttribute), inherit: true) == true;
}
