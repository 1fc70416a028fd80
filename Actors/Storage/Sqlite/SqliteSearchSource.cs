using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Where a search begins: the index that leaves the fewest rows to look at, in order of submission.</summary>
/// <param name="From">Tables and indexes; the index is named, for without statistics the planner may prefer to sort all jobs of a namespace.</param>
/// <param name="Seq">The column of the index that holds the job's number: an order by another one that equals it would be sorted.</param>
/// <param name="Where">What the index is asked for; a question mark for each of <paramref name="Values"/>.</param>
internal sealed record SqliteSearchSource(string From, string Where, IReadOnlyList<object> Values, string Seq = "job.seq")
{
    /// <summary>Rows that are counted to compare two indexes.</summary>
    private const int Probe = 2_000;

    public static SqliteSearchSource Choose(SqliteSession session, JobQuery query, JobFilter wanted)
    {
        var best = new SqliteSearchSource("job NOT INDEXED", "job.namespace = ?", [query.Namespace.Name]);
        var fewest = long.MaxValue;
        foreach (var (candidate, rows) in Candidates(session, query, wanted))
        {
            if (rows >= fewest) continue;
            (best, fewest) = (candidate, rows);
            if (rows == 0) break;
        }
        return best;
    }

    public void Bind(SqliteStatement statement)
    {
        foreach (var value in Values)
        {
            switch (value)
            {
                case string text: statement.Bind(text); break;
                case Guid id: statement.Bind(id); break;
                default: statement.Bind((long)value); break;
            }
        }
    }

    private static IEnumerable<(SqliteSearchSource Source, long Rows)> Candidates(SqliteSession session, JobQuery query, JobFilter wanted)
    {
        var ns = query.Namespace.Name;
        var parts = wanted.Conjuncts;
        foreach (var id in parts.OfType<JobFilter.HasId>())
            yield return (new("job INDEXED BY job_id", "job.namespace = ? AND job.id = ?", [ns, id.Wanted.Value]), 1);
        foreach (var parent in parts.OfType<JobFilter.HasParent>())
        {
            const string Where = $"job.namespace = ? AND job.parent = ? AND job.{SqliteSchema.Child}";
            var rows = session[$"SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_child WHERE {Where} LIMIT ?)"].Bind(ns).Bind(parent.Wanted.Value).Bind((long)Probe);
            yield return (new("job INDEXED BY job_child", Where, [ns, parent.Wanted.Value]), Number(rows));
        }
        var task = parts.OfType<JobFilter.Named>().FirstOrDefault(name => name is { Field: NameField.Task, Prefix: false })?.Text;
        foreach (var argument in parts.OfType<JobFilter.Argument>().Where(argument => SqliteFilter.IsIndexed(query, task, argument)))
        {
            var rows = session["SELECT count(*) FROM (SELECT 1 FROM term WHERE namespace = ? AND task = ? AND path = ? AND value = ? LIMIT ?)"]
                .Bind(ns).Bind(task).Bind(argument.Path).Bind(argument.Text).Bind((long)Probe);
            yield return (new(
                "term CROSS JOIN job ON job.seq = term.job_seq", "term.namespace = ? AND term.task = ? AND term.path = ? AND term.value = ?",
                [ns, task!, argument.Path, argument.Text], "term.job_seq"), Number(rows));
        }
        foreach (var tag in parts.OfType<JobFilter.Named>().Where(name => name is { Field: NameField.Tag, Prefix: false }))
        {
            var rows = session["SELECT count(*) FROM (SELECT 1 FROM tag WHERE namespace = ? AND tag = ? LIMIT ?)"].Bind(ns).Bind(tag.Text).Bind((long)Probe);
            // One more than as many terms: of two that are beyond the probe, the term is the narrower question.
            yield return (new("tag CROSS JOIN job ON job.seq = tag.job_seq", "tag.namespace = ? AND tag.tag = ?", [ns, tag.Text], "tag.job_seq"), Number(rows) + 1);
        }
        if (States(parts) is { } states && ByState(ns, states) is { } byState) yield return (byState, Jobs(session, ns, states));
    }

    private static SqliteSearchSource? ByState(string ns, IReadOnlyList<JobState> states)
    {
        if (states.All(state => state.IsActive)) return new("job INDEXED BY job_running", $"job.namespace = ? AND {SqliteSchema.Active}", [ns]);
        // Of one state the index is in order of submission; of several it is not.
        return states is not [var state] ? null : state switch
        {
            JobState.Failed or JobState.Cancelled or JobState.Expired =>
                new("job INDEXED BY job_unsuccessful", $"job.namespace = ? AND job.state = ? AND {SqliteSchema.Unsuccessful}", [ns, (long)state]),
            JobState.Held or JobState.Scheduled or JobState.Retrying =>
                new("job INDEXED BY job_waiting", $"job.namespace = ? AND job.state = ? AND {SqliteSchema.Aside}", [ns, (long)state]),
            _ => null,
        };
    }

    /// <summary>The only states that can match; null where that is not said in one place.</summary>
    private static IReadOnlyList<JobState>? States(IReadOnlyList<JobFilter> parts)
    {
        foreach (var part in parts)
        {
            if (part is JobFilter.InState one) return [one.Wanted];
            if (part is JobFilter.Or or && or.Parts.All(each => each is JobFilter.InState)) return [.. or.Parts.Cast<JobFilter.InState>().Select(state => state.Wanted)];
        }
        return null;
    }

    private static long Jobs(SqliteSession session, string ns, IReadOnlyList<JobState> states)
    {
        var jobs = 0L;
        foreach (var state in states) jobs += Number(session["SELECT coalesce(sum(count), 0) FROM counter WHERE namespace = ? AND state = ?"].Bind(ns).Bind((long)state));
        return jobs;
    }

    private static long Number(SqliteStatement s)
    {
        s.Step();
        var number = s.Long(0);
        s.Reset();
        return number;
    }
}
