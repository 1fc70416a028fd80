using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Where a search begins: the index that leaves the fewest rows to look at, in order of submission.</summary>
/// <param name="From">Tables.</param>
/// <param name="Where">What is asked of them, with <c>{0}</c> and so on for <paramref name="Values"/>.</param>
/// <param name="Seq">The column that holds the job's number in the order of the index.</param>
internal sealed record PostgresSearchSource(string From, string Where, IReadOnlyList<object> Values, string Seq = "job.seq")
{
    /// <summary>Rows that are counted to compare two indexes.</summary>
    private const int Probe = 2_000;

    private const string S = PostgresDialect.Schema;

    public static async Task<PostgresSearchSource> ChooseAsync(NpgsqlDataSource source, JobQuery query, JobFilter wanted, CancellationToken ct)
    {
        var best = new PostgresSearchSource($"{S}.job", "job.namespace = {0}", [query.Namespace.Name]);
        var fewest = long.MaxValue;
        foreach (var (candidate, count) in Candidates(query, wanted))
        {
            var rows = await CountAsync(source, count, candidate.Values, ct);
            if (rows >= fewest) continue;
            (best, fewest) = (candidate, rows);
            if (rows <= 1) break;
        }
        return best;
    }

    /// <summary><see cref="Where"/> with the numbers of its parameters, which are added to those that are there.</summary>
    public string Bind(List<NpgsqlParameter> parameters) => Bind(Where, Values, parameters);

    /// <summary>Each with a query for the rows that it would look at.</summary>
    private static IEnumerable<(PostgresSearchSource Source, string Count)> Candidates(JobQuery query, JobFilter wanted)
    {
        var ns = query.Namespace.Name;
        var parts = wanted.Conjuncts;
        foreach (var id in parts.OfType<JobFilter.HasId>())
            yield return (new($"{S}.job", "job.namespace = {0} AND job.id = {1}", [ns, id.Wanted.Value]), "SELECT 1::bigint");
        foreach (var parent in parts.OfType<JobFilter.HasParent>())
        {
            const string Where = $"job.namespace = {{0}} AND job.parent = {{1}} AND job.{PostgresJobSchema.Child}";
            yield return (new($"{S}.job", Where, [ns, parent.Wanted.Value]), Counted($"SELECT 1 FROM {S}.job WHERE {Where}"));
        }
        var task = parts.OfType<JobFilter.Named>().FirstOrDefault(name => name is { Field: NameField.Task, Prefix: false })?.Text;
        foreach (var argument in parts.OfType<JobFilter.Argument>().Where(argument => PostgresFilter.IsIndexed(query, task, argument)))
        {
            const string Where = "term.namespace = {0} AND term.task = {1} AND term.path = {2} AND term.value = {3}";
            yield return (new($"{S}.term JOIN {S}.job ON job.seq = term.job_seq", Where, [ns, task!, argument.Path, argument.Text], "term.job_seq"), Counted($"SELECT 1 FROM {S}.term WHERE {Where}"));
        }
        foreach (var tag in parts.OfType<JobFilter.Named>().Where(name => name is { Field: NameField.Tag, Prefix: false }))
        {
            const string Where = "tag.namespace = {0} AND tag.tag = {1}";
            // One more than as many terms: of two that are beyond the probe, the term is the narrower question.
            yield return (new($"{S}.tag JOIN {S}.job ON job.seq = tag.job_seq", Where, [ns, tag.Text], "tag.job_seq"), Counted($"SELECT 1 FROM {S}.tag WHERE {Where}", more: 1));
        }
        if (States(parts) is { } states && ByState(ns, states) is { } byState)
        {
            var numbers = string.Join(", ", states.Select(state => ((int)state).ToString(CultureInfo.InvariantCulture)));
            yield return (byState, $"SELECT coalesce(sum(count), 0)::bigint FROM {S}.counter WHERE namespace = {{0}} AND state IN ({numbers})");
        }
    }

    private static string Counted(string rows, int more = 0) => string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) + {more} FROM ({rows} LIMIT {Probe}) probe");

    private static PostgresSearchSource? ByState(string ns, IReadOnlyList<JobState> states)
    {
        if (states.All(state => state.IsActive)) return new($"{S}.job", $"job.namespace = {{0}} AND job.{PostgresJobSchema.Active}", [ns]);
        // Of one state the index is in order of submission; of several it is not.
        return states is not [var state] ? null : state switch
        {
            JobState.Failed or JobState.Cancelled or JobState.Expired => new($"{S}.job", $"job.namespace = {{0}} AND job.state = {(int)state} AND job.{PostgresJobSchema.Unsuccessful}", [ns]),
            JobState.Held or JobState.Scheduled or JobState.Retrying => new($"{S}.job", $"job.namespace = {{0}} AND job.state = {(int)state} AND {PostgresJobSchema.Aside}", [ns]),
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

    private static async Task<long> CountAsync(NpgsqlDataSource source, string count, IReadOnlyList<object> values, CancellationToken ct)
    {
        var parameters = new List<NpgsqlParameter>();
        var sql = count.Contains('{', StringComparison.Ordinal) ? Bind(count, values, parameters) : count;
        await using var command = source.CreateCommand(sql).Bind([.. parameters]);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static string Bind(string sql, IReadOnlyList<object> values, List<NpgsqlParameter> parameters)
    {
        var numbers = new object[values.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            parameters.Add(values[i] is Guid id ? Id(id) : Text((string)values[i]));
            numbers[i] = string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
        }
        return string.Format(CultureInfo.InvariantCulture, sql, numbers);
    }
}
