using System.Globalization;
using System.Text;

namespace ActorPerf.Tasks;

/// <summary>Finds a value in a text as it is, or escaped as programs print it: JSON in every spelling, repr of Python, a text in a text. Pure.</summary>
/// <remarks>
/// One escape may stand for each of its characters: <c>\uXXXX</c>, <c>\UXXXXXXXX</c>, <c>\xXX</c> (as a character, or as bytes of UTF-8), <c>\n</c> and the like, or
/// backslashes before a sign. Each layer of quoting doubles backslashes, so a run of them is taken as one whatever its length. Rather too much is found than too little:
/// what is found is hidden.
/// </remarks>
internal static class SecretSearch
{
    /// <param name="value">Not empty.</param>
    public static string Replace(string text, string value, string by)
    {
        StringBuilder? shown = null;
        var (from, at) = (0, 0);
        while ((at = Next(text, at, value[0])) >= 0)
        {
            var end = Match(text, at, value);
            if (end < 0)
            {
                at += text[at] == '\\' ? Run(text, at) : 1;     // a run that is no beginning as a whole is none in part
                continue;
            }
            (shown ??= new StringBuilder(text.Length)).Append(text, from, at - from).Append(by);
            (from, at) = (end, end);
        }
        return shown is null ? text : shown.Append(text, from, text.Length - from).ToString();
    }

    private static int Next(string text, int at, char first)
    {
        var next = at < text.Length ? text.AsSpan(at).IndexOfAny(first, '\\') : -1;
        return next < 0 ? -1 : at + next;
    }

    /// <summary>Where the value that begins here ends; -1 where it does not begin here.</summary>
    private static int Match(string text, int at, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\')
            {
                var (own, run) = (Run(value, i), Run(text, at));
                if (run < own) return -1;
                i += own - 1;
                at += run;
                // The run may hold what escapes the next character too.
                if (run > own && i + 1 < value.Length && Escaped(text, at, value, i + 1) is var (next, taken) && taken > 0) (at, i) = (next, i + taken);
                continue;
            }
            if (at < text.Length && text[at] == value[i])
            {
                at++;
                continue;
            }
            var slashes = Run(text, at);
            if (slashes == 0 || Escaped(text, at + slashes, value, i) is not (var end, > 0 and var count)) return -1;
            (at, i) = (end, i + count - 1);
        }
        return at;
    }

    /// <summary>Reads what follows the backslashes of an escape.</summary>
    /// <returns>The place behind it, and how many characters of the value it stands for; 0 where it stands for another.</returns>
    private static (int End, int Taken) Escaped(string text, int at, string value, int i)
    {
        if (at >= text.Length) return default;
        var c = value[i];
        if (text[at] == c && !char.IsAsciiLetterOrDigit(c)) return (at + 1, 1);
        return text[at] switch
        {
            'n' => c == '\n' ? (at + 1, 1) : default,
            'r' => c == '\r' ? (at + 1, 1) : default,
            't' => c == '\t' ? (at + 1, 1) : default,
            'b' => c == '\b' ? (at + 1, 1) : default,
            'f' => c == '\f' ? (at + 1, 1) : default,
            'u' => Code(text, at + 1, 4) == c ? (at + 5, 1) : default,
            'U' => Rune.TryGetRuneAt(value, i, out var rune) && Code(text, at + 1, 8) == rune.Value ? (at + 9, rune.Utf16SequenceLength) : default,
            'x' => Code(text, at + 1, 2) == c ? (at + 3, 1) : Bytes(text, at, value, i),
            _ => default,
        };
    }

    /// <summary>The character as bytes of UTF-8, each an escape of its own.</summary>
    private static (int End, int Taken) Bytes(string text, int at, string value, int i)
    {
        if (!Rune.TryGetRuneAt(value, i, out var rune)) return default;
        Span<byte> bytes = stackalloc byte[4];
        var count = rune.EncodeToUtf8(bytes);
        for (var b = 0; b < count; b++)
        {
            if (b > 0) at += Run(text, at);
            if (at >= text.Length || text[at] != 'x' || Code(text, at + 1, 2) != bytes[b]) return default;
            at += 3;
        }
        return (at, rune.Utf16SequenceLength);
    }

    private static int Code(string text, int at, int digits) =>
        at + digits <= text.Length && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : -1;

    private static int Run(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] == '\\') end++;
        return end - at;
    }
}
