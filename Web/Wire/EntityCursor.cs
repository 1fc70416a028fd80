using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActorPerf.Data;

namespace ActorPerf.Web.Wire;

/// <summary>The opaque cursor of a query: the place where the page ended, and a check that ties it to namespace, kind, filter and order.</summary>
/// <remarks>The check catches cursors of other queries and accidents. It is no secret: whoever makes one up sees a page of the same query.
/// The place is a JSON array of texts: the id, then one value per order, its sort as the first character.</remarks>
internal static class EntityCursor
{
    private const int CheckBytes = 8;

    public static string Write(QueryPlace place, EntityQuery query)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(stackalloc byte[CheckBytes]);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartArray();
            json.WriteStringValue(place.Id.ToString());
            foreach (var value in place.Values) json.WriteStringValue(Write(value));
            json.WriteEndArray();
        }
        var bytes = text.WrittenSpan.ToArray();
        Check(query, bytes.AsSpan(CheckBytes), bytes.AsSpan(0, CheckBytes));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string text, EntityQuery query, out QueryPlace? place)
    {
        place = null;
        if (!Base64Url.IsValid(text, out var length) || length <= CheckBytes) return false;
        var bytes = Base64Url.DecodeFromChars(text);
        Span<byte> check = stackalloc byte[CheckBytes];
        Check(query, bytes.AsSpan(CheckBytes), check);
        if (!check.SequenceEqual(bytes.AsSpan(0, CheckBytes))) return false;
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(CheckBytes));
            var parts = document.RootElement.EnumerateArray().Select(static part => part.GetString() ?? "").ToArray();
            if (parts.Length != query.Order.Count + 1 || !EntityId.TryParse(parts[0], out var id, out _)) return false;
            var values = parts.Skip(1).Select(Read).ToArray();
            place = new QueryPlace(values, id);
            return true;
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            return false;                                     // made up: the check is no secret
        }
    }

    private static string Write(EntityValue? value) => value switch
    {
        null => "-",
        EntityValue.Null => "n",
        EntityValue.Boolean(var flag) => flag ? "t" : "f",
        EntityValue.Integer(var number) => string.Create(CultureInfo.InvariantCulture, $"i{number}"),
        EntityValue.Number(var number) => string.Create(CultureInfo.InvariantCulture, $"d{number:R}"),
        EntityValue.Text(var text) => "s" + text,
        _ => "o",
    };

    private static EntityValue? Read(string text) => text switch
    {
        "-" => null,
        "n" => new EntityValue.Null(),
        "t" or "f" => new EntityValue.Boolean(text == "t"),
        "o" => new EntityValue.Structure(),
        ['i', .. var digits] => new EntityValue.Integer(long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
        ['d', .. var number] => new EntityValue.Number(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)),
        ['s', .. var rest] => new EntityValue.Text(rest),
        _ => throw new FormatException("No value of a cursor."),
    };

    private static void Check(EntityQuery query, ReadOnlySpan<byte> place, Span<byte> into)
    {
        var text = new StringBuilder("entity-cursor-1\n").Append(query.Namespace).Append('\n').Append(query.Kind).Append('\n');
        foreach (var order in query.Order) text.Append(order.Descending ? '-' : '+').Append(order.Path).Append('\n');
        if (query.Filter is { } filter) Describe(text, filter);
        text.Append('\n').Append(Convert.ToHexString(place));
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, into.Length).CopyTo(into);
    }

    private static void Describe(StringBuilder text, EntityFilter filter)
    {
        switch (filter)
        {
            case EntityFilter.Compare(var path, var op, var value): text.Append(path).Append(' ').Append(op).Append(' ').Append(Quoted(value)); break;
            case EntityFilter.In(var path, var values): text.Append(path).Append(" in ").AppendJoin(',', values.Select(Quoted)); break;
            case EntityFilter.StartsWith(var path, var start): text.Append(path).Append(" starts ").Append(JsonEncodedText.Encode(start)); break;
            case EntityFilter.Exists(var path, var wanted): text.Append(path).Append(" exists ").Append(wanted); break;
            case EntityFilter.And(var all): Describe(text, '&', all); break;
            case EntityFilter.Or(var any): Describe(text, '|', any); break;
            case EntityFilter.Not(var inner): Describe(text, '!', [inner]); break;
        }
    }

    private static void Describe(StringBuilder text, char sign, IReadOnlyList<EntityFilter> parts)
    {
        text.Append(sign).Append('(');
        foreach (var part in parts)
        {
            Describe(text, part);
            text.Append(';');
        }
        text.Append(')');
    }

    private static JsonEncodedText Quoted(EntityValue value) => JsonEncodedText.Encode(Write(value));
}
