using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Lists and counts jobs that match, on a reader's thread.</summary>
/// <remarks>Walks one index in order of submission and asks the filter of each row there, at most <see cref="JobQuery.Look"/> rows: a page may
/// come back short, with where to go on, and never makes others wait. Only rows that match are read whole.</remarks>
internal sealed class SqliteJobSearch
{
    private const string Row = $"SELECT {SqliteJobRows.Columns} FROM job WHERE seq = ?";
    private const string RowAndArgs = $"SELECT {SqliteJobRows.Columns}, payload.args FROM job JOIN payload ON payload.job_seq = job.seq WHERE job.seq = ?";

    private readonly SqliteSession _session;
    private readonly SqliteJobRows _rows;
    private readonly JobQuery _query;
    private readonly JobFilter _wanted;
    private readonly bool _asksArguments;
    private readonly DateTimeOffset _now;

    public SqliteJobSearch(SqliteSession session, SqliteJobRows rows, JobQuery query, DateTimeOffset now)
    {
        (_session, _rows, _query, _now) = (session, rows, query, now);
        _wanted = query.Wanted();
        _asksArguments = _wanted.AsksArguments();
    }

    public JobPage List() => _query.Sort.IsBySubmission ? ListBySubmission() : ListSorted();

    /// <summary>Counts matches in one stretch of the list, newest first.</summary>
    public MatchCount Count(int stretch)
    {
        var (looked, last, matched) = (0, 0L, 0L);
        using var walk = Walk(JobSort.Newest, "", _query.Before);
        while (walk.Step())
        {
            if (looked == stretch) return new MatchCount(matched, last);
            looked++;
            last = walk.Long(0);
            if (walk.Long(1) != 0 && (!_asksArguments || Find(last) is not null)) matched++;
        }
        return new MatchCount(matched, null);
    }

    private JobPage ListBySubmission()
    {
        var jobs = new List<Job>(_query.Limit);
        var (looked, last) = (0, 0L);
        using var walk = Walk(_query.Sort, "", _query.Before);
        while (walk.Step())
        {
            if (jobs.Count == _query.Limit || looked == _query.Look) return new JobPage(jobs, last, jobs.Count == _query.Limit);
            looked++;
            last = walk.Long(0);
            if (walk.Long(1) != 0 && Find(last) is { } job) jobs.Add(job);
        }
        return new JobPage(jobs, null);
    }

    private JobPage ListSorted()
    {
        var first = new FirstPlaces(_query.Sort, _query.After, _query.Limit);
        var looked = 0;
        using (var walk = Walk(_query.Sort, $", {Key(_query.Sort.Field)}", before: null))
        {
            while (walk.Step())
            {
                if (looked++ == SearchRefusals.MaxLooked) return new JobPage([], null, Exhausted: false) { Refusal = SearchRefusals.TooWide(_query.Sort) };
                var seq = walk.Long(0);
                if (walk.Long(1) != 0 && (!_asksArguments || Find(seq) is not null)) first.Show(new JobPlace(walk.LongOrNull(2) ?? _query.Sort.NoKey, seq));
            }
        }
        var places = first.Take();
        var jobs = places.Select(place => Find(place.Seq)).OfType<Job>().ToArray();
        return first.HasMore ? new JobPage(jobs, places[^1].Seq) { NextKey = places[^1].Key } : new JobPage(jobs, null);
    }

    /// <summary>Number, whether the condition is met, and what <paramref name="columns"/> adds, of every row of the source in order of submission.</summary>
    private SqliteStatement Walk(JobSort sort, string columns, long? before)
    {
        var filter = new SqliteFilter(_query, _wanted, _now);
        var source = SqliteSearchSource.Choose(_session, _query, _wanted);
        var falls = !sort.IsBySubmission || sort.Descending;
        // Prepared for this one time: texts of searches are without number, and the session keeps what it prepares.
        var walk = _session.Handle.Prepare(
            $"SELECT job.seq, {filter.Sql}{columns} FROM {source.From} WHERE {source.Where} AND {source.Seq} {(falls ? "<" : ">")} ? AND {source.Seq} < ? ORDER BY {source.Seq} {(falls ? "DESC" : "ASC")}");
        filter.Bind(walk);
        if (columns.Contains('?', StringComparison.Ordinal)) walk.Bind(SqliteTime.ToMicroseconds(_now));
        source.Bind(walk);
        walk.Bind(before ?? (falls ? long.MaxValue : 0)).Bind(_query.Until ?? long.MaxValue);
        return walk;
    }

    private Job? Find(long seq)
    {
        var s = _session[_asksArguments ? RowAndArgs : Row].Bind(seq);
        if (!s.Step()) return null;
        var row = _rows.Read(s);
        var matches = _wanted.Matches(row, _asksArguments ? s.BlobOrNull(SqliteJobRows.Count) : default, _now, _query.Hidden);
        s.Reset();
        return matches ? new Job(row, default, null, null) : null;
    }

    private static string Key(SortField field) => field switch
    {
        SortField.FinishedAt => "job.finished_at",
        SortField.RunAt => "job.run_at",
        SortField.Priority => "job.priority",
        SortField.Ran => $"max(0, {SqliteFilter.Lasted(SpanField.Ran)})",
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
    };
}
