using ActorPerf.Jobs;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>What must be true of all jobs when the faults are over, whatever they were.</summary>
internal sealed class Audit(Ledger ledger)
{
    /// <summary>Where every few seconds a process dies under its jobs, one of many may lose more than its crash budget, and no more than that.</summary>
    private const int MostOutOfBudget = 3;

    /// <summary>Every id was acknowledged, is there once and succeeded, but for a job or two that the faults took its whole crash budget from; one end each; every attempt beyond the first is
    /// explained by a run that was lost or handed back.</summary>
    public async Task CheckAsync(IReadOnlyCollection<Guid> sent, ICollection<Guid> acknowledged)
    {
        Assert.Equal(sent.Count, acknowledged.Count);
        Assert.Empty(sent.Except(acknowledged));
        var jobs = await ledger.ReadAsync("SELECT id, state, crashes FROM actorperf.job WHERE schedule IS NULL", row => (Id: row.GetGuid(0), State: (JobState)row.GetInt16(1), Crashes: row.GetInt32(2)));
        Assert.Empty(sent.Except(jobs.Select(job => job.Id)));
        Assert.Empty(jobs.Select(job => job.Id).Except(sent));
        Assert.Equal(sent.Count, jobs.Count);
        var others = jobs.Where(job => job.State != JobState.Succeeded).ToList();
        Assert.All(others, job => Assert.Equal((JobState.Failed, JobRules.CrashBudget + 1), (job.State, job.Crashes)));
        Assert.InRange(others.Count, 0, MostOutOfBudget);
        await CheckStoriesAsync();
    }

    public async Task CheckStoriesAsync()
    {
        Assert.Empty(await ledger.ReadAsync(
            "SELECT subject FROM actorperf.history WHERE kind = 1 AND to_state >= 10 GROUP BY subject HAVING count(*) > 1", row => row.GetInt64(0)));
        // Its claims are its attempts; all but the one that ended it went back by loss or hand-over, and cost it nothing.
        Assert.Empty(await ledger.ReadAsync(
            """
            SELECT job.id FROM actorperf.job JOIN
              (SELECT subject, count(*) FILTER (WHERE to_state = 3) AS claims, count(*) FILTER (WHERE from_state = 3 AND to_state IN (2, 4)) AS returns
               FROM actorperf.history WHERE kind = 1 GROUP BY subject) h ON h.subject = job.seq
            WHERE job.state = 10 AND (job.attempt <> h.claims OR h.returns <> job.attempt - 1 OR job.excused <> job.attempt - 1 OR job.crashes > job.excused)
            """,
            row => row.GetGuid(0)));
    }
}
