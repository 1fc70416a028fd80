using System.Text.Json;
using System.Text.Unicode;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>The data of an entity, or a patch of it, as the whole of a body: one JSON object, as strictly as all bodies are read.</summary>
internal static class EntityBody
{
    /// <summary>Null where it can be taken.</summary>
    public static Refusal? Check(ReadOnlySpan<byte> body, int depth)
    {
        if (!Utf8.IsValid(body)) return new Refusal("invalid-json", "The body is not UTF-8. Send JSON in UTF-8.");
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = depth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return Refusal.Invalid("invalid-json", "The data of an entity is one JSON object.", new FieldFault("", "Not an object."));
            if (JsonScan.Skip(ref reader, body, "") is { } twice) return JsonFault.Members([twice]);
            reader.Read();
            return null;
        }
        catch (JsonException fault)
        {
            return JsonFault.From(fault);
        }
    }
}
