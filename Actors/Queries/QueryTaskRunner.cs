using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Queries;

/// <summary>A named query as a task: its parameters are the arguments, its rows a JSON array.</summary>
/// <remarks>Arguments reach the statement as parameters and in no other way. Rows are read one by one, so that a result which is too large ends the query.</remarks>
internal sealed class QueryTaskRunner(string name, NamedQueryOptions options, INamedQuerySource source, int maxResultBytes) : ITaskRunner
{
    /// <summary>JSON Schema (2020-12) of the parameters.</summary>
    public JsonNode Schema
    {
        get
        {
            var properties = new JsonObject();
            var required = new JsonArray();
            foreach (var (parameter, type) in options.Parameters)
            {
                properties[parameter] = TypeOf(type);
                required.Add((JsonNode)parameter);
            }
            var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
            if (required.Count > 0) schema["required"] = required;
            schema["additionalProperties"] = false;
            return schema;
        }
    }

    public Refusal? Check(ReadOnlyMemory<byte> args) => TryRead(args, out _, out var refusal) ? null : refusal;

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal)
    {
        canonical = default;
        if (!TryRead(args, out _, out refusal)) return false;
        using var document = JsonDocument.Parse(args);
        canonical = CanonicalOf(document.RootElement);
        return true;
    }

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        if (!TryRead(args, out var parameters, out var refusal)) throw new TaskFaultException("invalid-args", refusal!.Detail);
        var result = new ArrayBufferWriter<byte>(1024);
        result.Write("["u8);
        var rows = 0;
        await foreach (var row in source.RunAsync(parameters, ct))
        {
            if (++rows > options.MaxRows)
                throw new TaskFaultException("bad-result", $"Query '{name}' has more than {options.MaxRows} rows. Select fewer, or raise actorperf.data.queries.{name}.max-rows.");
            if (result.WrittenCount + row.Length + 2 > maxResultBytes)
                throw new TaskFaultException("bad-result", $"The rows of query '{name}' have more than {maxResultBytes} bytes (after {rows - 1} rows). Select fewer rows or columns, or raise actorperf.compute.max-result-bytes.");
            if (rows > 1) result.Write(","u8);
            result.Write(row.Span);
        }
        result.Write("]"u8);
        return result.WrittenMemory;
    }

    private bool TryRead(ReadOnlyMemory<byte> args, out Dictionary<string, EntityValue?> parameters, out Refusal? refusal)
    {
        parameters = new Dictionary<string, EntityValue?>(StringComparer.Ordinal);
        var faults = new List<FieldFault>();
        using var document = JsonDocument.Parse(args);
        if (document.RootElement.ValueKind != JsonValueKind.Object) faults.Add(new("/args", "must be an object with a member for each parameter."));
        else
        {
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!options.Parameters.TryGetValue(member.Name, out var type))
                    faults.Add(new($"/args/{JsonPointerOf(member.Name)}", $"is no parameter of this query.{(options.Parameters.Count > 0 ? $" It has {string.Join(", ", options.Parameters.Keys)}." : "")}"));
                else if (ValueOf(member.Value, type) is { } value) parameters[member.Name] = value;
                else faults.Add(new($"/args/{member.Name}", $"must be {Wording(type)} or null."));
            }
            foreach (var missing in options.Parameters.Keys)
                if (!document.RootElement.TryGetProperty(missing, out _)) faults.Add(new($"/args/{missing}", "is missing."));
        }
        refusal = faults.Count == 0 ? null : Refusal.Invalid("invalid-args", $"The arguments do not fit query '{name}': {faults[0].Pointer[5..].TrimStart('/')} {faults[0].Message}", faults);
        return refusal is null;
    }

    private byte[] CanonicalOf(JsonElement args)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            foreach (var parameter in options.Parameters.Keys.Order(StringComparer.Ordinal))
            {
                writer.WritePropertyName(parameter);
                // By its value, so that 2.0 and 2 of a double meet.
                switch (ValueOf(args.GetProperty(parameter), options.Parameters[parameter]))
                {
                    case EntityValue.Integer integer: writer.WriteNumberValue(integer.Value); break;
                    case EntityValue.Number number: writer.WriteNumberValue(number.Value); break;
                    case EntityValue.Boolean boolean: writer.WriteBooleanValue(boolean.Value); break;
                    case EntityValue.Text value: writer.WriteStringValue(value.Value); break;
                    default: writer.WriteNullValue(); break;
                }
            }
            writer.WriteEndObject();
        }
        return text.WrittenSpan.ToArray();
    }

    private static EntityValue? ValueOf(JsonElement element, ParameterType type) => (type, element.ValueKind) switch
    {
        (_, JsonValueKind.Null) => new EntityValue.Null(),
        (ParameterType.Int, JsonValueKind.Number) when element.TryGetInt64(out var integer) => new EntityValue.Integer(integer),
        (ParameterType.Double, JsonValueKind.Number) when element.TryGetDouble(out var number) && double.IsFinite(number) => new EntityValue.Number(number),
        (ParameterType.Bool, JsonValueKind.True or JsonValueKind.False) => new EntityValue.Boolean(element.GetBoolean()),
        // A parameter is a text that databases can hold.
        (ParameterType.Text, JsonValueKind.String) when element.TryText(out var text) && !text.Contains('\0', StringComparison.Ordinal) => new EntityValue.Text(text),
        _ => null,
    };

    private static JsonObject TypeOf(ParameterType type) => type switch
    {
        ParameterType.Int => new JsonObject { ["type"] = new JsonArray("integer", "null"), ["format"] = "int64" },
        ParameterType.Double => new JsonObject { ["type"] = new JsonArray("number", "null") },
        ParameterType.Bool => new JsonObject { ["type"] = new JsonArray("boolean", "null") },
        _ => new JsonObject { ["type"] = new JsonArray("string", "null") },
    };

    private static string Wording(ParameterType type) => type switch
    {
        ParameterType.Int => "a whole number of at most 64 bits",
        ParameterType.Double => "a number",
        ParameterType.Bool => "true or false",
        _ => "a text (of whole characters, without U+0000)",
    };

    private static string JsonPointerOf(string member) => (member.Length > 64 ? member[..64] + "…" : member).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
