using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ActorPerf.Tasks;

/// <summary>Texts of JSON that a caller wrote. JSON can name what no text is: half of a surrogate pair (<c>"\ud800"</c>) is well-formed, and reading it throws. So whoever
/// reads a caller's texts asks here.</summary>
internal static class JsonTexts
{
    private const int Escape = 6;      // bytes of \uXXXX

    /// <summary>False where it is no text, or holds half of a surrogate pair.</summary>
    public static bool TryText(this JsonElement element, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (element.ValueKind != JsonValueKind.String) return false;
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(element));
        reader.Read();
        return TryText(ref reader, out text);
    }

    /// <summary>The text or name that the reader stands on; false where it holds half of a surrogate pair.</summary>
    public static bool TryText(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = reader.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)      // how the reader says that a pair is broken
        {
            text = null;
            return false;
        }
    }

    /// <summary>The same with U+FFFD in the place of every half of a surrogate pair, as decoders of UTF-8 show what is none; itself where there is none.</summary>
    /// <param name="json">UTF-8; need not be well-formed.</param>
    public static ReadOnlySpan<byte> WithoutHalves(ReadOnlySpan<byte> json)
    {
        byte[]? mended = null;
        for (var at = 0; at < json.Length; at++)
        {
            if (json[at] != '\\') continue;
            var unit = Unit(json[at..]);
            if (char.IsHighSurrogate(unit) && char.IsLowSurrogate(Unit(json[(at + Escape)..])))
            {
                at += (2 * Escape) - 1;
                continue;
            }
            if (char.IsSurrogate(unit)) "\\ufffd"u8.CopyTo((mended ??= json.ToArray()).AsSpan(at));
            at++; // what is escaped, also a backslash, begins nothing
        }
        return mended ?? json;
    }

    /// <summary>What is written as <c>\uXXXX</c> at the beginning; 0 for anything else.</summary>
    private static char Unit(ReadOnlySpan<byte> json) =>
        json.Length >= Escape && json[0] == '\\' && json[1] == 'u' && ushort.TryParse(json[2..Escape], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\0';

    /// <summary>As <see cref="JsonElement.TryGetProperty(string, out JsonElement)"/>, which throws where it comes by a name with half of a surrogate pair.</summary>
    /// <param name="element">An object.</param>
    public static bool TryMember(this JsonElement element, string name, out JsonElement member)
    {
        try
        {
            return element.TryGetProperty(name, out member);
        }
        catch (InvalidOperationException)
        {
            foreach (var each in element.EnumerateObject())
            {
                var reader = new Utf8JsonReader((byte[])[(byte)'"', .. JsonMarshal.GetRawUtf8PropertyName(each), (byte)'"']);
                reader.Read();
                member = each.Value;
                if (TryText(ref reader, out var text) && text == name) return true;
            }
            member = default;
            return false;
        }
    }

    /// <summary>Whether every text and name has whole characters. Looks at those that are written with escapes, the only ones that may not.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is not well-formed, or too deep.</exception>
    public static bool AreWhole(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = TaskJson.MaxDepth });
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !TryText(ref reader, out _)) return false;
        return true;
    }
}
