using System.Buffers;
using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>The texts under a dotted path of a job's arguments, as searches compare them: strings as they are, numbers canonical, <c>true</c> and
/// <c>false</c>; of arrays on the way and at the end each element. Objects and null have none.</summary>
public static class ArgumentValues
{
    /// <summary>Distinct values under a path, in their order; none where the arguments are no JSON.</summary>
    /// <param name="args">UTF-8 JSON.</param>
    /// <param name="limit">At most so many.</param>
    public static IReadOnlyList<string> Of(ReadOnlyMemory<byte> args, string path, int limit = int.MaxValue)
    {
        try
        {
            using var document = JsonDocument.Parse(args);
            return Of(document.RootElement, path, limit);
        }
        catch (JsonException)
        {
            return [];      // stored by an older rule of what is JSON: it has no members
        }
    }

    internal static IReadOnlyList<string> Of(JsonElement args, string path, int limit = int.MaxValue)
    {
        var found = new List<string>();
        Gather(args, path, found, limit);
        return found;
    }

    /// <summary>The one spelling of a text that is a JSON number; another text as it is.</summary>
    public static string Canonical(string text)
    {
        if (text.Length is 0 or > 100 || (text[0] != '-' && !char.IsAsciiDigit(text[0]))) return text;
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.BytesConsumed == bytes.Length ? Number(bytes) ?? text : text;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static void Gather(JsonElement element, string path, List<string> found, int limit)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                if (found.Count >= limit) return;
                Gather(item, path, found, limit);
            }
            return;
        }
        if (path.Length == 0)
        {
            if (Text(element) is { } text && !found.Contains(text)) found.Add(text);
            return;
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var (name, rest) = dot < 0 ? (path, "") : (path[..dot], path[(dot + 1)..]);
        if (element.TryMember(name, out var member)) Gather(member, rest, found, limit);
    }

    private static string? Text(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.True: return "true";
            case JsonValueKind.False: return "false";
            case JsonValueKind.Number: return Number(Encoding.UTF8.GetBytes(element.GetRawText()));
            case JsonValueKind.String:
                try
                {
                    return element.GetString();
                }
                catch (InvalidOperationException)
                {
                    return null;        // an escaped half of a surrogate pair: no text that anybody could ask for
                }
            default: return null;
        }
    }

    private static string? Number(ReadOnlySpan<byte> literal)
    {
        var output = new ArrayBufferWriter<byte>(literal.Length + 8);
        return CanonicalNumber.TryWrite(literal, output) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }
}
