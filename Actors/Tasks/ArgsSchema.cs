using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Tasks;

/// <summary>JSON Schema (2020-12) of a type of arguments, for forms and clients.</summary>
/// <remarks>Single values come from the framework's exporter; objects are put together here, because the exporter fails at
/// constructor parameters whose default is that of a struct (<c>TimeSpan delay = default</c>).</remarks>
internal static class ArgsSchema
{
    private const int MaxDepth = 16; // a type may contain itself

    private static readonly JsonSchemaExporterOptions Export = new() { TreatNullObliviousAsNonNullable = true };

    public static JsonObject Of(JsonTypeInfo type) => Node(type, 0);

    private static JsonObject Node(JsonTypeInfo type, int depth)
    {
        if (depth > MaxDepth) return new JsonObject();
        return type.Kind switch
        {
            JsonTypeInfoKind.Object when type.PolymorphismOptions is null => Object(type, depth),
            JsonTypeInfoKind.Enumerable when type.ElementType is { } element =>
                new JsonObject { ["type"] = "array", ["items"] = Node(type.Options.GetTypeInfo(element), depth + 1) },
            JsonTypeInfoKind.Dictionary when type.ElementType is { } element =>
                new JsonObject { ["type"] = "object", ["additionalProperties"] = Node(type.Options.GetTypeInfo(element), depth + 1) },
            _ => Single(type),
        };
    }

    private static JsonObject Object(JsonTypeInfo type, int depth)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var member in type.Properties)
        {
            if (member.IsExtensionData || (member.Set is null && member.AssociatedParameter is null)) continue; // not read
            properties[member.Name] = Member(member, depth);
            if (ArgsFaults.IsRequired(member)) required.Add((JsonNode)member.Name);
        }
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0) schema["required"] = required;
        schema["additionalProperties"] = type.Properties.Any(member => member.IsExtensionData);
        return schema;
    }

    private static JsonObject Single(JsonTypeInfo type)
    {
        var bare = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (bare == typeof(TimeSpan))
            return new JsonObject
            {
                ["type"] = "string",
                ["format"] = "actorperf-duration",
                ["pattern"] = Durations.Pattern,
                ["description"] = "A duration such as \"5s\", \"1500ms\", \"1h30m\" or \"7d\".",
            };
        var schema = type.Options.GetTypeInfo(bare).GetJsonSchemaAsNode(Export) as JsonObject ?? [];
        if (bare == typeof(long) || bare == typeof(int)) schema["format"] = bare == typeof(long) ? "int64" : "int32";
        return schema;
    }

    private static JsonObject Member(JsonPropertyInfo member, int depth)
    {
        var type = member.Options.GetTypeInfo(member.PropertyType);
        var schema = Node(type, depth + 1);
        if (ArgsFaults.IsNullable(member) && schema["type"] is JsonValue single) schema["type"] = new JsonArray(single.DeepClone(), "null");
        foreach (var attribute in Attributes(member.AttributeProvider).Concat(Attributes(member.AssociatedParameter?.AttributeProvider))) Describe(attribute, schema);
        if (member.AssociatedParameter is { HasDefaultValue: true } parameter) schema["default"] = Default(parameter.DefaultValue, type);
        return schema;
    }

    /// <summary>A struct's own default comes as null.</summary>
    private static JsonNode? Default(object? value, JsonTypeInfo type)
    {
        if (value is null && type.Type.IsValueType && Nullable.GetUnderlyingType(type.Type) is null) value = Activator.CreateInstance(type.Type);
        return value is null ? null : JsonSerializer.SerializeToNode(value, type.Options.GetTypeInfo(value.GetType()));
    }

    private static void Describe(object attribute, JsonObject schema)
    {
        switch (attribute)
        {
            case DescriptionAttribute description:
                schema["description"] = description.Description;
                break;
            case RangeAttribute range when TryNumber(range.Minimum, out var minimum) && TryNumber(range.Maximum, out var maximum):
                schema["minimum"] = minimum;
                schema["maximum"] = maximum;
                break;
            case StringLengthAttribute length:
                schema["minLength"] = length.MinimumLength;
                schema["maxLength"] = length.MaximumLength;
                break;
            case DurationRangeAttribute range:
                schema["description"] = $"A duration from {range.Minimum} to {range.Maximum}, such as \"1500ms\" or \"5s\".";
                break;
        }
    }

    private static bool TryNumber(object limit, out decimal number) => decimal.TryParse(
        Convert.ToString(limit, CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static object[] Attributes(ICustomAttributeProvider? place) => place?.GetCustomAttributes(inherit: true) ?? [];
}
