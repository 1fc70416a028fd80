using System.Runtime.InteropServices;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Members that several bodies about entities have.</summary>
internal static class EntityFields
{
    /// <summary>Told in one answer.</summary>
    public const int MaxFaults = 20;

    /// <summary>The member where it is there and not null.</summary>
    public static bool Has(JsonElement element, string name, out JsonElement value) => element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Null where it is an object of these members and no others.</summary>
    public static FieldFault? Members(JsonElement element, string pointer, params ReadOnlySpan<string> known)
    {
        if (element.ValueKind != JsonValueKind.Object) return new FieldFault(pointer, $"Write an object with the members {string.Join(", ", known!)}.");
        foreach (var member in element.EnumerateObject())
            if (!known.Contains(member.Name)) return new FieldFault($"{pointer}/{JsonPointer.Escape(JsonFault.Shown(member.Name))}", $"No such member; there are {string.Join(", ", known!)}.");
        return null;
    }

    public static FieldFault? Id(JsonElement element, string pointer, out EntityId id)
    {
        id = default;
        if (!element.TryText(out var text)) return new FieldFault(pointer, "Write the id as a text, numbers too: \"12\".");
        return EntityId.TryParse(text, out id, out var fault) ? null : new FieldFault(pointer, fault);
    }

    public static FieldFault? Kind(JsonElement element, string pointer, out string kind)
    {
        kind = "";
        if (!Has(element, "kind", out var value) || !value.TryText(out var text) || !Key.IsKind(text))
            return new FieldFault($"{pointer}/kind", $"Write the kind: 1 to {Key.MaxKindLength} of A-Z a-z 0-9 . _ -, beginning with a letter.");
        kind = text;
        return null;
    }

    /// <summary>Absent or null: none. 0 means that there is to be none.</summary>
    public static FieldFault? Version(JsonElement element, string pointer, out long? version)
    {
        version = null;
        if (!Has(element, "version", out var value)) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number < 0)
            return new FieldFault($"{pointer}/version", "Write the version it is to stand at: a whole number; 0 where there is to be none.");
        version = number;
        return null;
    }

    /// <summary>The bytes as they were sent.</summary>
    public static FieldFault? Data(JsonElement element, string pointer, out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (!Has(element, "data", out var value) || value.ValueKind != JsonValueKind.Object) return new FieldFault($"{pointer}/data", "Write the entity's data: a JSON object.");
        data = JsonMarshal.GetRawUtf8Value(value).ToArray();
        return null;
    }
}
