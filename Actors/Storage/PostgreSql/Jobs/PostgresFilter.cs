using System.Globalization;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Storage.Sql;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A job filter as a condition on <c>job</c>. Values are parameters only, never text of the statement.</summary>
/// <remarks>The condition is met by every job that matches, and mostly by no other: what SQL cannot answer as <see cref="FilterMatch"/> does (arguments)
/// counts as met, so the reader asks the filter itself of each row found. Every part is true or false and never NULL, so that NOT means what it says.</remarks>
internal sealed class PostgresFilter
{
    private const string S = PostgresDialect.Schema;

    private readonly JobQuery _query;
    private readonly string? _task;
    private readonly string _now;
    private readonly StringBuilder _sql = new();
    private readonly List<NpgsqlParameter> _values;

    /// <param name="values">Takes the values; those that are there already keep their numbers.</param>
    public PostgresFilter(JobQuery query, JobFilter wanted, DateTimeOffset now, List<NpgsqlParameter> values)
    {
        (_query, _values) = (query, values);
        _now = Parameter(Time(now));
        _task = wanted.Conjuncts.OfType<JobFilter.Named>().FirstOrDefault(name => name is { Field: NameField.Task, Prefix: false })?.Text;
        Write(wanted, positive: true);
    }

    public string Sql => _sql.ToString();

    /// <summary>Whether the index of terms knows all jobs with this argument, given the task that the whole filter asks for.</summary>
    public static bool IsIndexed(JobQuery query, string? task, JobFilter.Argument argument) => task is not null && !argument.Prefix
        && argument.Text.Length <= SearchTerms.MaxValue && ArgumentValues.Canonical(argument.Text) == argument.Text && query.Indexed.Contains((task, argument.Path));

    /// <summary>The expression that jobs are ordered by; null where a job has none.</summary>
    public string Key(SortField field) => field switch
    {
        SortField.FinishedAt => "job.finished_at",
        SortField.RunAt => "job.run_at",
        SortField.Priority => "job.priority::bigint",
        SortField.Ran => NotNegative(Lasted(SpanField.Ran)),
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
    };

    private void Write(JobFilter filter, bool positive)
    {
        switch (filter)
        {
            case JobFilter.And { Parts.Count: 0 }: _sql.Append("true"); break;
            case JobFilter.And and: Join(and.Parts, " AND ", positive); break;
            case JobFilter.Or or: Join(or.Parts, " OR ", positive); break;
            case JobFilter.Not not:
                _sql.Append("NOT (");
                Write(not.Inner, !positive);
                _sql.Append(')');
                break;
            case JobFilter.InState state: _sql.Append(CultureInfo.InvariantCulture, $"job.state = {(int)state.Wanted}"); break;
            case JobFilter.HasId id: _sql.Append($"job.id = {Parameter(Id(id.Wanted.Value))}"); break;
            case JobFilter.HasParent parent: _sql.Append($"coalesce(job.parent = {Parameter(Id(parent.Wanted.Value))}, false)"); break;
            case JobFilter.Named name: Write(name); break;
            case JobFilter.Error error:
                var wanted = Parameter(Text(FilterMatch.Fold(error.Text)));
                _sql.Append($"coalesce(strpos(lower(job.error_type), {wanted}) > 0 OR strpos(lower(job.error_message), {wanted}) > 0, false)");
                break;
            case JobFilter.Argument argument: Write(argument, positive); break;
            case JobFilter.Number number: _sql.Append($"{Column(number.Field)} {number.Is.Sign} {Parameter(Number(number.Value))}"); break;
            case JobFilter.Span span: _sql.Append($"coalesce({NotNegative(Lasted(span.Field))} {span.Is.Sign} {Parameter(Number(Micros(span.Value)))}, false)"); break;
            case JobFilter.Ago ago: _sql.Append($"coalesce({_now} - {Column(ago.Field)} {ago.Is.Sign} {Parameter(Number(Micros(ago.Age)))}, false)"); break;
            case JobFilter.Moment moment: _sql.Append($"coalesce({Column(moment.Field)} {moment.Is.Sign} {Parameter(Time(moment.Value))}, false)"); break;
            default: throw new ArgumentOutOfRangeException(nameof(filter), filter.GetType().Name, "an unknown kind of filter");
        }
    }

    private void Join(IReadOnlyList<JobFilter> parts, string between, bool positive)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            _sql.Append(i == 0 ? "(" : between).Append('(');
            Write(parts[i], positive);
            _sql.Append(')');
        }
        _sql.Append(')');
    }

    private void Write(JobFilter.Named name)
    {
        var text = Parameter(Text(name.Text));
        if (name.Field == NameField.Tag)
        {
            _sql.Append(name.Prefix
                ? $"EXISTS (SELECT 1 FROM json_array_elements_text(job.tags::json) AS each (tag) WHERE starts_with(each.tag, {text}))"
                : $"EXISTS (SELECT 1 FROM {S}.tag t WHERE t.namespace = job.namespace AND t.tag = {text} AND t.job_seq = job.seq)");
            return;
        }
        var column = name.Field switch
        {
            NameField.Task => "job.task",
            NameField.Queue => "job.queue",
            NameField.Node => "job.node",
            NameField.Schedule => "job.schedule",
            NameField.Workflow => "job.workflow",
            NameField.LimitKey => "job.limit_key",
            NameField.UniqueKey => "job.unique_key",
            _ => throw new ArgumentOutOfRangeException(nameof(name), name.Field, null),
        };
        _sql.Append(name.Prefix ? $"coalesce(starts_with({column}, {text}), false)" : $"coalesce({column} = {text}, false)");
    }

    private void Write(JobFilter.Argument argument, bool positive)
    {
        if (positive && IsIndexed(_query, _task, argument))
        {
            _sql.Append($"""
                EXISTS (SELECT 1 FROM {S}.term t WHERE t.namespace = job.namespace AND t.task = {Parameter(Text(_task))} AND t.path = {Parameter(Text(argument.Path))}
                  AND t.value = {Parameter(Text(argument.Text))} AND t.job_seq = job.seq)
                """);
        }
        else _sql.Append(positive ? "true" : "false");
    }

    private string Parameter(NpgsqlParameter value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${_values.Count}");
    }

    /// <summary>Microseconds; null where it has not begun.</summary>
    private string Lasted(SpanField field) => field == SpanField.Waited
        ? $"(coalesce(job.started_at, CASE WHEN job.finished_at IS NULL THEN {_now} END) - job.created_at)"
        : $"(coalesce(job.finished_at, CASE WHEN job.incarnation IS NOT NULL THEN {_now} END) - job.started_at)";

    // greatest() would pass over a null.
    private static string NotNegative(string number) => $"(CASE WHEN {number} < 0 THEN 0 ELSE {number} END)";

    private static string Column(NumberField field) => field switch
    {
        NumberField.Attempt => "job.attempt",
        NumberField.Priority => "job.priority",
        _ => "job.crashes",
    };

    private static string Column(TimeField field) => field switch
    {
        TimeField.Created => "job.created_at",
        TimeField.Started => "job.started_at",
        _ => "job.finished_at",
    };

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
