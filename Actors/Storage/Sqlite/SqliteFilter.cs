using System.Globalization;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Storage.Sqlite;

/// <summary>A job filter as a condition on <c>job</c>. Values are parameters only, never text of the statement.</summary>
/// <remarks>The condition is met by every job that matches, and mostly by no other: what SQL cannot answer as <see cref="FilterMatch"/> does (arguments)
/// counts as met, so the reader asks the filter itself of each row found. Every part is true or false and never NULL, so that NOT means what it says.</remarks>
internal sealed class SqliteFilter
{
    private readonly JobQuery _query;
    private readonly string? _task;
    private readonly long _now;
    private readonly StringBuilder _sql = new();
    private readonly List<object> _values = [];

    public SqliteFilter(JobQuery query, JobFilter wanted, DateTimeOffset now)
    {
        _query = query;
        _now = SqliteTime.ToMicroseconds(now);
        _task = wanted.Conjuncts.OfType<JobFilter.Named>().FirstOrDefault(name => name is { Field: NameField.Task, Prefix: false })?.Text;
        Write(wanted, positive: true);
    }

    /// <summary>With a question mark for each value.</summary>
    public string Sql => _sql.ToString();

    public void Bind(SqliteStatement statement)
    {
        foreach (var value in _values)
        {
            switch (value)
            {
                case string text: statement.Bind(text); break;
                case Guid id: statement.Bind(id); break;
                default: statement.Bind((long)value); break;
            }
        }
    }

    /// <summary>Whether the index of terms knows all jobs with this argument, given the task that the whole filter asks for.</summary>
    public static bool IsIndexed(JobQuery query, string? task, JobFilter.Argument argument) => task is not null && !argument.Prefix
        && argument.Text.Length <= SearchTerms.MaxValue && ArgumentValues.Canonical(argument.Text) == argument.Text && query.Indexed.Contains((task, argument.Path));

    private void Write(JobFilter filter, bool positive)
    {
        switch (filter)
        {
            case JobFilter.And { Parts.Count: 0 }: _sql.Append('1'); break;
            case JobFilter.And and: Join(and.Parts, " AND ", positive); break;
            case JobFilter.Or or: Join(or.Parts, " OR ", positive); break;
            case JobFilter.Not not:
                _sql.Append("NOT (");
                Write(not.Inner, !positive);
                _sql.Append(')');
                break;
            case JobFilter.InState state: _sql.Append(CultureInfo.InvariantCulture, $"job.state = {(int)state.Wanted}"); break;
            case JobFilter.HasId id: Add("job.id = ?", id.Wanted.Value); break;
            case JobFilter.HasParent parent: Add("job.parent IS ?", parent.Wanted.Value); break;
            case JobFilter.Named name: Write(name); break;
            case JobFilter.Error error:
                var wanted = FilterMatch.Fold(error.Text);
                Add("coalesce(instr(lower(job.error_type), ?) > 0 OR instr(lower(job.error_message), ?) > 0, 0)", wanted, wanted);
                break;
            case JobFilter.Argument argument: Write(argument, positive); break;
            case JobFilter.Number number: Add($"{Column(number.Field)} {number.Is.Sign} ?", number.Value); break;
            case JobFilter.Span span: Add($"coalesce(max(0, {Lasted(span.Field)}) {span.Is.Sign} ?, 0)", _now, Micros(span.Value)); break;
            case JobFilter.Ago ago: Add($"coalesce(? - {Column(ago.Field)} {ago.Is.Sign} ?, 0)", _now, Micros(ago.Age)); break;
            case JobFilter.Moment moment: Add($"coalesce({Column(moment.Field)} {moment.Is.Sign} ?, 0)", SqliteTime.ToMicroseconds(moment.Value)); break;
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
        if (name.Field == NameField.Tag)
        {
            if (!name.Prefix) Add("EXISTS (SELECT 1 FROM tag WHERE tag.namespace = job.namespace AND tag.tag = ? AND tag.job_seq = job.seq)", name.Text);
            else Add("EXISTS (SELECT 1 FROM json_each(job.tags) WHERE substr(json_each.value, 1, ?) = ?)", Characters(name.Text), name.Text);
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
        if (!name.Prefix) Add($"{column} IS ?", name.Text);
        else Add($"coalesce(substr({column}, 1, ?) = ?, 0)", Characters(name.Text), name.Text);
    }

    private void Write(JobFilter.Argument argument, bool positive)
    {
        if (positive && IsIndexed(_query, _task, argument))
        {
            Add("""
                EXISTS (SELECT 1 FROM term WHERE term.namespace = job.namespace AND term.task = ? AND term.path = ? AND term.value = ? AND term.job_seq = job.seq)
                """, _task!, argument.Path, argument.Text);
        }
        else _sql.Append(positive ? '1' : '0');
    }

    private void Add(string sql, params ReadOnlySpan<object> values)
    {
        _sql.Append(sql);
        _values.AddRange(values);
    }

    /// <summary>Microseconds; one parameter, the present.</summary>
    internal static string Lasted(SpanField field) => field == SpanField.Waited
        ? "coalesce(job.started_at, iif(job.finished_at IS NULL, ?, NULL)) - job.created_at"
        : "coalesce(job.finished_at, iif(job.incarnation IS NOT NULL, ?, NULL)) - job.started_at";

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

    private static long Characters(string text) => text.EnumerateRunes().Count();

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
