using ActorPerf.Data;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Memory;

/// <summary>Jobs that belong to an entity commit, in memory: submitted before the entities are written, and a refusal keeps those from being written.</summary>
internal static class AttachedJobs
{
    /// <exception cref="AttachedWriteRefusedException">One was refused.</exception>
    /// <exception cref="NotSupportedException">One is no submission of jobs, or there are several: this store could not take the first back.</exception>
    public static void Post(IReadOnlyList<object> attached, IJobStore jobs)
    {
        if (attached is not [JobWrite.Submit { Atomic: true } submit])
            throw new NotSupportedException("The memory store takes one atomic submission of jobs with a commit. Submit all jobs of the transaction together.");
        jobs.TryPost(submit);
        if (submit.Outcomes.Any(outcome => outcome is SubmitOutcome.Refused)) throw AttachedWriteRefusedException.OfJobs();
    }
}
