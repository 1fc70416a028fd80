using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Memory;

/// <content>Lists and counts: every job is asked in turn.</content>
internal sealed partial class MemoryJobStore
{
    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct)
    {
        lock (_gate) return new(query.Sort.IsBySubmission ? ListBySubmission(query) : ListSorted(query));
    }

    public ValueTask<MatchCount> CountMatchingAsync(JobQuery query, CancellationToken ct)
    {
        lock (_gate)
        {
            var (wanted, now) = (query.Wanted(), time.GetUtcNow());
            var (looked, last, matched) = (0, 0L, 0L);
            foreach (var job in Walk(query, query.Before, falls: true))
            {
                if (looked == SearchRefusals.MaxLooked) return new(new MatchCount(matched, last));
                (looked, last) = (looked + 1, job.Row.Seq);
                if (wanted.Matches(job.Row, job.Args, now, query.Hidden)) matched++;
            }
            return new(new MatchCount(matched, null));
        }
    }

    public ValueTask<IReadOnlyList<string>> ListTagsAsync(Namespace ns, string prefix, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_jobs.Values.Where(entry => entry.Job.Row.Namespace == ns).SelectMany(entry => entry.Job.Row.Tags)
                .Where(tag => tag.StartsWith(prefix, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(limit).ToArray());
        }
    }

    private JobPage ListBySubmission(JobQuery query)
    {
        var (wanted, now) = (query.Wanted(), time.GetUtcNow());
        var jobs = new List<Job>();
        var (looked, last) = (0, 0L);
        foreach (var job in Walk(query, query.Before, query.Sort.Descending))
        {
            if (jobs.Count == query.Limit || looked == query.Look) return new JobPage(jobs, last, jobs.Count == query.Limit);
            (looked, last) = (looked + 1, job.Row.Seq);
            if (wanted.Matches(job.Row, job.Args, now, query.Hidden)) jobs.Add(Listed(job));
        }
        return new JobPage(jobs, null);
    }

    private JobPage ListSorted(JobQuery query)
    {
        var (wanted, now) = (query.Wanted(), time.GetUtcNow());
        var first = new FirstPlaces(query.Sort, query.After, query.Limit);
        var looked = 0;
        foreach (var job in Walk(query, before: null, falls: true))
        {
            if (looked++ == SearchRefusals.MaxLooked) return new JobPage([], null, Exhausted: false) { Refusal = SearchRefusals.TooWide(query.Sort) };
            if (wanted.Matches(job.Row, job.Args, now, query.Hidden)) first.Show(new JobPlace(query.Sort.KeyOf(job.Row, now), job.Row.Seq));
        }
        var places = first.Take();
        var page = new JobPage([.. places.Select(place => Listed(_jobs[place.Seq].Job))], null);
        return first.HasMore ? page with { Next = places[^1].Seq, NextKey = places[^1].Key } : page;
    }

    private IEnumerable<Job> Walk(JobQuery query, long? before, bool falls)
    {
        var from = before ?? (falls ? long.MaxValue : 0);
        return (falls ? _jobs.Reverse() : _jobs)
            .Where(job => (falls ? job.Key < from : job.Key > from) && job.Key < (query.Until ?? long.MaxValue) && job.Value.Job.Row.Namespace == query.Namespace)
            .Select(job => job.Value.Job);
    }

    private static Job Listed(Job job) => job with { Args = default, Result = null, Checkpoint = null };
}
