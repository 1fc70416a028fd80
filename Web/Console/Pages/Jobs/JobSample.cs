using ActorPerf.Jobs;

namespace ActorPerf.Web.Console.Pages;

/// <summary>The newest jobs that match, up to a bound: what a histogram and counts of a search are made from, so that no page reads all jobs.</summary>
/// <param name="Complete">There are no others.</param>
internal sealed record JobSample(IReadOnlyList<JobRow> Rows, bool Complete)
{
    /// <summary>Jobs in it, at most.</summary>
    public const int Most = 500;

    /// <summary>Rows looked at, at most: a page waits for its sample, and for a list of ten seldom met conditions it would be a hundred thousand.</summary>
    public const int Look = 10_000;

    /// <param name="query">Its page and order do not matter.</param>
    public static async Task<JobSample> ReadAsync(IJobs jobs, JobQuery query, CancellationToken ct)
    {
        var rows = new List<JobRow>();
        long? before = null;
        while (rows.Count < Most)
        {
            var page = await jobs.ListAsync(query with { Sort = Jobs.Search.JobSort.Newest, Before = before, Limit = JobQuery.MaxLimit, Look = Look }, ct);
            rows.AddRange(page.Rows.Select(job => job.Row));
            before = page.Next;
            if (before is null || !page.Exhausted) return new JobSample(rows, before is null);
        }
        return new JobSample(rows, false);
    }
}
