using ActorPerf.Compute;

namespace ActorPerf.Jobs;

/// <summary>Reserves permits for jobs that may start in the very transaction that stores them: one commit and no way through the dispatcher.</summary>
/// <remarks>
/// Invariants:
/// <list type="bullet">
/// <item>A reserved permit is used by exactly one started attempt or returned to its gate exactly once: <see cref="ReturnRest"/> follows every
/// <see cref="Reserve"/>, when the write was reported (durable, refused, a duplicate, rolled back) or could not be posted.</item>
/// <item>The rules of the gate hold, for only it lays permits open, and none while anybody waits for one (<see cref="GateRules"/>).</item>
/// <item>The line's order holds, for the store takes a new job only where none stands at or before its rank (<see cref="JobWrite.Submit.AtOnce"/>);
/// a job that it does not take is queued and announced to the dispatcher after the commit.</item>
/// <item>What a limit may hold back (a queue with one, a job with a limit key) is left to the claims, which the store decides.</item>
/// <item>A memoised task goes to the caching actor as ever (<see cref="AttemptStart"/>); a hit returns the permit.</item>
/// <item>Before the commit nothing runs; a crash after it is a lost run like any other. A cancel goes behind the submit in the store's line and
/// finds the job running; a drain that began meanwhile hands the run back.</item>
/// </list>
/// </remarks>
internal sealed class StartAtOnce(TrackerParts parts)
{
    /// <summary>The claim that goes with the submit; null when the jobs have to queue.</summary>
    public JobWrite.Claim? Reserve(IReadOnlyList<NewJob> jobs)
    {
        var queue = jobs[0].Row.Queue;
        if (!parts.MayRun || parts.Pools.Find(queue) is not { } pool || !parts.Flow.IsOpen(queue) || !InOrder(jobs)) return null;
        var permits = pool.Open.Take(jobs.Count);
        return permits == 0 ? null : new JobWrite.Claim(queue, permits, parts.Incarnation, parts.NodeName);
    }

    /// <summary>Gives back what the store did not use.</summary>
    public void ReturnRest(JobWrite.Claim claim, IActorRef holder)
    {
        var rest = claim.Count - claim.Taken.Count;
        if (rest > 0) parts.Pools.Find(claim.Queue)?.Gate.Tell(new GateCommand.Return(rest), holder);
    }

    /// <summary>All are due, none has a limit key, and none would go before an earlier one of its queue.</summary>
    private static bool InOrder(IReadOnlyList<NewJob> jobs)
    {
        var first = jobs[0].Row;
        for (var i = 0; i < jobs.Count; i++)
        {
            var row = jobs[i].Row;
            if (row.RunAt != default || row.Priority != first.Priority || row.LimitKey is not null) return false;
        }
        return true;
    }
}
