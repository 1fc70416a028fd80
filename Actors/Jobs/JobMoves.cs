namespace ActorPerf.Jobs;

/// <summary>From which state a job can come to which: what <see cref="JobRules"/> allows, as a graph for people. A test holds the two against each other.</summary>
public static class JobMoves
{
    /// <summary>States that a new job can be in.</summary>
    public static IReadOnlyList<JobState> Beginnings { get; } = [JobState.Held, JobState.Scheduled, JobState.Queued];

    /// <summary>Every move there is, in order of a job's life. Staying where it is (an edit) is none.</summary>
    public static IReadOnlyList<JobMove> All { get; } =
    [
        .. From(JobState.Held, JobState.Scheduled, JobState.Queued, JobState.Failed, JobState.Cancelled, JobState.Expired),
        .. From(JobState.Scheduled, JobState.Queued, JobState.Cancelled, JobState.Expired),
        .. From(JobState.Queued, JobState.Scheduled, JobState.Running, JobState.Cancelled, JobState.Expired),
        .. From(JobState.Running, JobState.Held, JobState.Scheduled, JobState.Queued, JobState.Retrying, JobState.Cancelling, JobState.Succeeded, JobState.Failed),
        .. From(JobState.Retrying, JobState.Queued, JobState.Cancelled),
        .. From(JobState.Cancelling, JobState.Succeeded, JobState.Cancelled),
    ];

    private static IEnumerable<JobMove> From(JobState from, params IEnumerable<JobState> to) => to.Select(state => new JobMove(from, state));
}

/// <summary>One way from state to state.</summary>
public readonly record struct JobMove(JobState From, JobState To);
