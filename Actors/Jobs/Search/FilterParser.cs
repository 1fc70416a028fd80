using System.Text;

namespace ActorPerf.Jobs.Search;

/// <summary>Reads one search text by recursive descent: alternatives of sequences of terms.</summary>
internal sealed class FilterParser(string text)
{
    private int _at;
    private int _terms;
    private int _depth;

    /// <summary>The first fault; null while there is none.</summary>
    public FilterFault? Fault { get; private set; }

    /// <summary>Null with <see cref="Fault"/> where the text cannot be read.</summary>
    public JobFilter? Parse()
    {
        SkipBlanks();
        if (AtEnd) return JobFilter.Everything;
        var filter = Alternatives();
        if (Fault is null && !AtEnd) Fail(_at, "This parenthesis closes nothing. Leave it out, or quote it: error:\")\".");
        return Fault is null ? filter : null;
    }

    /// <summary>Whether a character ends a value that is not quoted.</summary>
    public static bool EndsValue(char c) => char.IsWhiteSpace(c) || c is '(' or ')';

    private bool AtEnd => _at >= text.Length;

    private JobFilter? Alternatives()
    {
        var parts = new List<JobFilter>();
        do
        {
            if (Sequence() is not { } part) return null;
            parts.Add(part);
        }
        while (TakeWord("or"));
        return JobFilter.Any(parts);
    }

    private JobFilter? Sequence()
    {
        var parts = new List<JobFilter>();
        while (true)
        {
            SkipBlanks();
            if (parts.Count > 0 && (AtEnd || text[_at] == ')' || IsWord("or"))) return JobFilter.All(parts);
            if (parts.Count > 0 && TakeWord("and")) SkipBlanks();
            if (Part() is not { } part) return null;
            parts.Add(part);
        }
    }

    private JobFilter? Part()
    {
        if (AtEnd || text[_at] == ')' || IsWord("or") || IsWord("and")) return Fail(_at, "Something to look for is missing here, such as state:failed.");
        if (text[_at] == '(') return Nested(Group);
        if (text[_at] == '-') return Nested(Negated);
        if (++_terms > FilterText.MaxTerms) return Fail(_at, $"A search has at most {FilterText.MaxTerms} terms.");
        return Term();
    }

    private JobFilter? Nested(Func<JobFilter?> read)
    {
        if (++_depth > FilterText.MaxDepth) return Fail(_at, $"Parentheses and signs are nested at most {FilterText.MaxDepth} deep.");
        var start = _at++;
        var filter = read();
        _depth--;
        if (filter is null || text[start] != '(') return filter;
        if (AtEnd || text[_at] != ')') return Fail(start, "This parenthesis is not closed.");
        _at++;
        return filter;
    }

    private JobFilter? Group()
    {
        SkipBlanks();
        return Alternatives();
    }

    private JobFilter? Negated() => Part() is { } inner ? new JobFilter.Not(inner) : null;

    private JobFilter? Term()
    {
        var start = _at;
        while (!AtEnd && !EndsValue(text[_at]) && text[_at] is not (':' or '=' or '<' or '>' or '"')) _at++;
        var name = text[start.._at];
        if (AtEnd || text[_at] is not (':' or '=' or '<' or '>'))
        {
            if (JobId.TryParse(name, out var id)) return new JobFilter.HasId(id);
            return Fail(start, name.Length == 0
                ? "A field is missing here. Write FIELD:VALUE, such as task:report."
                : $"'{Short(name)}' says no field. Write FIELD:VALUE, such as task:{(FilterTerm.IsPlain(name) ? Short(name) : "report")}.");
        }
        var sign = Sign();
        var valueAt = _at;
        if (Value() is not var (value, prefix)) return null;
        var term = new FilterTerm(name, sign, value, prefix);
        var filter = term.Read(out var fault, out var atValue);
        return fault is null ? filter : Fail(atValue ? valueAt : start, fault);
    }

    /// <summary>Null for the colon.</summary>
    private Comparison? Sign()
    {
        var first = text[_at++];
        var orEqual = first is '<' or '>' && !AtEnd && text[_at] == '=';
        if (orEqual) _at++;
        return first switch
        {
            '<' => orEqual ? Comparison.AtMost : Comparison.Less,
            '>' => orEqual ? Comparison.AtLeast : Comparison.More,
            '=' => Comparison.Equal,
            _ => null,
        };
    }

    private (string Value, bool Prefix)? Value()
    {
        if (!AtEnd && text[_at] == '"') return Quoted();
        var start = _at;
        while (!AtEnd && !EndsValue(text[_at]) && text[_at] != '"') _at++;
        if (_at == start)
        {
            Fail(_at, "A value is missing here. For one that is empty write \"\".");
            return null;
        }
        if (!AtEnd && text[_at] == '"')
        {
            Fail(_at, "A quote inside a value: put the whole value into quotes, and \\ in front of a quote within.");
            return null;
        }
        var prefix = text[_at - 1] == '*';
        return (text[start..(prefix ? _at - 1 : _at)], prefix);
    }

    private (string Value, bool Prefix)? Quoted()
    {
        var start = _at++;
        var value = new StringBuilder();
        for (; !AtEnd && text[_at] != '"'; _at++)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] is '"' or '\\') _at++;
            if (!AtEnd) value.Append(text[_at]);
        }
        if (AtEnd)
        {
            Fail(start, "This quote is not closed.");
            return null;
        }
        _at++;
        var prefix = !AtEnd && text[_at] == '*';
        if (prefix) _at++;
        if (AtEnd || EndsValue(text[_at])) return (value.ToString(), prefix);
        Fail(_at, "A blank is missing behind the quote.");
        return null;
    }

    private bool IsWord(string word) => string.Compare(text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0
        && (_at + word.Length == text.Length || EndsValue(text[_at + word.Length]));

    private bool TakeWord(string word)
    {
        SkipBlanks();
        if (Fault is not null || AtEnd || !IsWord(word)) return false;
        _at += word.Length;
        return true;
    }

    private void SkipBlanks()
    {
        while (!AtEnd && char.IsWhiteSpace(text[_at])) _at++;
    }

    private JobFilter? Fail(int at, string message)
    {
        Fault ??= new FilterFault(at + 1, message);
        return null;
    }

    private static string Short(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
}
