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
    /// <summary>Words with commas between them; blanks around them do not count.</summary>
    public static IEnumerable<string> Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

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
