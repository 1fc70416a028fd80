namespace ActorPerf.Jobs;

/// <summary>Where a job is in its life. The numbers are stored; never renumber.</summary>
public enum JobState
{
    /// <summary>Waits for parents or children.</summary>
    Held = 0,

    /// <summary>Waits for a time.</summary>
    Scheduled = 1,

    /// <summary>Waits for a routee.</summary>
    Queued = 2,

    Running = 3,

    /// <summary>Waits for its back-off to end.</summary>
    Retrying = 4,

    /// <summary>Runs, and was asked to stop.</summary>
    Cancelling = 5,

    Succeeded = 10,
    Failed = 11,
    Cancelled = 12,

    /// <summary>Its time to live ended before it started.</summary>
    Expired = 13,
}

public static class JobStates
{
    /// <summary>All states, in order of a job's life.</summary>
    public static IReadOnlyList<JobState> All { get; } = Enum.GetValues<JobState>();

    extension(JobState state)
    {
        /// <summary>Final is final: a job never leaves such a state; running again makes a new job.</summary>
        public bool IsFinal => state >= JobState.Succeeded;

        /// <summary>An attempt of it is under way.</summary>
        public bool IsActive => state is JobState.Running or JobState.Cancelling;

        /// <summary>The word in the API, the console and logs.</summary>
        public string Word => state switch
        {
            JobState.Held => "held",
            JobState.Scheduled => "scheduled",
            JobState.Queued => "queued",
            JobState.Running => "running",
            JobState.Retrying => "retrying",
            JobState.Cancelling => "cancelling",
            JobState.Succeeded => "succeeded",
            JobState.Failed => "failed",
            JobState.Cancelled => "cancelled",
            JobState.Expired => "expired",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };
    }

    public static bool TryParse(string? word, out JobState state)
    {
        foreach (var candidate in All)
        {
            if (!string.Equals(candidate.Word, word, StringComparison.Ordinal)) continue;
            state = candidate;
            return true;
        }
        state = default;
        return false;
    }
}
