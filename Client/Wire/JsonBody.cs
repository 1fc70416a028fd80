using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorPerf.Client.Wire;

/// <summary>A request's body.</summary>
internal static class JsonBody
{
    // What is written goes to a program, never into a page.
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
