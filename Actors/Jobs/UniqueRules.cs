using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Who holds a unique key, and what happens to a submission that meets the holder. Pure; a key is released by state, never by time.</summary>
public static class UniqueRules
{
    /// <summary>Whether a job in this state holds its key: until it is final, or until its first run starts.</summary>
    public static bool Holds(JobRow row) =>
        row.UniqueKey is not null && !row.State.IsFinal && (row.UniqueUntil == UniqueUntil.Finished || row.Attempt == 0);

    /// <summary>What a submission is answered with whose key <paramref name="holder"/> holds.</summary>
    /// <returns>Null: the holder makes way (<see cref="JobCommand.Supersede"/>), and the submission is stored.</returns>
    public static SubmitOutcome? Meet(Job holder, JobRow newcomer) => newcomer.UniquePolicy switch
    {
        UniquePolicy.Reject => new SubmitOutcome.Refused(JobRefusals.UniqueConflict(newcomer.UniqueKey!, holder.Row)),
        UniquePolicy.Replace when !holder.Row.State.IsActive => null,
        _ => new SubmitOutcome.Deduplicated(holder),
    };
}
