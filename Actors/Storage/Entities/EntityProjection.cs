using System.Buffers;
using System.Text.Json;

namespace ActorPerf.Storage.Entities;

/// <summary>Takes top-level members out of an entity's JSON, each exactly as it is written there.</summary>
internal static class EntityProjection
{
    public static ReadOnlyMemory<byte> Select(ReadOnlyMemory<byte> data, IReadOnlyList<string> members)
    {
        if (members.Count == 0 || data.IsEmpty) return data;
        var buffer = new ArrayBufferWriter<byte>(data.Length);
        using var document = JsonDocument.Parse(data);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!Contains(members, member)) continue;
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(JsonMarshal(member), skipInputValidation: true);
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static ReadOnlySpan<byte> JsonMarshal(JsonProperty member) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(member.Value);

    private static bool Contains(IReadOnlyList<string> members, JsonProperty member)
    {
        foreach (var name in members)
            if (member.NameEquals(name)) return true;
        return false;
    }
}
