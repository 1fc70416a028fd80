using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary><see cref="IJobSearch"/> over the store and the node's tasks.</summary>
internal sealed class JobSearch(IJobStore store, ITaskCatalog tasks) : IJobSearch
{
    private const int MaxSuggestions = 20;

    public async ValueTask<long> CountAsync(JobQuery query, CancellationToken ct)
    {
        var scoped = SearchScope.Of(query, tasks) with { Sort = JobSort.Newest };
        var matched = 0L;
        while (true)
        {
            // A stretch at a time, so that other reads come in between.
            var counted = await store.CountMatchingAsync(scoped, ct);
            matched += counted.Matched;
            if (matched > IJobSearch.MaxCounted || counted.Next is not { } next) return Math.Min(matched, IJobSearch.MaxCounted + 1);
            scoped = scoped with { Before = next };
        }
    }

    public async ValueTask<IReadOnlyList<Completion>> CompleteAsync(Namespace ns, string text, int at, CancellationToken ct)
    {
        if (text.Length > FilterText.MaxLength) text = text[..FilterText.MaxLength];
        var caret = CaretTerm.Of(text, Math.Clamp(at, 0, text.Length));
        var values = caret.Field is null ? Fields() : await ValuesAsync(ns, caret.Field, caret.Written, ct);
        return [.. values.Where(value => value.StartsWith(caret.Written, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal)
            .Take(MaxSuggestions).Select(value => caret.Suggest(value))];
    }

    private IEnumerable<string> Fields() =>
        FilterFields.All.Where(field => !field.StartsWith(FilterFields.Arguments, StringComparison.Ordinal))
            .Concat(tasks.All.SelectMany(task => task.SearchArgs.Where(path => SearchTerms.Covers(task, path))).Select(path => FilterFields.Arguments + path).Order(StringComparer.Ordinal));

    private async ValueTask<IEnumerable<string>> ValuesAsync(Namespace ns, string field, string written, CancellationToken ct) => field.ToLowerInvariant() switch
    {
        "state" => JobStates.All.Select(state => state.Word),
        "task" => (await store.CountAsync(ns, ct)).Select(count => count.Task).Concat(tasks.All.Where(task => !task.Internal).Select(task => task.Name)).Order(StringComparer.Ordinal),
        "queue" => (await store.CountAsync(ns, ct)).Select(count => count.Queue).Concat(tasks.All.Select(task => task.Queue)).Order(StringComparer.Ordinal),
        "tag" => await store.ListTagsAsync(ns, written, MaxSuggestions, ct),
        _ => [],
    };
}

/// <summary>The term under the caret of a search text.</summary>
/// <param name="Field">Null while the field itself is written.</param>
/// <param name="Written">Of the field, or of the value, in front of the caret.</param>
internal readonly record struct CaretTerm(string? Field, string Written, int From, int To)
{
    public static CaretTerm Of(string text, int at)
    {
        var start = Start(text, at);
        var sign = text.AsSpan(start, at - start).IndexOfAny(":=<>");
        var from = sign < 0 ? start : start + sign + 1;
        var quoted = sign >= 0 && from < at && text[from] == '"';
        var to = at;
        while (to < text.Length && !FilterParser.EndsValue(text[to]) && text[to] is not ('"' or ':' or '=' or '<' or '>')) to++;
        if (quoted && to < text.Length && text[to] == '"') to++;
        return new CaretTerm(sign < 0 ? null : text[start..(start + sign)], text[(quoted ? from + 1 : from)..at], from, to);
    }

    /// <summary>A value that needs quotes gets them; one that stands there already goes with what is replaced.</summary>
    public Completion Suggest(string value)
    {
        if (Field is null) return new Completion(value, From, To, IsField: true);
        return FilterTerm.IsPlain(value) && value[^1] != '*'
            ? new Completion(value, From, To, IsField: false)
            : new Completion('"' + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"', From, To, IsField: false);
    }

    private static int Start(string text, int at)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i < at; i++)
        {
            if (text[i] == '"') quoted = !quoted;
            else if (!quoted && (FilterParser.EndsValue(text[i]) || (text[i] == '-' && start == i))) start = i + 1;
        }
        return start;
    }
}
