using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorPerf.Data;

/// <summary>The opaque text of a place between two pages (docs/formats/data-cursor.md). It fits only the query that it came from: same namespace, kind, filter and order.</summary>
/// <remarks>Whatever <see cref="Write"/> gives <see cref="TryRead"/> takes back: it holds the ordered members' texts, so it may be as long as an entity, and its length is bounded by what brings it, such as a request's body.
/// It is no secret and not signed: whoever makes one up begins at another place of a query that they may ask anyway.</remarks>
public static class QueryCursor
{
    private const int PrintBytes = 8;

    // As it is: a text of another script would become three times as long by escapes that only HTML needs.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(EntityQuery query, QueryPlace place)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(place);
        using var text = new MemoryStream();
        text.Write(PrintOf(query));
        using (var json = new Utf8JsonWriter(text, Plain))
        {
            json.WriteStartArray();
            json.WriteStringValue(place.Id.ToString());
            foreach (var value in place.Values) WriteValue(json, value);
            json.WriteEndArray();
        }
        return Base64Url.EncodeToString(text.ToArray());
    }

    /// <summary>False where it is no cursor of this query.</summary>
    public static bool TryRead(string text, EntityQuery query, out QueryPlace? place)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(query);
        place = null;
        if (!Base64Url.IsValid(text)) return false;
        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length <= PrintBytes || !bytes.AsSpan(0, PrintBytes).SequenceEqual(PrintOf(query))) return false;
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(PrintBytes));
            JsonElement[] parts = [.. document.RootElement.EnumerateArray()];
            if (parts.Length != query.Order.Count + 1 || parts[0].GetString() is not { } id || !EntityId.TryParse(id, out var key, out _)) return false;
            place = new QueryPlace([.. parts.Skip(1).Select(ReadValue)], key);
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Which query it is: the first 8 bytes of SHA-256 over what decides which entities come in which order.</summary>
    private static byte[] PrintOf(EntityQuery query)
    {
        var text = new StringBuilder("1\n").Append(query.Namespace.Name).Append('\n').Append(query.Kind);
        foreach (var order in query.Order) text.Append('\n').Append(order.Descending ? '-' : '+').Append(order.Path);
        text.Append('\n');
        FilterText.Append(text, query.Filter);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))[..PrintBytes];
    }

    // A value alone is itself; what JSON has no word for is an object.
    private static void WriteValue(Utf8JsonWriter json, EntityValue? value)
    {
        switch (value)
        {
            case EntityValue.Null: json.WriteNullValue(); break;
            case EntityValue.Boolean boolean: json.WriteBooleanValue(boolean.Value); break;
            case EntityValue.Integer integer: json.WriteNumberValue(integer.Value); break;
            case EntityValue.Text text: json.WriteStringValue(text.Value); break;
            case EntityValue.Number number: WriteMember(json, "d", BitConverter.DoubleToInt64Bits(number.Value)); break;
            case EntityValue.Structure: WriteMember(json, "s", 1); break;
            default: WriteMember(json, "m", 1); break;
        }
    }

    private static void WriteMember(Utf8JsonWriter json, string name, long value)
    {
        json.WriteStartObject();
        json.WriteNumber(name, value);
        json.WriteEndObject();
    }

    private static EntityValue? ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => new EntityValue.Null(),
        JsonValueKind.True or JsonValueKind.False => new EntityValue.Boolean(value.GetBoolean()),
        JsonValueKind.Number => new EntityValue.Integer(value.GetInt64()),
        JsonValueKind.String => new EntityValue.Text(Stored(value.GetString() ?? "")),
        JsonValueKind.Object when value.TryGetProperty("d", out var bits) => new EntityValue.Number(Finite(BitConverter.Int64BitsToDouble(bits.GetInt64()))),
        JsonValueKind.Object when value.TryGetProperty("s", out _) => new EntityValue.Structure(),
        JsonValueKind.Object when value.TryGetProperty("m", out _) => null,
        _ => throw new FormatException("No value of a place."),
    };

    // A place is one of a stored row, and no store holds this character: none could compare with it.
    private static string Stored(string text) => text.Contains('\0', StringComparison.Ordinal) ? throw new FormatException("No text of an entity.") : text;

    private static double Finite(double value) => double.IsFinite(value) ? value : throw new FormatException("No number of JSON.");
}
