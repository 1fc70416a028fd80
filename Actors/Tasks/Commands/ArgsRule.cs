using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActorPerf.Tasks.Commands;

/// <summary>What the arguments of a command must look like: the part of JSON Schema (2020-12) that arguments need.</summary>
/// <remarks>Keywords that are not checked here are refused when the schema is read, so that nobody relies on them.</remarks>
internal sealed class ArgsRule
{
    private const int MaxFaults = 20;

    private static readonly string[] Notes = ["$schema", "$id", "$comment", "title", "description", "default", "examples", "format"];
    private static readonly string[] Checked =
    [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    ];

    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private readonly JsonElement _schema;
    private readonly Dictionary<string, Regex> _patterns = new(StringComparer.Ordinal);

    private ArgsRule(JsonElement schema)
    {
        _schema = schema;
        Prepare(schema, "");
    }

    /// <summary>As it was written.</summary>
    public JsonNode Schema => JsonNode.Parse(_schema.GetRawText()) ?? new JsonObject();

    /// <exception cref="FormatException">It is no JSON Schema, or one with keywords that are not checked; the message says where and what to do.</exception>
    public static ArgsRule Parse(string schema)
    {
        try
        {
            using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return new ArgsRule(document.RootElement.Clone());
        }
        catch (JsonException fault)
        {
            throw new FormatException($"is no JSON: {fault.Message.TrimEnd('.')}", fault);
        }
    }

    /// <summary>Empty when they fit; at most 20 faults, with pointers below <c>/args</c>.</summary>
    public IReadOnlyList<FieldFault> Check(ReadOnlyMemory<byte> args)
    {
        if (!JsonTexts.AreWhole(args.Span)) return [new FieldFault("/args", "must have texts and names of whole characters; one holds half of a surrogate pair")];
        var faults = new List<FieldFault>();
        using var document = JsonDocument.Parse(args, new JsonDocumentOptions { MaxDepth = TaskJson.MaxDepth });
        Check(document.RootElement, _schema, "/args", faults);
        return faults;
    }

