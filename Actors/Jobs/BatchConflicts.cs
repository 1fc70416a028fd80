using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Two jobs of one atomic batch under one unique key. The refusal of the second names the first by its place, for its id was taken back with the batch. Pure.</summary>
internal static class BatchConflicts
{
    /// <param name="jobs">Of an atomic batch.</param>
    /// <param name="outcomes">One per job; changed and returned.</param>
    /// <param name="nameOf">What the sender calls an item, by its place.</param>
    public static SubmitOutcome[] Named(IReadOnlyList<NewJob> jobs, SubmitOutcome[] outcomes, Func<int, string> nameOf)
    {
        for (var i = 0; i < outcomes.Length; i++)
            if (outcomes[i] is SubmitOutcome.Refused { Refusal.Code: JobRefusals.UniqueConflictCode } refused && Holder(jobs, i, refused.Refusal) is { } holder)
                outcomes[i] = new SubmitOutcome.Refused(JobRefusals.UniqueInBatch(jobs[i].Row.UniqueKey ?? "", nameOf(holder)));
        return outcomes;
    }

    private static int? Holder(IReadOnlyList<NewJob> jobs, int of, Refusal refusal)
    {
        for (var i = 0; i < of; i++)
            if (jobs[i].Row.UniqueKey == jobs[of].Row.UniqueKey && refusal.Detail.Contains(jobs[i].Row.Id.ToString(), StringComparison.Ordinal)) return i;
        return null;
    }
}
