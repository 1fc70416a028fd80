using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Tasks;

/// <summary>Says in words why arguments do not fit their type. Only for arguments that were refused: it takes its time.</summary>
internal static class ArgsFaults
{
    private const int MaxFaults = 20;

    public static Refusal Refuse(string task, IReadOnlyList<FieldFault> faults)
    {
        var first = faults[0];
        var more = faults.Count > 1 ? $" (and {faults.Count - 1} more)" : "";
        var place = first.Pointer.Length > "/args/".Length ? $"`{first.Pointer["/args/".Length..]}` " : "the value ";
        return Refusal.Invalid("invalid-args",
            $"The arguments do not fit task '{task}': {place}{first.Message}{more}. GET /api/v1/tasks/{task} shows what it takes.", faults);
    }

    /// <summary>For arguments that made their reader throw.</summary>
    public static Refusal Unreadable(string task, Exception cause) => Refuse(task, [new FieldFault("/args", "cannot be read: " + FirstSentence(cause.GetBaseException().Message))]);

    /// <summary>Everything that is wrong, at most 20 places, in the order of the text.</summary>
    public static IReadOnlyList<FieldFault> Explain(JsonTypeInfo type, ReadOnlyMemory<byte> json, Exception cause)
    {
        var faults = new List<FieldFault>();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = TaskJson.MaxDepth });
            Walk(document.RootElement, type, nullable: false, "/args", faults);
        }
        catch (JsonException)
        {
            // Not even JSON, or too deep: the cause says so.
        }
        return faults.Count > 0 ? faults : [new FieldFault(JsonPathPointer.Translate((cause as JsonException)?.Path), "does not fit: " + FirstSentence(cause.Message))];
    }

    private static void Walk(JsonElement value, JsonTypeInfo type, bool nullable, string pointer, List<FieldFault> faults)
    {
        if (faults.Count == MaxFaults) return;
        if (value.ValueKind == JsonValueKind.Null)
        {
            if (!nullable && Nullable.GetUnderlyingType(type.Type) is null) faults.Add(new(pointer, "must not be null"));
            return;
        }
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when type.PolymorphismOptions is null:
                if (value.ValueKind == JsonValueKind.Object) WalkObject(value, type, pointer, faults);
                else faults.Add(new(pointer, "must be an object"));
                break;
            case JsonTypeInfoKind.Enumerable when type.ElementType is { } element:
                if (value.ValueKind == JsonValueKind.Array) WalkArray(value, type.Options.GetTypeInfo(element), pointer, faults);
                else faults.Add(new(pointer, "must be an array"));
                break;
            default:
                if (!Fits(value, type)) faults.Add(new(pointer, ArgsWords.Expected(type.Type)));
                break;
        }
    }

    private static void WalkObject(JsonElement value, JsonTypeInfo type, string pointer, List<FieldFault> faults)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var place = $"{pointer}/{JsonPathPointer.Escape(member.Name)}";
            if (!seen.Add(member.Name)) faults.Add(new(place, "appears twice"));
            else if (type.Properties.FirstOrDefault(property => property.Name == member.Name) is { } known)
                Walk(member.Value, type.Options.GetTypeInfo(known.PropertyType), IsNullable(known), place, faults);
            else if (!type.Properties.Any(property => property.IsExtensionData)) faults.Add(new(place, Unknown(type)));
            if (faults.Count >= MaxFaults) return;
        }
        foreach (var property in type.Properties)
            if (IsRequired(property) && !seen.Contains(property.Name) && faults.Count < MaxFaults)
                faults.Add(new($"{pointer}/{JsonPathPointer.Escape(property.Name)}", "is required"));
    }

    private static void WalkArray(JsonElement value, JsonTypeInfo element, string pointer, List<FieldFault> faults)
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Walk(item, element, nullable: !element.Type.IsValueType, $"{pointer}/{index++}", faults);
            if (faults.Count >= MaxFaults) return;
        }
    }

    private static bool Fits(JsonElement value, JsonTypeInfo type)
    {
        try
        {
            value.Deserialize(type);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal static bool IsRequired(JsonPropertyInfo property) => property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false };

    internal static bool IsNullable(JsonPropertyInfo property) => property.AssociatedParameter?.IsNullable ?? property.IsSetNullable;

    private static string Unknown(JsonTypeInfo type) => type.Properties.Count == 0
        ? "is unknown; the task takes no members"
        : $"is unknown; known: {string.Join(", ", type.Properties.Where(IsRead).Select(property => property.Name))}";

    private static bool IsRead(JsonPropertyInfo property) => property.Set is not null || property.AssociatedParameter is not null;

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Split('\n')[0].TrimEnd().TrimEnd('.');
    }
}
