using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Tasks;

/// <summary>A result that is no JSON: its media type, and how the JSON string that stands for it holds its bytes. Kept with the result, so
/// that what is read back never depends on how the task is set up today.</summary>
/// <param name="Type">Such as <c>text/csv</c> or <c>image/png</c>.</param>
public sealed record ResultMedia(string Type, ResultForm Form)
{
    private static readonly string[] Texts =
        ["application/xml", "application/javascript", "application/yaml", "application/x-ndjson", "application/x-www-form-urlencoded", "image/svg+xml"];

    /// <summary>Text for <c>text/…</c>, what ends in <c>+xml</c>, <c>+json</c> or <c>+yaml</c>, and a few of <c>application/…</c>; bytes for all others.</summary>
    public static ResultMedia Of(string type) => new(type, IsText(Bare(type)) ? ResultForm.Text : ResultForm.Bytes);

    /// <summary>The type without its parameters, in lower case.</summary>
    public string BareType => Bare(Type);

    /// <summary>Writes what a task made as the JSON string that stands for it.</summary>
    /// <exception cref="ArgumentException">Text that is not UTF-8.</exception>
    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> content)
    {
        var json = new ArrayBufferWriter<byte>(content.Length + 16);
        using var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        if (Form == ResultForm.Bytes) writer.WriteBase64StringValue(content);
        else if (System.Text.Unicode.Utf8.IsValid(content)) writer.WriteStringValue(content);
        else throw new ArgumentException($"The result is to be {Type}, and is not UTF-8.", nameof(content));
        writer.Flush();
        return json.WrittenMemory;
    }

    /// <summary>Reads the bytes back out of the JSON string.</summary>
    /// <returns>False when <paramref name="json"/> is no such string.</returns>
    public bool TryDecode(ReadOnlySpan<byte> json, out ReadOnlyMemory<byte> content)
    {
        content = default;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.String) return false;
            if (Form == ResultForm.Bytes)
            {
                if (!reader.TryGetBytesFromBase64(out var bytes)) return false;
                content = bytes;
            }
            else
            {
                var text = new byte[reader.ValueSpan.Length];          // unescaping never makes it longer
                content = text.AsMemory(0, reader.CopyString(text));
            }
            return !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;      // no JSON, or an escaped half of a character
        }
    }

    private static bool IsText(string bare) =>
        bare.StartsWith("text/", StringComparison.Ordinal) || bare.EndsWith("+xml", StringComparison.Ordinal) || bare.EndsWith("+json", StringComparison.Ordinal)
        || bare.EndsWith("+yaml", StringComparison.Ordinal) || Texts.Contains(bare, StringComparer.Ordinal);

    private static string Bare(string type) => type.Split(';', 2)[0].Trim().ToLowerInvariant();
}

/// <summary>How a JSON string holds a result that is no JSON. The numbers are stored; never renumber.</summary>
public enum ResultForm
{
    /// <summary>Its text.</summary>
    Text = 1,

    /// <summary>Its bytes as Base64.</summary>
    Bytes = 2,
}
