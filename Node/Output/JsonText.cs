using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorPerf.Node.Output;

/// <summary>JSON as it goes to standard output: numbers digit for digit as the node sent them, readable text,
/// and no character that a terminal would obey.</summary>
public static class JsonText
{
    /// <summary>Over several lines, for people and whole documents.</summary>
    public static string Pretty(JsonElement value) => Write(json => Copy(value, json), indented: true);

    /// <summary>On one line, for streams.</summary>
    public static string Compact(JsonElement value) => Write(json => Copy(value, json), indented: false);

    /// <summary>Writes a value of a node's answer: anew, for the sake of readable text, or as it came where it may hold half of a surrogate pair (<c>"\ud800"</c>), which has no other form.</summary>
    public static void Copy(JsonElement value, Utf8JsonWriter json)
    {
        if (value.GetRawText() is var raw && raw.Contains(@"\ud", StringComparison.OrdinalIgnoreCase)) json.WriteRawValue(raw.Replace('\n', ' ').Replace('\r', ' '));
        else value.WriteTo(json);
    }

    /// <summary>What <paramref name="write"/> writes, as text.</summary>
    public static string Write(Action<Utf8JsonWriter> write, bool indented)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
            write(writer);
        // Harmful characters that the encoder lets through stand inside strings, where their code means the same.
        // Line breaks here are the writer's own.
        return string.Join('\n', Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n').Select(Visible.Of));
    }

    /// <summary>A document that outlives its parser.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>A document written here.</summary>
    public static JsonElement Build(Action<Utf8JsonWriter> write) => Parse(Body(write).Span);

    /// <summary>What <paramref name="write"/> writes, for a request: raw parts go out byte for byte.</summary>
    public static ReadOnlyMemory<byte> Body(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        return buffer.WrittenMemory;
    }
}
