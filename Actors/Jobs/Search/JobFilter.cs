using System.Text;

namespace ActorPerf.Jobs.Search;

/// <summary>Which jobs: what a search text means. Pure data; <see cref="FilterText"/> reads and writes it, <see cref="FilterMatch"/> asks it of a job.</summary>
public abstract record JobFilter
{
    private JobFilter()
    {
    }

    /// <summary>Every job; the empty text.</summary>
    public static JobFilter Everything { get; } = new And([]);

    /// <summary>All of the parts.</summary>
    public sealed record And(IReadOnlyList<JobFilter> Parts) : JobFilter
    {
        public bool Equals(And? other) => other is not null && Parts.SequenceEqual(other.Parts);

        public override int GetHashCode() => Parts.Aggregate(1, HashCode.Combine);
    }

    /// <summary>At least one of the parts.</summary>
    public sealed record Or(IReadOnlyList<JobFilter> Parts) : JobFilter
    {
        public bool Equals(Or? other) => other is not null && Parts.SequenceEqual(other.Parts);

        public override int GetHashCode() => Parts.Aggregate(2, HashCode.Combine);
    }

    public sealed record Not(JobFilter Inner) : JobFilter;

    public sealed record InState(JobState Wanted) : JobFilter;

    public sealed record HasId(JobId Wanted) : JobFilter;

    /// <summary>A run of this job submitted it, and waits for it.</summary>
    public sealed record HasParent(JobId Wanted) : JobFilter;

    /// <summary>A name is this one, or begins with it. An empty prefix: there is one.</summary>
    public sealed record Named(NameField Field, string Text, bool Prefix) : JobFilter;

    /// <summary>Type or message of the newest error hold the text; letters A to Z and a to z are alike.</summary>
    public sealed record Error(string Text) : JobFilter;

    /// <summary>A member of the arguments, by its dotted path, is this text, number or truth value, or begins with it. Of arrays any element.</summary>
    public sealed record Argument(string Path, string Text, bool Prefix) : JobFilter;

    public sealed record Number(NumberField Field, Comparison Is, long Value) : JobFilter;

    public sealed record Span(SpanField Field, Comparison Is, TimeSpan Value) : JobFilter;

    /// <summary>How long ago something was.</summary>
    public sealed record Ago(TimeField Field, Comparison Is, TimeSpan Age) : JobFilter;

    /// <summary>When something was.</summary>
    public sealed record Moment(TimeField Field, Comparison Is, DateTimeOffset Value) : JobFilter;

    /// <summary>All of them, flattened; one alone is itself.</summary>
    public static JobFilter All(IEnumerable<JobFilter> parts)
    {
        var flat = parts.SelectMany(part => part is And and ? and.Parts : [part]).ToArray();
        return flat.Length == 1 ? flat[0] : new And(flat);
    }

    /// <summary>Any of them, flattened; one alone is itself.</summary>
    public static JobFilter Any(IEnumerable<JobFilter> parts)
    {
        var flat = parts.SelectMany(part => part is Or or ? or.Parts : [part]).ToArray();
        return flat.Length == 1 ? flat[0] : new Or(flat);
    }

    /// <summary>What each match has to meet: the filter itself, or the parts of an <see cref="And"/>.</summary>
    public IReadOnlyList<JobFilter> Conjuncts => this is And and ? and.Parts : [this];

    /// <summary>The filter and everything inside it.</summary>
    public IEnumerable<JobFilter> Everywhere()
    {
        IEnumerable<JobFilter> inner = this switch
        {
            And and => and.Parts.SelectMany(part => part.Everywhere()),
            Or or => or.Parts.SelectMany(part => part.Everywhere()),
            Not not => not.Inner.Everywhere(),
            _ => [],
        };
        return inner.Prepend(this);
    }

    /// <summary>The canonical text: <see cref="FilterText.TryParse"/> reads it back as this very filter.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        FilterText.Write(this, text);
        return text.ToString();
    }
}

public enum NameField
{
    Task,
    Queue,
    Tag,
    Node,
    Schedule,
    Workflow,
    LimitKey,
    UniqueKey,
}

public enum NumberField
{
    Attempt,
    Priority,
    Crashes,
}

/// <summary>From submission to the newest start, and from that to the end; until now while that has not come.</summary>
public enum SpanField
{
    Waited,
    Ran,
}

public enum TimeField
{
    Created,
    Started,
    Finished,
}

public enum Comparison
{
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

public static class Comparisons
{
    extension(Comparison comparison)
    {
        public string Sign => comparison switch
        {
            Comparison.Less => "<",
            Comparison.AtMost => "<=",
            Comparison.Equal => "=",
            Comparison.AtLeast => ">=",
            Comparison.More => ">",
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, null),
        };

        /// <summary>The same question with its sides exchanged: what is true of an age is so of a time the other way round.</summary>
        public Comparison Mirrored => comparison switch
        {
            Comparison.Less => Comparison.More,
            Comparison.AtMost => Comparison.AtLeast,
            Comparison.AtLeast => Comparison.AtMost,
            Comparison.More => Comparison.Less,
            _ => comparison,
        };

        public bool Holds(long left, long right) => comparison switch
        {
            Comparison.Less => left < right,
            Comparison.AtMost => left <= right,
            Comparison.Equal => left == right,
            Comparison.AtLeast => left >= right,
            _ => left > right,
        };
    }
}
