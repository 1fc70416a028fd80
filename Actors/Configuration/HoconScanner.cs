using System.Globalization;
using System.Text;

namespace ActorPerf.Configuration;

/// <summary>Reads a text character by character and knows what belongs to a word, a comment, a string.</summary>
internal sealed class HoconScanner(string text, string source)
{
    private const char End = '\0';
    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";
    private int _position;
    private int _line = 1;
    private int _lineStart;

    public Origin Here => new(source, _line, _position - _lineStart + 1);

    public bool AtEnd => _position == text.Length;

    /// <summary>The next character; NUL at the end (a text holding NUL is refused before it gets here).</summary>
    public char Next => _position < text.Length ? text[_position] : End;

    public bool AtComment => Next == '#' || (Next == '/' && Looking("//"));

    public bool Looking(string ahead) => string.CompareOrdinal(text, _position, ahead, 0, ahead.Length) == 0;

    /// <summary>Whether some text comes next, a distance and white space of the same line ahead.</summary>
    public bool LookingBehindBlank(int distance, string ahead)
    {
        var at = _position + distance;
        while (at < text.Length && text[at] != '\n' && IsBlank(text[at])) at++;
        return string.CompareOrdinal(text, at, ahead, 0, ahead.Length) == 0;
    }

    public void Skip(int count = 1)
    {
        for (; count > 0; count--)
        {
            if (text[_position++] != '\n') continue;
            _line++;
            _lineStart = _position;
        }
    }

    public bool TrySkip(char expected)
    {
        if (AtEnd || Next != expected) return false;
        Skip();
        return true;
    }

    /// <summary>White space up to the end of the line.</summary>
    public string Blank()
    {
        var start = _position;
        while (!AtEnd && Next != '\n' && IsBlank(Next)) Skip();
        return _position == start ? "" : text[start.._position];
    }

    /// <summary>White space, line ends and comments.</summary>
    /// <returns>Whether a line ended.</returns>
    public bool BlankLines()
    {
        var before = _line;
        while (!AtEnd)
        {
            if (AtComment)
                while (!AtEnd && Next != '\n') Skip();
            else if (IsBlank(Next)) Skip();
            else break;
        }
        return _line != before;
    }

    /// <summary>Characters that need no quotes. Empty where the next one needs them.</summary>
    /// <param name="stopAtDot">Whether a dot ends the word, as it does in a path.</param>
    public string Word(bool stopAtDot = false)
    {
        var start = _position;
        while (!AtEnd && IsWord(Next) && !AtComment && !(stopAtDot && Next == '.')) Skip();
        return text[start.._position];
    }

    /// <summary>A string in one or three quotes; the opening quote is next.</summary>
    public string Quoted() => Looking("\"\"\"") ? TripleQuoted() : SingleQuoted();

    public HoconException Fault(string problem) => new(Here, problem);

    /// <summary>The next character for a message.</summary>
    public string Shown => AtEnd ? "the end of the file" : Next switch
    {
        '\n' or '\r' => "the end of the line",
        < ' ' or '\x7f' => $"the control character U+{(int)Next:X4}",
        _ => $"'{Next}'",
    };

    private static bool IsWord(char c) => !Reserved.Contains(c, StringComparison.Ordinal) && !IsBlank(c) && !char.IsControl(c);

    // White space as the HOCON specification lists it: Unicode separators, the byte order mark and some control characters.
    private static bool IsBlank(char c) =>
        c is ' ' or '\n' or '\r' or '\t' or '\v' or '\f' or '\uFEFF' or (>= '\u001C' and <= '\u001F')
        || (c > '\x7f' && char.IsSeparator(c));

    private string TripleQuoted()
    {
        var opened = Here;
        Skip(3);
        var start = _position;
        while (!Looking("\"\"\""))
        {
            if (AtEnd) throw new HoconException(opened, "the string opened here by \"\"\" is never closed; end it with \"\"\".");
            if (char.IsControl(Next) && Next is not ('\n' or '\r' or '\t'))
                throw Fault($"a string holds {Shown}; remove it, or write it as an escape in an ordinary string.");
            Skip();
        }
        while (Looking("\"\"\"\"")) Skip();        // of more than three quotes, the last three close
        var value = text[start.._position];
        Skip(3);
        return value;
    }

    private string SingleQuoted()
    {
        var opened = Here;
        Skip();
        var value = new StringBuilder();
        while (Next != '"' || AtEnd)
        {
            if (AtEnd || Next is '\n' or '\r')
                throw new HoconException(opened, "the string opened here is not closed on its line; add the closing quote, or use \"\"\" for text of several lines.");
            if (char.IsControl(Next)) throw Fault($"a string holds {Shown}; write it as the escape \\u{(int)Next:x4}.");
            if (Next == '\\') Escape(value);
            else
            {
                value.Append(Next);
                Skip();
            }
        }
        Skip();
        return Checked(value.ToString(), opened);
    }

    private void Escape(StringBuilder value)
    {
        var at = Here;
        Skip();
        var letter = Next;
        if (!AtEnd && letter != '\n') Skip();
        value.Append(letter switch
        {
            '"' or '\\' or '/' => letter,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => Unicode(at),
            _ => throw new HoconException(at, "unknown escape; known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX. Write a backslash as \\\\."),
        });
    }

    private char Unicode(Origin at)
    {
        var digits = text.AsSpan(_position, Math.Min(4, text.Length - _position));
        if (digits.Length < 4 || !ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw new HoconException(at, "\\u needs four hexadecimal digits, such as \\u00e9.");
        if (code == 0) throw new HoconException(at, "\\u0000 is not allowed in a value; remove it.");
        Skip(4);
        return (char)code;
    }

    private static string Checked(string value, Origin opened)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i])) continue;
            if (!char.IsSurrogatePair(value, i)) throw new HoconException(opened, "the string holds half a surrogate pair; write both \\u escapes of the character.");
            i++;
        }
        return value;
    }
}
