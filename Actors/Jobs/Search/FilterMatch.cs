namespace ActorPerf.Jobs.Search;

/// <summary>Asks a filter of a job. Pure. Stores that translate filters are held against it.</summary>
public static class FilterMatch
{
    /// <summary>Whether the job matches. What a job does not have matches nothing, and so its negation does.</summary>
    /// <param name="args">The job's arguments; looked at only where the filter asks for them (<see cref="AsksArguments"/>).</param>
    /// <param name="now">What ages and times so far are counted from; parts of a microsecond do not count anywhere.</param>
    /// <param name="hidden">Tasks and paths whose arguments nobody may ask for.</param>
    public static bool Matches(this JobFilter filter, JobRow row, ReadOnlyMemory<byte> args, DateTimeOffset now, IReadOnlySet<(string Task, string Path)> hidden)
    {
        using var searched = new SearchedArguments(args);
        return filter.Matches(row, searched, now, hidden);
    }

    /// <inheritdoc cref="Matches(JobFilter, JobRow, ReadOnlyMemory{byte}, DateTimeOffset, IReadOnlySet{ValueTuple{string, string}})"/>
    public static bool Matches(this JobFilter filter, JobRow row, SearchedArguments args, DateTimeOffset now, IReadOnlySet<(string Task, string Path)> hidden) => filter switch
    {
        JobFilter.And and => and.Parts.All(part => part.Matches(row, args, now, hidden)),
        JobFilter.Or or => or.Parts.Any(part => part.Matches(row, args, now, hidden)),
        JobFilter.Not not => !not.Inner.Matches(row, args, now, hidden),
        JobFilter.InState state => row.State == state.Wanted,
        JobFilter.HasId id => row.Id == id.Wanted,
        JobFilter.HasParent parent => row.Parent == parent.Wanted,
        JobFilter.Named { Field: NameField.Tag } tag => row.Tags.Any(each => IsNamed(each, tag.Text, tag.Prefix)),
        JobFilter.Named name => IsNamed(NameOf(row, name.Field), name.Text, name.Prefix),
        JobFilter.Error error => row.Error is { } known && (Holds(known.Type, error.Text) || Holds(known.Message, error.Text)),
        JobFilter.Argument argument => !hidden.Contains((row.Task, argument.Path)) && HasArgument(args, argument),
        JobFilter.Number number => number.Is.Holds(NumberOf(row, number.Field), number.Value),
        JobFilter.Span span => SpanOf(row, span.Field, now) is { } lasted && span.Is.Holds(lasted, Microseconds(span.Value)),
        JobFilter.Ago ago => TimeOf(row, ago.Field) is { } then && ago.Is.Holds(Microseconds(now) - Microseconds(then), Microseconds(ago.Age)),
        JobFilter.Moment moment => TimeOf(row, moment.Field) is { } then && moment.Is.Holds(Microseconds(then), Microseconds(moment.Value)),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter.GetType().Name, "an unknown kind of filter"),
    };

    /// <summary>Whether the filter cannot be answered without the arguments.</summary>
    public static bool AsksArguments(this JobFilter filter) => filter.Everywhere().Any(part => part is JobFilter.Argument);

    /// <summary>Letters A to Z in lower case; all others as they are.</summary>
    internal static string Fold(string text) => string.Create(text.Length, text, static (into, from) =>
    {
        for (var i = 0; i < into.Length; i++) into[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
    });

    /// <summary>Microseconds of a span of a job's life; null where it has not begun, or nothing counts it any more.</summary>
    internal static long? SpanOf(JobRow row, SpanField field, DateTimeOffset now)
    {
        var (from, to) = field == SpanField.Waited
            ? (row.CreatedAt, row.StartedAt ?? (row.FinishedAt is null ? now : null))
            : (row.StartedAt, row.FinishedAt ?? (row.State.IsActive ? now : null));
        return from is { } began && to is { } ended ? Math.Max(0, Microseconds(ended) - Microseconds(began)) : null;
    }

    internal static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private static bool HasArgument(SearchedArguments args, JobFilter.Argument wanted)
    {
        var values = args.Of(wanted.Path);
        if (wanted.Prefix) return values.Any(value => value.StartsWith(wanted.Text, StringComparison.Ordinal));
        var canonical = ArgumentValues.Canonical(wanted.Text);
        return values.Any(value => value == wanted.Text || value == canonical);
    }

    private static bool IsNamed(string? name, string text, bool prefix) => name is not null && (prefix ? name.StartsWith(text, StringComparison.Ordinal) : name == text);

    private static bool Holds(string text, string wanted) => Fold(text).Contains(Fold(wanted), StringComparison.Ordinal);

    private static string? NameOf(JobRow row, NameField field) => field switch
    {
        NameField.Task => row.Task,
        NameField.Queue => row.Queue,
        NameField.Node => row.Node,
        NameField.Schedule => row.Schedule,
        NameField.Workflow => row.Workflow,
        NameField.LimitKey => row.LimitKey,
        NameField.UniqueKey => row.UniqueKey,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
    };

    private static long NumberOf(JobRow row, NumberField field) => field switch
    {
        NumberField.Attempt => row.Attempt,
        NumberField.Priority => row.Priority,
        _ => row.Crashes,
    };

    private static DateTimeOffset? TimeOf(JobRow row, TimeField field) => field switch
    {
        TimeField.Created => row.CreatedAt,
        TimeField.Started => row.StartedAt,
        _ => row.FinishedAt,
    };
}
