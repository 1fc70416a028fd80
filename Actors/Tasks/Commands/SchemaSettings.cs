using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorPerf.Tasks.Commands;

/// <summary>Makes JSON of a schema that was written as an object of the configuration, where every value is a text and every list has numbered members.</summary>
internal static class SchemaSettings
{
    private const int MaxDepth = 32;

    public static string ToJson(TaskSettings schema) => Node(schema, keyword: "", 0).ToJsonString();

    private static JsonNode Node(TaskSettings setting, string keyword, int depth)
    {
        if (depth > MaxDepth) throw new FormatException($"is deeper than {MaxDepth} levels");
        var names = setting.Names.ToList();
        if (names.Count == 0) return setting.Value is { } text ? Single(text, keyword) : new JsonObject();
        if (keyword is "required" or "enum" or "type" or "examples")
            return new JsonArray([.. names.Order(Microsoft.Extensions.Configuration.ConfigurationKeyComparer.Instance).Select(name => Node(setting.Below(name), keyword, depth + 1))]);
        var members = new JsonObject();
        // Below "properties" stand the names of arguments, which may be words of a schema and are none there.
        foreach (var name in names) members[name] = Node(setting.Below(name), keyword == "properties" ? "" : name, depth + 1);
        return members;
    }

    /// <summary>A text where the keyword wants one; else what it would be as JSON.</summary>
    private static JsonNode Single(string text, string keyword)
    {
        if (keyword is "required" && text.Length == 0) return new JsonArray();
        if (keyword is "type" or "required" or "pattern" or "title" or "description" or "format" or "$schema" or "$id" or "$comment") return JsonValue.Create(text);
        if (text is "true" or "false") return JsonValue.Create(text == "true");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonNode.Parse(text.Trim()) is { } exact && exact.GetValueKind() == JsonValueKind.Number ? exact : JsonValue.Create(number)
            : JsonValue.Create(text);
    }
}
