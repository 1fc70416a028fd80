using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorPerf.Web.Console.Parts;

/// <summary>Arguments and results for reading: indented, digits as they were sent, and cut where a page would drown.</summary>
public static class PayloadText
{
    /// <summary>Longer payloads are shown in part; the whole is one click away.</summary>
    public const int MaxShown = 64 * 1024;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For a field of a form, which sends it back: never cut; what is long stands there as it was sent.</summary>
    public static string Whole(ReadOnlyMemory<byte> json) => json.Length > MaxShown ? Encoding.UTF8.GetString(json.Span) : Show(json).Text;

    /// <param name="json">UTF-8 JSON; shown as it is when it is none.</param>
    public static (string Text, bool Cut) Show(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxShown) return (Encoding.UTF8.GetString(json.Span[..MaxShown]), true);
        try
        {
            using var document = JsonDocument.Parse(json);
            using var into = new MemoryStream();
            using (var writer = new Utf8JsonWriter(into, Indented)) document.WriteTo(writer);
            return (Encoding.UTF8.GetString(into.ToArray()), false);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)      // the second: half of a surrogate pair, which no text of ours can hold
        {
            return (Encoding.UTF8.GetString(json.Span), false);
        }
    }
}
