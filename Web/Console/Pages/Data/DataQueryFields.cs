using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One condition of the query form, as it was typed.</summary>
public sealed record DataCondition(string Path, string Operator, string Value);

/// <summary>The query form of a kind, as the address carries it.</summary>
/// <param name="Order">A path, with <c>-</c> in front for descending; "" for the key.</param>
public sealed record DataQueryFields(IReadOnlyList<DataCondition> Conditions, string Order)
{
    /// <summary>Conditions that the form takes; it shows one more row than there are.</summary>
    public const int Rows = 6;

    private const int Depth = 8;

    /// <summary>Operators in the words of the API, with those of the form.</summary>
    public static IReadOnlyList<(string Operator, string Word)> Operators { get; } =
    [
        ("eq", "="), ("ne", "≠"), ("lt", "<"), ("le", "≤"), ("gt", ">"), ("ge", "≥"), ("in", "one of"), ("startsWith", "begins with"), ("exists", "is there"), ("missing", "is missing"),
    ];

    public bool IsNarrowed => Conditions.Count > 0 || Order.Length > 0;

    public static DataQueryFields Read(IReadOnlyList<string?> paths, IReadOnlyList<string?> operators, IReadOnlyList<string?> values, string? order)
    {
        var conditions = paths.Take(Rows).Select((path, i) => new DataCondition(path?.Trim() ?? "", operators.ElementAtOrDefault(i) ?? "eq", values.ElementAtOrDefault(i) ?? ""))
            .Where(condition => condition.Path.Length > 0);
        return new DataQueryFields([.. conditions], order?.Trim() ?? "");
    }

    /// <summary>The parameters that make this form again.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Parameters()
    {
        foreach (var condition in Conditions)
        {
            yield return new("path", condition.Path);
            yield return new("op", condition.Operator);
            yield return new("value", condition.Value.Length == 0 ? " " : condition.Value);
        }
        if (Order.Length > 0) yield return new("order", Order);
    }

    /// <summary>The query that the API would read from <see cref="Body"/>; null with what is wrong.</summary>
    public EntityQuery? TryQuery(Namespace ns, string kind, out string fault)
    {
        var refusal = QueryBody.TryRead(Body(), Depth, ns, kind, streamed: false, out var query, out _);
        fault = refusal is null ? "" : refusal.Faults.Count > 0 ? refusal.Faults[0].Message : refusal.Detail;
        return refusal is null ? query : null;
    }

    /// <summary>What to send to the API for the same, UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Body()
    {
        using var into = new MemoryStream();
        using (var json = new Utf8JsonWriter(into, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (Conditions.Count > 0) WriteFilter(json);
            if (Order.Length > 0)
            {
                json.WriteStartArray("order");
                json.WriteStringValue(Order);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return into.ToArray();
    }

    private void WriteFilter(Utf8JsonWriter json)
    {
        json.WriteStartObject("filter");
        json.WriteStartArray("and");
        foreach (var condition in Conditions)
        {
            json.WriteStartObject();
            json.WriteStartObject(condition.Path);
            WriteComparison(json, condition);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteComparison(Utf8JsonWriter json, DataCondition condition)
    {
        switch (condition.Operator)
        {
            case "exists" or "missing":
                json.WriteBoolean("exists", condition.Operator == "exists");
                break;
            case "in":
                json.WriteStartArray("in");
                foreach (var value in condition.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) WriteScalar(json, value);
                json.WriteEndArray();
                break;
            case "startsWith":
                json.WriteString("startsWith", condition.Value);
                break;
            default:
                json.WritePropertyName(condition.Operator);
                WriteScalar(json, condition.Value.Trim());
                break;
        }
    }

    /// <summary>What reads as a number, true, false, null or a quoted text is that; anything else is a text.</summary>
    private static void WriteScalar(Utf8JsonWriter json, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            {
                json.WriteRawValue(text);
                return;
            }
        }
        catch (JsonException)
        {
            // Not JSON: the text itself is meant.
        }
        json.WriteStringValue(text);
    }
}
