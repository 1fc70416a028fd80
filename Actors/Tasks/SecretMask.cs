using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Tasks;

/// <summary>Puts dots in the place of secret arguments, wherever arguments are shown, and of their values, wherever a task speaks of them.</summary>
/// <remarks>What is stored and what a run is given stay as they were sent: this hides, it does not cipher.</remarks>
public sealed class SecretMask
{
    /// <summary>Stands for a secret, whatever it is.</summary>
    public const string Dots = "•••";

    /// <summary>Shorter values are not looked for in texts: every text has them somewhere.</summary>
    public const int ShortestSought = 4;

    private readonly string[][] _paths;

    private SecretMask(IReadOnlyList<string> pointers) => _paths = [.. pointers.Select(Steps)];

    /// <summary>Null for a task without secrets, which pays nothing.</summary>
    public static SecretMask? Of(TaskDescriptor task) => task.SecretArgs.Count == 0 ? null : new SecretMask(task.SecretArgs);

    /// <summary>The arguments as they may be shown; all else of them is byte for byte as it was.</summary>
    /// <param name="args">UTF-8 JSON; empty stays empty. What is no JSON becomes dots as a whole.</param>
    public ReadOnlyMemory<byte> Hide(ReadOnlyMemory<byte> args)
    {
        if (args.IsEmpty) return args;
        if (Find(args.Span) is not { } secrets) return Encoding.UTF8.GetBytes($"\"{Dots}\"");
        if (secrets.Count == 0) return args;
        var shown = new ArrayBufferWriter<byte>(args.Length + (secrets.Count * 16));
        var from = 0;
        foreach (var (start, end) in secrets)
        {
            shown.Write(args.Span[from..start]);
            shown.Write("\"•••\""u8);
            from = end;
        }
        shown.Write(args.Span[from..]);
        return shown.WrittenMemory;
    }

    /// <summary>Whether the dots themselves were sent as a secret, however they are written: arguments that somebody read, changed and sent back.</summary>
    public bool IsHidden(ReadOnlyMemory<byte> args)
    {
        foreach (var (start, end) in Find(args.Span) ?? [])
        {
            var reader = new Utf8JsonReader(args.Span[start..end]);
            if (reader.Read() && reader.TokenType == JsonTokenType.String && JsonTexts.TryText(ref reader, out var text) && text == Dots) return true;
        }
        return false;
    }

    /// <summary>The values of all secrets, longest first, for <see cref="Scrub(string, IReadOnlyList{string})"/>.</summary>
    public IReadOnlyList<string> Values(ReadOnlyMemory<byte> args)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (start, end) in Find(args.Span) ?? []) AddTexts(args.Span[start..end], values);
        return [.. values.Where(value => value.Length >= ShortestSought).OrderByDescending(value => value.Length)];
    }

    /// <summary>A text without these values, as they are or escaped as programs print them.</summary>
    public static string Scrub(string text, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++) text = SecretSearch.Replace(text, values[i], Dots);
        return text;
    }

    /// <summary>UTF-8 JSON without these values: they are compared with what its texts and numbers say, not with how they are written. Stays JSON.</summary>
    /// <returns>A copy; empty where <paramref name="json"/> is no JSON, for nobody could say what it says.</returns>
    public static ReadOnlyMemory<byte> ScrubJson(ReadOnlySpan<byte> json, IReadOnlyList<string> values)
    {
        var shown = new ArrayBufferWriter<byte>(json.Length + 64);
        var from = 0;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName or JsonTokenType.Number)) continue;
                var isText = reader.TokenType != JsonTokenType.Number;
                var said = isText ? reader.GetString() ?? "" : Encoding.UTF8.GetString(reader.ValueSpan);
                var scrubbed = Scrub(said, values);
                if (scrubbed == said) continue;
                var start = (int)reader.TokenStartIndex;
                shown.Write(json[from..start]);
                shown.Write("\""u8);
                shown.Write(JsonEncodedText.Encode(scrubbed, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
                shown.Write("\""u8);
                from = start + reader.ValueSpan.Length + (isText ? 2 : 0);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)      // the second: half of a surrogate pair
        {
            return default;
        }
        shown.Write(json[from..]);
        return shown.WrittenMemory;
    }

    /// <summary>An error without these values.</summary>
    public static TaskError Scrub(TaskError error, IReadOnlyList<string> values) => values.Count == 0 ? error : error with { Message = Scrub(error.Message, values) };

    /// <summary>Where secret values stand, in order; null when this is no JSON.</summary>
    private List<(int Start, int End)>? Find(ReadOnlySpan<byte> args)
    {
        var found = new List<(int, int)>();
        try
        {
            var reader = new Utf8JsonReader(args);
            if (reader.Read()) Walk(ref reader, _paths, 0, found);
            return found;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="reader">At the value's first token; afterwards at its last.</param>
    /// <param name="paths">Those that lead through here.</param>
    /// <param name="depth">Steps of them that are behind.</param>
    private static void Walk(ref Utf8JsonReader reader, string[][] paths, int depth, List<(int Start, int End)> found)
    {
        if (paths.Length == 0)
        {
            reader.Skip();
            return;
        }
        if (Array.Exists(paths, path => path.Length == depth))
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            found.Add((start, (int)reader.BytesConsumed));
            return;
        }
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var through = new List<string[]>();
                var isText = JsonTexts.TryText(ref reader, out var name);
                foreach (var path in paths)
                    if (path[depth] == "*" || (isText && name == path[depth])) through.Add(path);
                reader.Read();
                Walk(ref reader, [.. through], depth + 1, found);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                var index = i.ToString(CultureInfo.InvariantCulture);
                Walk(ref reader, Array.FindAll(paths, path => path[depth] == "*" || path[depth] == index), depth + 1, found);
            }
        }
    }

    private static void AddTexts(ReadOnlySpan<byte> json, HashSet<string> values)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && JsonTexts.TryText(ref reader, out var text)) values.Add(text);      // nobody prints half of a pair
            else if (reader.TokenType == JsonTokenType.Number) values.Add(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    /// <summary>The steps of a JSON pointer; <c>*</c> stands for every item of a list and every member of an object.</summary>
    internal static string[] Steps(string pointer) => pointer.Length == 0
        ? []
        : [.. pointer[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
}
