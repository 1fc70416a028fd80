using System.Globalization;
using System.Text;

namespace ActorPerf.Node.Output;

/// <summary>Text that others wrote, made safe for a terminal: what would move the cursor, change colours or reorder
/// characters is shown as its code.</summary>
public static class Visible
{
    /// <summary>The text with control, line-separating and direction-changing characters as <c>\u001b</c> and the like.</summary>
    public static string Of(string text)
    {
        var first = text.AsSpan().IndexOfAnyExcept(Harmless);
        if (first < 0) return text;
        var shown = new StringBuilder(text.Length + 16).Append(text, 0, first);
        foreach (var character in text.AsSpan(first)) Append(shown, character);
        return shown.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> Harmless =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]);

    private static void Append(StringBuilder shown, char character)
    {
        if (IsHarmful(character)) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        else shown.Append(character);
    }

    /// <summary>Control characters of both sets, line and paragraph separators, and the format characters, whose
    /// direction marks can make one command look like another.</summary>
    internal static bool IsHarmful(char character) => char.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format;
}