    private void Check(JsonElement value, JsonElement schema, string pointer, List<FieldFault> faults)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            if (schema.ValueKind == JsonValueKind.False) Add("is unknown");
            return;
        }
        if (schema.TryGetProperty("type", out var type) && !Words(type).Any(word => IsOf(value, word)))
        {
            Add($"must be of type {string.Join(" or ", Words(type))}");
            return;
        }
        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)))
            Add($"must be one of {string.Join(", ", choices.EnumerateArray().Select(choice => choice.GetRawText()))}");
        if (schema.TryGetProperty("const", out var only) && !JsonElement.DeepEquals(only, value)) Add($"must be {only.GetRawText()}");
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(value, schema, pointer, faults);
                break;
            case JsonValueKind.Array:
                CheckArray(value, schema, pointer, faults);
                break;
            case JsonValueKind.String:
                CheckText(value.GetString() ?? "", schema, Add);
                break;
            case JsonValueKind.Number:
                CheckNumber(value.GetDouble(), schema, Add);
                break;
        }

        void Add(string message)
        {
            if (faults.Count < MaxFaults) faults.Add(new FieldFault(pointer, message));
        }
    }

    private void CheckObject(JsonElement value, JsonElement schema, string pointer, List<FieldFault> faults)
    {
        var known = schema.TryGetProperty("properties", out var properties) ? properties : default;
        var others = schema.TryGetProperty("additionalProperties", out var more) ? more : default;
        foreach (var member in value.EnumerateObject())
        {
            var place = $"{pointer}/{JsonPathPointer.Escape(member.Name)}";
            if (known.ValueKind == JsonValueKind.Object && known.TryGetProperty(member.Name, out var own)) Check(member.Value, own, place, faults);
            else if (others.ValueKind != JsonValueKind.Undefined) Check(member.Value, others, place, faults);
        }
        if (!schema.TryGetProperty("required", out var required)) return;
        foreach (var name in Words(required))
            if (!value.TryGetProperty(name, out _) && faults.Count < MaxFaults) faults.Add(new FieldFault($"{pointer}/{JsonPathPointer.Escape(name)}", "is required"));
    }

    private void CheckArray(JsonElement value, JsonElement schema, string pointer, List<FieldFault> faults)
    {
        var count = value.GetArrayLength();
        if (Limit(schema, "minItems") is { } least && count < least) faults.Add(new FieldFault(pointer, $"must have at least {Number(least)} items"));
        if (Limit(schema, "maxItems") is { } most && count > most) faults.Add(new FieldFault(pointer, $"must have at most {Number(most)} items"));
        if (!schema.TryGetProperty("items", out var items)) return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Check(item, items, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index++}"), faults);
            if (faults.Count >= MaxFaults) return;
        }
    }

    private void CheckText(string value, JsonElement schema, Action<string> add)
    {
        // The standard counts code points.
        var length = value.Length - value.Count(char.IsLowSurrogate);
        if (Limit(schema, "minLength") is { } least && length < least) add($"must have at least {Number(least)} characters");
        if (Limit(schema, "maxLength") is { } most && length > most) add($"must have at most {Number(most)} characters");
        if (schema.TryGetProperty("pattern", out var pattern) && !_patterns[pattern.GetString() ?? ""].IsMatch(value)) add($"must match {pattern.GetString()}");
    }

    private static void CheckNumber(double value, JsonElement schema, Action<string> add)
    {
        if (Limit(schema, "minimum") is { } least && value < least) add($"must be at least {Number(least)}");
        if (Limit(schema, "maximum") is { } most && value > most) add($"must be at most {Number(most)}");
        if (Limit(schema, "exclusiveMinimum") is { } above && value <= above) add($"must be above {Number(above)}");
        if (Limit(schema, "exclusiveMaximum") is { } below && value >= below) add($"must be below {Number(below)}");
    }

    private void Prepare(JsonElement schema, string place)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False) return;
        if (schema.ValueKind != JsonValueKind.Object) throw Fault(place, "must be an object, true or false");
        foreach (var keyword in schema.EnumerateObject())
        {
            if (Notes.Contains(keyword.Name)) continue;
            if (!Checked.Contains(keyword.Name))
                throw Fault(place, $"has '{keyword.Name}', which is not checked here; use {string.Join(", ", Checked)}, and let the command check the rest");
            Prepare(keyword, $"{place}/{keyword.Name}");
        }
    }

    private void Prepare(JsonProperty keyword, string place)
    {
        var value = keyword.Value;
        switch (keyword.Name)
        {
            case "properties":
                if (value.ValueKind != JsonValueKind.Object) throw Fault(place, "must be an object");
                foreach (var member in value.EnumerateObject()) Prepare(member.Value, $"{place}/{member.Name}");
                break;
            case "additionalProperties" or "items":
                Prepare(value, place);
                break;
            case "type":
                if (!AreWords(value) || Words(value).Any(word => !Types.Contains(word))) throw Fault(place, $"must be one or more of {string.Join(", ", Types)}");
                break;
            case "required":
                if (value.ValueKind != JsonValueKind.Array || !AreWords(value)) throw Fault(place, "must be a list of names");
                break;
            case "enum":
                if (value.ValueKind != JsonValueKind.Array) throw Fault(place, "must be a list");
                break;
            case "pattern":
                AddPattern(value, place);
                break;
            case "const":
                break;
            default:
                if (value.ValueKind != JsonValueKind.Number) throw Fault(place, "must be a number");
                break;
        }
    }

    private void AddPattern(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.String) throw Fault(place, "must be a text");
        var pattern = value.GetString() ?? "";
        try
        {
            // In time linear in the text, whatever pattern and text are.
            _patterns[pattern] = new Regex(EcmaPattern.ToNet(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw Fault(place, $"is no pattern that can be matched in linear time ({fault.Message.TrimEnd('.')})");
        }
    }

    private static FormatException Fault(string place, string what) => new($"{(place.Length == 0 ? "the schema" : place)} {what}");

    private static bool AreWords(JsonElement value) =>
        value.ValueKind == JsonValueKind.String || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String));

    private static IEnumerable<string> Words(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? [value.GetString() ?? ""] : value.EnumerateArray().Select(one => one.GetString() ?? "");

    private static bool IsOf(JsonElement value, string type) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("null", JsonValueKind.Null) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger(value.GetDouble()),
        _ => false,
    };

    private static double? Limit(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var limit) ? limit.GetDouble() : null;

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
