using System.Text;

namespace ActorPerf.Tasks.Commands;

/// <summary>A pattern of JSON Schema (ECMA-262) in the terms of .NET, where both write the same and mean something else: <c>$</c> (.NET: also before a last line break),
/// <c>.</c> (.NET: any but <c>\n</c>), <c>\d</c> and <c>\w</c> (.NET: of every script).</summary>
internal static class EcmaPattern
{
    private const string Digits = "0-9";
    private const string NoDigits = @"\0-/:-\uffff";
    private const string Letters = "A-Za-z0-9_";
    private const string NoLetters = @"\0-/:-@\[-\^`\{-\uffff";

    public static string ToNet(string pattern)
    {
        var written = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                i++;
                var set = pattern[i] switch { 'd' => Digits, 'D' => NoDigits, 'w' => Letters, 'W' => NoLetters, _ => null };
                if (set is null) written.Append(c).Append(pattern[i]);
                else if (inClass) written.Append(set);
                else written.Append('[').Append(set).Append(']');
                continue;
            }
            if (inClass) inClass = c != ']';
            else if (c == '[') inClass = true;
            else if (c is '$' or '.')
            {
                written.Append(c == '$' ? @"\z" : @"[^\n\r\u2028\u2029]");
                continue;
            }
            written.Append(c);
        }
        return written.ToString();
    }
}
