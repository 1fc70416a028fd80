using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What can happen to a job's row after its submission. Closed: the cases are the nested records.</summary>
public abstract record JobCommand
{
    private JobCommand()
    {
    }

    /// <summary>A node takes the job to run it.</summary>
    public sealed record Claim(Incarnation Owner, Guid Lease, string Node) : JobCommand;

    /// <summary>The run has a result.</summary>
    public sealed record Finish(Run Run, bool Cached) : JobCommand;

    /// <summary>The run failed.</summary>
    /// <param name="Jitter">0 to 1, drawn by the caller: where between half and all of the back-off the next attempt starts.</param>
    public sealed record Fail(Run Run, TaskError Error, double Jitter) : JobCommand
    {
        /// <summary>Takes the place of the job's own, for this kind of error; null: the job's own.</summary>
        public BackoffPolicy? Backoff { get; init; }
    }

    /// <summary>The run ended to be run again later; it costs no attempt.</summary>
    public sealed record Snooze(Run Run, TimeSpan Delay) : JobCommand;

    /// <summary>The run ended to wait for children, who are stored with it; it costs no attempt.</summary>
    public sealed record Park(Run Run) : JobCommand;

    /// <summary>The run followed its token after the job was asked to stop, or was given up 30 s later.</summary>
    public sealed record Stop(Run Run) : JobCommand;

    /// <summary>The node that drains hands the run back; it costs no attempt.</summary>
    public sealed record HandBack(Run Run) : JobCommand;

    /// <summary>The run's node is dead.</summary>
    /// <param name="Jitter">As in <see cref="Fail"/>.</param>
    public sealed record Lose(Run Run, double Jitter) : JobCommand;

    /// <summary>A client asks the job to stop.</summary>
    public sealed record Cancel : JobCommand
    {
        /// <summary>Goes into the history; null when a client asked.</summary>
        public string? Why { get; init; }
    }

    /// <summary>A client wants it started now, whatever time it waits for.</summary>
    public sealed record RunNow : JobCommand;

    /// <summary>A client changes it while it waits; what is null stays.</summary>
    public sealed record Edit(int? Priority, string? Queue, DateTimeOffset? RunAt, IReadOnlyList<string>? Tags) : JobCommand
    {
        /// <summary>Only where the job stands at one of these versions; null: at any.</summary>
        public IReadOnlyList<long>? IfVersion { get; init; }

        /// <summary>Why <see cref="Queue"/> takes no job of another queue; null where it does.</summary>
        public Refusal? Full { get; init; }
    }

    /// <summary>What it was held for has ended.</summary>
    /// <param name="To"><see cref="JobState.Queued"/> (scheduled, when its time has not come), <see cref="JobState.Cancelled"/> or <see cref="JobState.Failed"/>.</param>
    public sealed record Unhold(JobState To, string? Detail) : JobCommand
    {
        /// <summary>Why it failed; null for other ends.</summary>
        public TaskError? Error { get; init; }
    }

    /// <summary>A newer submission with its unique key takes its place.</summary>
    public sealed record Supersede(JobId By) : JobCommand;

    /// <summary>Its time has come.</summary>
    public sealed record Release : JobCommand;

    /// <summary>Its time to live is over.</summary>
    public sealed record Expire : JobCommand;
}

/// <summary>What the rules say to a command.</summary>
public abstract record JobDecision
{
    private JobDecision()
    {
    }

    /// <summary>The row becomes <paramref name="Next"/>; <paramref name="Detail"/> goes into its history.</summary>
    public sealed record Moved(JobRow Next, string? Detail) : JobDecision;

    /// <summary>It is so already; nothing is written.</summary>
    public sealed record Unchanged(JobRow Row) : JobDecision;

    public sealed record Refused(Refusal Refusal) : JobDecision;
}
