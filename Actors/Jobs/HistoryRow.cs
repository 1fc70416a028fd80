using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>One change of a job, written in the transaction that made it; never changed afterwards. docs/formats/history.md.</summary>
/// <param name="Seq">Its place in the feed of all changes; rises with commit order.</param>
/// <param name="Version">The job's version after the change.</param>
/// <param name="From">Null for the submission.</param>
/// <param name="Node">Name of the node whose run it concerns; null when no run is concerned.</param>
/// <param name="Detail">In words, such as "retry in 4 s"; null when the states say it all.</param>
public sealed record HistoryRow(
    long Seq, long Version, DateTimeOffset At, JobState? From, JobState To, int Attempt, string? Node, string? Detail);

/// <summary>One attempt of a job: what came of it, and what it said; of one that runs, what it has said so far.</summary>
/// <param name="Error">Null when it did not fail.</param>
/// <param name="Lines">At most 1,000; in order.</param>
/// <param name="Dropped">Lines beyond that.</param>
public sealed record AttemptRecord(int Attempt, TaskError? Error, IReadOnlyList<LogLine> Lines, int Dropped);

/// <summary>A job's whole story.</summary>
/// <param name="Pruned">True when older rows are no longer kept.</param>
public sealed record JobHistory(IReadOnlyList<HistoryRow> Rows, IReadOnlyList<AttemptRecord> Attempts, bool Pruned);

/// <summary>What watchers of jobs are told.</summary>
public abstract record JobEvent
{
    private JobEvent(JobId id) => Id = id;

    public JobId Id { get; }

    /// <summary>The job changed state. <paramref name="Place"/> is the cursor to resume behind it.</summary>
    public sealed record State(JobId Job, FeedPlace Place, Job Now) : JobEvent(Job);

    public sealed record Progress(JobId Job, ProgressReport Now) : JobEvent(Job);

    public sealed record Log(JobId Job, int Attempt, LogLine Line) : JobEvent(Job)
    {
        /// <summary>Of a line of a run on another node: its number in the run's log, from 1; else 0.</summary>
        internal int Number { get; init; }
    }

    /// <summary>Final, and told last.</summary>
    public sealed record Done(JobId Job, FeedPlace Place, Job Now) : JobEvent(Job);

    /// <summary>Events between the given cursor and now are no longer kept; what follows starts afresh.</summary>
    public sealed record Reset() : JobEvent(default(JobId));
}
