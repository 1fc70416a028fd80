using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;

namespace ActorPerf.Web.Console.Forms;

/// <summary>A form made from the JSON schema of a task's arguments. Judges spelling only; whether arguments fit is the task's to say.</summary>
/// <param name="Fields">In the schema's order; empty where <paramref name="RawOnly"/>.</param>
/// <param name="RawOnly">The schema is no object of named members: arguments are written as JSON.</param>
public sealed record SchemaForm(IReadOnlyList<SchemaField> Fields, bool RawOnly)
{
    private const int MaxDepth = 32;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static SchemaForm From(JsonNode schema)
    {
        if (schema is not JsonObject root || root["properties"] is not JsonObject properties) return new SchemaForm([], true);
        var required = root["required"] is JsonArray names ? names.Select(name => name?.GetValue<string>()).ToHashSet(StringComparer.Ordinal) : [];
        return new SchemaForm([.. properties.Select(member => FieldOf(member.Key, member.Value, required.Contains(member.Key)))], false);
    }

    /// <summary>What the inputs show for given arguments; members without a field are left out.</summary>
    /// <param name="args">UTF-8 JSON; what is no object fills nothing.</param>
    public Dictionary<string, string> Fill(ReadOnlyMemory<byte> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!TryParse(args, out var document)) return values;
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object) return values;
            foreach (var field in Fields)
                if (document.RootElement.TryGetProperty(field.Name, out var value) && value.ValueKind != JsonValueKind.Null)
                    values[field.Input] = field.Kind != FieldKind.Json && value.TryText(out var text) ? text : value.GetRawText();
        }
        return values;
    }

    /// <summary>Writes the arguments that the inputs say. Empty optional fields are left out, so that the task's own defaults hold.</summary>
    /// <param name="input">Value of an input by name; null or empty: nothing entered.</param>
    /// <returns>UTF-8 JSON of what could be read, and the faults of the rest, with pointers below <c>/args</c>.</returns>
    public (byte[] Args, IReadOnlyList<FieldFault> Faults) Read(Func<string, string?> input)
    {
        var faults = new List<FieldFault>();
        using var into = new MemoryStream();
        using (var json = new Utf8JsonWriter(into, Relaxed))
        {
            json.WriteStartObject();
            foreach (var field in Fields)
                if (ReadField(json, field, input(field.Input)) is { } fault) faults.Add(new FieldFault($"/args/{Escape(field.Name)}", fault));
            json.WriteEndObject();
        }
        return (into.ToArray(), faults);
    }

    /// <summary>Reads hand-written JSON.</summary>
    public static (byte[] Args, IReadOnlyList<FieldFault> Faults) ReadRaw(string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(text) ? "{}" : text);
        return IsJson(bytes) ? (bytes, []) : ("{}"u8.ToArray(), [new FieldFault("/args", "This is not JSON: check quotes, commas and brackets.")]);
    }

    /// <summary>The fault; null when the field is fine. Writes nothing for a fault or an empty field.</summary>
    private static string? ReadField(Utf8JsonWriter json, SchemaField field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return field.Required && field.Kind != FieldKind.Text ? "This is needed." : WriteEmpty(json, field);
        switch (field.Kind)
        {
            case FieldKind.Integer when !IsInteger(text):
                return $"'{text}' is no integer. Write digits only, like 12.";
            case FieldKind.Number when !IsNumber(text):
                return $"'{text}' is no number. Write it like 1.5 or 2e3.";
            case FieldKind.Boolean when text is not ("true" or "false"):
                return "Choose yes or no.";
            case FieldKind.Duration when !Durations.TryParse(text, out _):
                return $"'{text}' is no duration. Write it like 1500ms, 30s, 5m or 1h30m.";
            case FieldKind.Choice when !field.Choices.Contains(text, StringComparer.Ordinal):
                return $"Choose one of {string.Join(", ", field.Choices)}.";
            case FieldKind.Json when !IsJson(Encoding.UTF8.GetBytes(text)):
                return "This is not JSON: check quotes, commas and brackets.";
        }
        json.WritePropertyName(field.Name);
        if (field.Kind is FieldKind.Text or FieldKind.Duration or FieldKind.Choice) json.WriteStringValue(text);
        else json.WriteRawValue(text); // digits stay as they were typed, however many
        return null;
    }

    private static string? WriteEmpty(Utf8JsonWriter json, SchemaField field)
    {
        if (field is { Required: true, Kind: FieldKind.Text }) json.WriteString(field.Name, "");
        return null;
    }

    private static SchemaField FieldOf(string name, JsonNode? schema, bool required)
    {
        var shape = schema as JsonObject ?? [];
        var choices = shape["enum"] is JsonArray options && options.All(option => option?.GetValueKind() == JsonValueKind.String)
            ? options.Select(option => option!.GetValue<string>()).ToList()
            : [];
        var fallback = shape["default"];
        return new SchemaField(
            name, KindOf(shape, choices), required,
            fallback is null ? null : fallback.GetValueKind() == JsonValueKind.String ? fallback.GetValue<string>() : fallback.ToJsonString(),
            Words(shape["description"]), choices, shape["minimum"]?.ToJsonString(), shape["maximum"]?.ToJsonString());
    }

    private static FieldKind KindOf(JsonObject shape, List<string> choices)
    {
        if (choices.Count > 0) return FieldKind.Choice;
        var types = TypesOf(shape["type"]);
        var isDuration = Words(shape["format"])?.Contains("duration", StringComparison.Ordinal) == true && types.All(type => type is "string" or "number");
        if (isDuration) return FieldKind.Duration;
        return types switch
        {
            ["string"] => FieldKind.Text,
            ["integer"] => FieldKind.Integer,
            ["number"] => FieldKind.Number,
            ["boolean"] => FieldKind.Boolean,
            _ => FieldKind.Json,
        };
    }

    /// <summary>Types without null: a nullable member is a field that may stay empty.</summary>
    private static string[] TypesOf(JsonNode? type) => type switch
    {
        JsonArray many => [.. many.Select(Words).OfType<string>().Where(word => word != "null")],
        _ => Words(type) is { } one ? [one] : [],
    };

    private static string? Words(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static bool IsInteger(string text) => IsNumber(text) && text.All(c => char.IsAsciiDigit(c) || c == '-');

    private static bool IsNumber(string text) => text.Length <= 400 && TryParse(Encoding.UTF8.GetBytes(text), out var document) && Kind(document) == JsonValueKind.Number;

    private static bool IsJson(ReadOnlyMemory<byte> bytes) => TryParse(bytes, out var document) && Kind(document) != JsonValueKind.Undefined;

    private static JsonValueKind Kind(JsonDocument document)
    {
        using (document) return document.RootElement.ValueKind;
    }

    private static bool TryParse(ReadOnlyMemory<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            // Names that stand there twice, and half of a surrogate pair in one, as a body of the API is looked through.
            var reader = new Utf8JsonReader(bytes.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || JsonScan.Skip(ref reader, bytes.Span, "") is not null) return false;
            document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
