using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Web.Console.Forms;

/// <summary>How an option is written in JSON.</summary>
public enum OptionKind
{
    Text,
    Number,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>Words with commas between them.</summary>
    Words,

    /// <summary>JSON, written by hand.</summary>
    Json,
}

/// <summary>A field of a form whose value becomes a member of a body of the API.</summary>
/// <param name="Name">As the API, the form and faults name it.</param>
/// <param name="Placeholder">What it is when left open, or an example.</param>
/// <param name="Switch">As the command line names it; "" where it does not.</param>
public sealed record OptionField(string Name, string Label, OptionKind Kind, string? Placeholder = null, IReadOnlyList<string>? Choices = null, string Switch = "")
{
    /// <summary>Words with commas between them; blanks around them do not count. A word in quotes may hold commas, and quotes twice each.</summary>
    public static IEnumerable<string> Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var rest = text.AsSpan(at).TrimStart();
            var start = text.Length - rest.Length;
            var end = rest.Length > 0 && rest[0] == '"' ? QuoteEnd(text, start) : -1;
            var comma = text.IndexOf(',', Math.Max(end, start));
            if (comma < 0) comma = text.Length;
            var word = text[start..comma].TrimEnd();
            // What begins like a quote and does not end like one is a word as it stands.
            if (end > 0 && word.Length == end - start) word = word[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal);
            if (word.Length > 0) yield return word;
            at = comma + 1;
        }
    }

    /// <summary>What <see cref="Split"/> reads back as the same words.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(", ", words.Select(static word =>
        word.Contains(',', StringComparison.Ordinal) || word.StartsWith('"') || word.Trim().Length != word.Length ? $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : word));

    /// <summary>Behind the quote that ends a word; -1 where none does.</summary>
    private static int QuoteEnd(string text, int start)
    {
        for (var at = start + 1; (at = text.IndexOf('"', at)) >= 0; at += 2)
            if (at + 1 == text.Length || text[at + 1] != '"') return at + 1;
        return -1;
    }

    /// <summary>Writes the member. What is no number, or no JSON, is written as text: the API's reader then says so, and where.</summary>
    internal void WriteTo(Utf8JsonWriter json, string text)
    {
        switch (Kind)
        {
            case OptionKind.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                json.WriteNumber(Name, number);
                break;
            case OptionKind.Words:
                json.WriteStartArray(Name);
                foreach (var word in Split(text)) json.WriteStringValue(word);
                json.WriteEndArray();
                break;
            case OptionKind.Json when SchemaForm.ReadRaw(text) is { Faults.Count: 0 } read:
                json.WritePropertyName(Name);
                json.WriteRawValue(CallLines.Compact(read.Args));
                break;
            default:
                json.WriteString(Name, text);
                break;
        }
    }
}
