using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Arguments that name results: <c>{"$result": "…"}</c> stands for the whole result of a parent, <c>{"$result": "…", "path": "a.b.0"}</c> for
/// a part of it. Everything around such an object keeps its bytes.</summary>
public static class ResultReferences
{
    /// <summary>Arguments with results in them may be so large.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private static ReadOnlySpan<byte> Marker => "\"$result\""u8;

    /// <summary>Whether the arguments may hold a reference; quick, and never wrong in saying no.</summary>
    public static bool Any(ReadOnlySpan<byte> args) => args.IndexOf(Marker) >= 0;

    /// <summary>The references, in their order: where each stands (a JSON pointer) and what it names.</summary>
    /// <param name="args">Well-formed UTF-8 JSON.</param>
    public static IReadOnlyList<(string Pointer, string Name)> Find(ReadOnlyMemory<byte> args) =>
        Any(args.Span) ? [.. Scan(args.Span, pointers: true).Select(found => (found.Pointer, found.Name))] : [];

    /// <summary>Puts results in the place of references.</summary>
    /// <param name="result">Whether there is such a parent, and its result (null: none, the value becomes <c>null</c>). What names no parent stays as it is.</param>
    /// <returns>Null when it would be larger than <see cref="MaxBytes"/>.</returns>
    public static ReadOnlyMemory<byte>? Replace(ReadOnlyMemory<byte> args, Func<string, (bool Known, ReadOnlyMemory<byte>? Result)> result)
    {
        var written = new ArrayBufferWriter<byte>(args.Length + 256);
        var from = 0;
        foreach (var reference in Scan(args.Span, pointers: false))
        {
            var (known, value) = result(reference.Name);
            if (!known) continue;
            var part = value is { } whole ? Part(whole, reference.Path) : "null"u8.ToArray();
            if (written.WrittenCount + part.Length + reference.Start - from > MaxBytes) return null;
            written.Write(args.Span[from..reference.Start]);
            written.Write(part.Span);
            from = reference.End;
        }
        if (from == 0) return args;
        if (written.WrittenCount + args.Length - from > MaxBytes) return null;
        written.Write(args.Span[from..]);
        return written.WrittenMemory.ToArray();
    }

    /// <summary>Lets each reference name something else; what <paramref name="rename"/> answers null for stays.</summary>
    public static ReadOnlyMemory<byte> Rename(ReadOnlyMemory<byte> args, Func<string, string?> rename)
    {
        if (!Any(args.Span)) return args;
        var written = new ArrayBufferWriter<byte>(args.Length + 256);
        var from = 0;
        foreach (var reference in Scan(args.Span, pointers: false))
        {
            if (rename(reference.Name) is not { } name) continue;
            written.Write(args.Span[from..reference.Start]);
            using (var json = new Utf8JsonWriter(written))
            {
                json.WriteStartObject();
                json.WriteString("$result", name);
                if (reference.Path is not null) json.WriteString("path", reference.Path);
                json.WriteEndObject();
            }
            from = reference.End;
        }
        if (from == 0) return args;
        written.Write(args.Span[from..]);
        return written.WrittenMemory.ToArray();
    }

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> result, string? path)
    {
        if (string.IsNullOrEmpty(path)) return result;
        using var document = JsonDocument.Parse(result, new JsonDocumentOptions { MaxDepth = 256 });
        var at = document.RootElement;
        foreach (var step in path.Split('.'))
        {
            if (at.ValueKind == JsonValueKind.Object && at.TryMember(step, out var member)) at = member;
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength()) at = at[index];
            else return "null"u8.ToArray();
        }
        return Encoding.UTF8.GetBytes(at.GetRawText());
    }

    private static List<Reference> Scan(ReadOnlySpan<byte> args, bool pointers)
    {
        var found = new List<Reference>();
        var path = new Stack<(string? Name, int Index)>();
        var reader = new Utf8JsonReader(args, new JsonReaderOptions { MaxDepth = 256 });
        while (reader.Read())
        {
            if (pointers && reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject)) Count(path);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject when TryReference(reader, out var reference, out var after):
                    found.Add(reference with { Pointer = pointers ? Pointer(path) : "" });
                    reader = after;
                    break;
                case JsonTokenType.StartObject when pointers: path.Push(("", -1)); break;
                case JsonTokenType.StartArray when pointers: path.Push((null, -1)); break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray when pointers: path.Pop(); break;
                case JsonTokenType.PropertyName when pointers:
                    path.Pop();
                    path.Push((JsonTexts.TryText(ref reader, out var member) ? member : "\uFFFD", -1));
                    break;
                default: break;
            }
        }
        return found;
    }

    /// <summary>A value begins: the next element, where it stands in an array.</summary>
    private static void Count(Stack<(string? Name, int Index)> path)
    {
        if (path.TryPeek(out var top) && top.Name is null)
        {
            path.Pop();
            path.Push((null, top.Index + 1));
        }
    }

    private static string Pointer(Stack<(string? Name, int Index)> path) => string.Concat(path.Reverse()
        .Select(step => "/" + (step.Name?.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)
            ?? step.Index.ToString(CultureInfo.InvariantCulture))));

    /// <summary>The object at the reader is a reference: <c>$result</c>, perhaps <c>path</c>, both texts, and nothing else. One with half of a surrogate pair is
    /// no text, and names nothing: the object is one like any other.</summary>
    private static bool TryReference(Utf8JsonReader reader, out Reference reference, out Utf8JsonReader after)
    {
        var start = (int)reader.TokenStartIndex;
        string? name = null, path = null;
        reference = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonTexts.TryText(ref reader, out var member) || member is not ("$result" or "path")) break;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String || !JsonTexts.TryText(ref reader, out var text)) break;
            if (member == "path") path = text;
            else name = text;
        }
        after = reader;
        if (name is null || reader.TokenType != JsonTokenType.EndObject) return false;
        reference = new Reference("", name, path, start, (int)reader.BytesConsumed);
        return true;
    }

    private readonly record struct Reference(string Pointer, string Name, string? Path, int Start, int End);
}
