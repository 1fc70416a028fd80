using System.Text;
using System.Text.Json;

namespace ActorPerf.Web.Wire;

/// <summary>RFC 6901 pointers, worked out only when a fault is to be told.</summary>
internal static class JsonPointer
{
    /// <summary>The pointer, relative to the value that begins at <paramref name="start"/>, of the token that begins at <paramref name="token"/>.</summary>
    public static string To(ReadOnlySpan<byte> body, int start, int token)
    {
        var reader = new Utf8JsonReader(body[start..], new JsonReaderOptions { MaxDepth = 128 });
        var levels = new List<Level>();
        while (reader.Read() && start + reader.TokenStartIndex <= token)
        {
            var here = start + reader.TokenStartIndex == token;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    levels[^1] = new Level(reader.GetString() ?? "", -1);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    levels.RemoveAt(levels.Count - 1);
                    break;
                default:
                    if (levels.Count > 0 && levels[^1].Index >= -1 && levels[^1].Name is null) levels[^1] = new Level(null, levels[^1].Index + 1);
                    if (!here && reader.TokenType == JsonTokenType.StartArray) levels.Add(new Level(null, -1));
                    if (!here && reader.TokenType == JsonTokenType.StartObject) levels.Add(new Level("", -1));
                    break;
            }
            if (here) break;
        }
        var pointer = new StringBuilder();
        foreach (var level in levels) pointer.Append('/').Append(level.Name is null ? level.Index : Escape(level.Name));
        return pointer.ToString();
    }

    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Name is null in an array.</summary>
    private readonly record struct Level(string? Name, int Index);
}
