using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Lists and counts jobs that match.</summary>
/// <remarks>Walks one index in order of submission, a stretch at a time, and asks the filter of each row there, at most <see cref="JobQuery.Look"/> rows: a page may
/// come back short, with where to go on, and never makes others wait. Only rows that match are read whole.</remarks>
internal sealed class PostgresJobSearch
{
    private const int FirstStretch = 500;
    private const int LongestStretch = 10_000;
    private const int At = PostgresJobRows.Count;

    private readonly NpgsqlDataSource _source;
    private readonly PostgresSearchSource _from;
    private readonly JobQuery _query;
    private readonly JobFilter _wanted;
    private readonly bool _asksArguments;
    private readonly DateTimeOffset _now;

    private PostgresJobSearch(NpgsqlDataSource source, PostgresSearchSource from, JobQuery query, JobFilter wanted, DateTimeOffset now)
    {
        (_source, _from, _query, _wanted, _now) = (source, from, query, wanted, now);
        _asksArguments = wanted.AsksArguments();
    }

    public static async Task<PostgresJobSearch> BeginAsync(NpgsqlDataSource source, JobQuery query, DateTimeOffset now, CancellationToken ct)
    {
        var wanted = query.Wanted();
        return new PostgresJobSearch(source, await PostgresSearchSource.ChooseAsync(source, query, wanted, ct), query, wanted, now);
    }

    public Task<JobPage> ListAsync(CancellationToken ct) => _query.Sort.IsBySubmission ? ListBySubmissionAsync(ct) : ListSortedAsync(ct);

    /// <summary>Counts matches in one stretch of the list, newest first.</summary>
    public async Task<MatchCount> CountAsync(CancellationToken ct)
    {
        var (looked, last, matched) = (0, 0L, 0L);
        await foreach (var stretch in WalkAsync(JobSort.Newest, withKey: false, _query.Before, ct))
        {
            var seen = stretch.Take(SearchRefusals.MaxLooked - looked).ToArray();
            var hits = seen.Where(row => row.Met).ToArray();
            matched += _asksArguments ? (await FindAsync(hits, ct)).Count : hits.Length;
            looked += seen.Length;
            if (seen.Length > 0) last = seen[^1].Seq;
            if (seen.Length < stretch.Count) return new MatchCount(matched, last);
        }
        return new MatchCount(matched, null);
    }

    private async Task<JobPage> ListBySubmissionAsync(CancellationToken ct)
    {
        var jobs = new List<Job>(_query.Limit);
        var (looked, last) = (0, 0L);
        await foreach (var stretch in WalkAsync(_query.Sort, withKey: false, _query.Before, ct))
        {
            var found = await FindAsync([.. stretch.Where(row => row.Met)], ct);
            foreach (var row in stretch)
            {
                if (jobs.Count == _query.Limit || looked == _query.Look) return new JobPage(jobs, last, jobs.Count == _query.Limit);
                looked++;
                last = row.Seq;
                if (found.TryGetValue(row.Seq, out var job)) jobs.Add(job);
            }
        }
        return new JobPage(jobs, null);
    }

    private async Task<JobPage> ListSortedAsync(CancellationToken ct)
    {
        var first = new FirstPlaces(_query.Sort, _query.After, _query.Limit);
        var looked = 0;
        await foreach (var stretch in WalkAsync(_query.Sort, withKey: true, before: null, ct))
        {
            looked += stretch.Count;
            if (looked > SearchRefusals.MaxLooked) return new JobPage([], null, Exhausted: false) { Refusal = SearchRefusals.TooWide(_query.Sort) };
            var hits = stretch.Where(row => row.Met).ToArray();
            var found = _asksArguments ? await FindAsync(hits, ct) : null;
            foreach (var row in hits)
                if (found is null || found.ContainsKey(row.Seq)) first.Show(new JobPlace(row.Key ?? _query.Sort.NoKey, row.Seq));
        }
        var places = first.Take();
        var shown = await FindAsync([.. places.Select(place => new Place(place.Seq, true, null))], ct);
        var jobs = places.Select(place => shown.GetValueOrDefault(place.Seq)).OfType<Job>().ToArray();
        return first.HasMore ? new JobPage(jobs, places[^1].Seq) { NextKey = places[^1].Key } : new JobPage(jobs, null);
    }

    /// <summary>Every row of the source in order of submission, in stretches that grow.</summary>
    private async IAsyncEnumerable<List<Place>> WalkAsync(JobSort sort, bool withKey, long? before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var falls = !sort.IsBySubmission || sort.Descending;
        var from = before ?? (falls ? long.MaxValue : 0);
        var values = new List<NpgsqlParameter>();
        var filter = new PostgresFilter(_query, _wanted, _now, values);
        var where = _from.Bind(values);
        var sql = string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {_from.Seq}, {filter.Sql}, {(withKey ? filter.Key(sort.Field) : "NULL::bigint")} FROM {_from.From} WHERE {where} AND {_from.Seq} {(falls ? "<" : ">")} ${values.Count + 1} AND {_from.Seq} < ${values.Count + 2} ORDER BY {_from.Seq} {(falls ? "DESC" : "ASC")} LIMIT ${values.Count + 3}");
        for (var size = FirstStretch; ; size = Math.Min(LongestStretch, size * 2))
        {
            // Texts of searches are without number, so they are not kept prepared.
            await using var command = _source.CreateCommand(sql);
            foreach (var value in values) command.Parameters.Add(value.Clone());
            command.Bind(Number(from), Number(_query.Until ?? long.MaxValue), Small(size));
            var stretch = await command.ListAsync(r => new Place(r.GetInt64(0), r.GetBoolean(1), r.NumberOrNull(2)), ct);
            if (stretch.Count > 0) yield return stretch;
            if (stretch.Count < size) yield break;
            from = stretch[^1].Seq;
        }
    }

    /// <summary>Those of the rows that match, whole.</summary>
    private async Task<Dictionary<long, Job>> FindAsync(IReadOnlyList<Place> rows, CancellationToken ct)
    {
        var found = new Dictionary<long, Job>();
        foreach (var some in rows.Chunk(_query.Limit))
        {
            await using var command = _source.CreateCommand(_asksArguments
                ? $"SELECT {PostgresJobRows.Columns}, payload.args FROM {PostgresJobRows.From} WHERE job.seq = ANY ($1)"
                : $"SELECT {PostgresJobRows.Columns} FROM {PostgresJobRows.Job} job WHERE job.seq = ANY ($1)").Bind(Numbers(some.Select(row => row.Seq)));
            foreach (var (row, args) in await command.ListAsync(r => (Row: PostgresJobRows.Read(r), Args: _asksArguments ? r.GetFieldValue<byte[]>(At) : null), ct))
                if (_wanted.Matches(row, args, _now, _query.Hidden)) found[row.Seq] = new Job(row, default, null, null);
            // A page of the list needs no more; the rest of the stretch is looked at again by the next one.
            if (found.Count >= _query.Limit && !_asksArguments) break;
        }
        return found;
    }

    /// <param name="Met">Whether the condition is; the filter itself may still say no.</param>
    private readonly record struct Place(long Seq, bool Met, long? Key);
}
