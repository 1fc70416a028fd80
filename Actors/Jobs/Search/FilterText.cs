using System.Globalization;
using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>The search text: <c>state:failed task:report -tag:test (ran>2s or attempt>=3)</c>. docs/search.md is its page.</summary>
public static class FilterText
{
    public const int MaxLength = 2_000;
    public const int MaxTerms = 100;
    public const int MaxDepth = 20;
    public const int MaxPath = 200;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    /// <summary>Reads a search text. Never throws.</summary>
    /// <param name="text">At most <see cref="MaxLength"/> characters, <see cref="MaxTerms"/> terms, nested at most <see cref="MaxDepth"/> deep.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JobFilter? filter, out FilterFault? fault)
    {
        (filter, fault) = (null, null);
        if (text.Length > MaxLength)
        {
            fault = new FilterFault(MaxLength + 1, $"A search has at most {MaxLength} characters; this one has {text.Length}.");
            return false;
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsOdd(text, i)) continue;
            fault = new FilterFault(i + 1, "A search holds no control characters and no halves of characters.");
            return false;
        }
        var parser = new FilterParser(text);
        filter = parser.Parse();
        fault = parser.Fault;
        return filter is not null;
    }

    internal static void Write(JobFilter filter, StringBuilder into)
    {
        switch (filter)
        {
            case JobFilter.And and: Join(and.Parts, " ", part => part is JobFilter.Or, into); break;
            case JobFilter.Or or: Join(or.Parts, " or ", _ => false, into); break;
            case JobFilter.Not not:
                into.Append('-');
                Enclosed(not.Inner, not.Inner is JobFilter.And or JobFilter.Or, into);
                break;
            case JobFilter.InState state: into.Append(FilterFields.State).Append(':').Append(state.Wanted.Word); break;
            case JobFilter.HasParent parent: into.Append(FilterFields.Parent).Append(':').Append(parent.Wanted); break;
            case JobFilter.HasId id: into.Append(FilterFields.Id).Append(':').Append(id.Wanted); break;
            case JobFilter.Named name: Valued(FilterFields.NameOf(name.Field), name.Text, name.Prefix, into); break;
            case JobFilter.Error error: Valued(FilterFields.Error, error.Text, false, into); break;
            case JobFilter.Argument argument: Valued(FilterFields.Arguments + argument.Path, argument.Text, argument.Prefix, into); break;
            case JobFilter.Number number: Compared(FilterFields.NameOf(number.Field), number.Is, number.Value.ToString(CultureInfo.InvariantCulture), into); break;
            case JobFilter.Span span: Compared(FilterFields.NameOf(span.Field), span.Is, Durations.Format(span.Value), into); break;
            case JobFilter.Ago ago: Compared(FilterFields.NameOf(ago.Field), ago.Is, Durations.Format(ago.Age), into); break;
            case JobFilter.Moment moment:
                Compared(FilterFields.NameOf(moment.Field), moment.Is, moment.Value.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture), into);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(filter), filter.GetType().Name, "an unknown kind of filter");
        }
    }

    private static bool IsOdd(string text, int at) => char.IsControl(text[at]) || (char.IsSurrogate(text[at])
        && !(char.IsHighSurrogate(text[at]) ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) : at > 0 && char.IsHighSurrogate(text[at - 1])));

    private static void Join(IReadOnlyList<JobFilter> parts, string between, Func<JobFilter, bool> enclosed, StringBuilder into)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0) into.Append(between);
            Enclosed(parts[i], enclosed(parts[i]), into);
        }
    }

    private static void Enclosed(JobFilter filter, bool enclosed, StringBuilder into)
    {
        if (enclosed) into.Append('(');
        Write(filter, into);
        if (enclosed) into.Append(')');
    }

    private static void Compared(string field, Comparison comparison, string value, StringBuilder into) => into.Append(field).Append(comparison.Sign).Append(value);

    private static void Valued(string field, string text, bool prefix, StringBuilder into)
    {
        into.Append(field).Append(':');
        var bare = prefix || (text.Length > 0 && text[^1] != '*');
        foreach (var c in text) bare &= !FilterParser.EndsValue(c) && c != '"';
        if (bare) into.Append(text);
        else into.Append('"').Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        if (prefix) into.Append('*');
    }
}

/// <summary>Why a search text cannot be read.</summary>
/// <param name="Position">Of the first character that does not fit, counted from 1.</param>
/// <param name="Message">What was found there and what can stand there.</param>
public sealed record FilterFault(int Position, string Message)
{
    public override string ToString() => $"At character {Position}: {Message}";
}
