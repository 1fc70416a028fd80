using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What a client may do to a job in each state, and what it is told when it asks for something else.</summary>
public static class JobActions
{
    private static readonly string[] Waiting = ["cancel", "edit"];
    private static readonly string[] Timed = ["cancel", "edit", "run-now"];
    private static readonly string[] Active = ["cancel"];
    private static readonly string[] Final = ["rerun", "delete"];

    /// <summary>The actions that would change a job in this state, by their names in the API.</summary>
    public static IReadOnlyList<string> Allowed(JobState state) => state switch
    {
        JobState.Held or JobState.Queued => Waiting,
        JobState.Scheduled or JobState.Retrying => Timed,
        JobState.Running or JobState.Cancelling => Active,
        _ => Final,
    };

    /// <summary>The refusal of an action that the job's state does not allow; it names those that it does.</summary>
    public static Refusal Conflict(JobRow row, string action) => new("state-conflict",
        $"Job {row.Id} is {row.State.Word}{(row.State.IsFinal ? ", which is final" : "")}, and cannot {action} then. Allowed now: {string.Join(", ", Allowed(row.State))}.")
    { Allowed = Allowed(row.State) };
}
