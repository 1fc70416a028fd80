using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of calls that are rare and small into a document, as strictly as submissions are read: no unknown or doubled members.</summary>
internal static class SmallBody
{
    /// <summary>Null with the document, which the caller disposes.</summary>
    public static Refusal? TryRead(ReadOnlyMemory<byte> body, int depth, ReadOnlySpan<string> members, out JsonDocument? document)
    {
        document = null;
        if (!Utf8.IsValid(body.Span)) return new Refusal("invalid-json", "The body is not UTF-8. Send JSON in UTF-8.");
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = depth });
            reader.Read();
            if (JsonScan.Skip(ref reader, body.Span, "") is { } twice) return JsonFault.Members([twice]);
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = depth });
        }
        catch (JsonException fault)
        {
            return JsonFault.From(fault);
        }
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return Refusal.Invalid("invalid-json", "The body is to be one JSON object.", new FieldFault("", "Not an object."));
        foreach (var member in document.RootElement.EnumerateObject())
            if (!members.Contains(member.Name))
                return JsonFault.Member("/" + JsonPointer.Escape(JsonFault.Shown(member.Name)), members.IsEmpty ? "This call takes no members: send no body, or {}." : $"No such member; there are {string.Join(", ", members!)}.");
        return null;
    }

    /// <summary>The member where it is there and not null.</summary>
    public static bool Has(this JsonDocument document, string name, out JsonElement value) =>
        document.RootElement.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Null with the text; the refusal where the member is no text.</summary>
    public static Refusal? Text(this JsonDocument document, string name, out string? text)
    {
        text = null;
        if (!document.Has(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) return JsonFault.Member("/" + name, "Write a text.");
        return value.TryText(out text) ? null : JsonFault.Member("/" + name, "The text holds half of a surrogate pair.");
    }

    /// <summary>The element's text; false where it is none, or has no form in UTF-16 (an escaped half of a surrogate pair).</summary>
    public static bool TryText(this JsonElement element, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (element.ValueKind != JsonValueKind.String) return false;
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(element));
        reader.Read();
        return JsonFault.TryText(ref reader, out text);
    }
}
