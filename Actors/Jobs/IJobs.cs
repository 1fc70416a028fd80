using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs;

/// <summary>The front door to durable jobs. Another namespace's job is absent, not an error.</summary>
/// <remarks>Expected refusals are answers; exceptions mean that the store is away (<see cref="StoreUnavailableException"/>,
/// <see cref="StoreFullException"/>) or that the caller cancelled.</remarks>
public interface IJobs
{
    /// <summary>Checks a submission and makes it durable. Returns only after the commit.</summary>
    ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct);

    /// <summary>Submits many at once.</summary>
    /// <param name="submissions">1 to 10,000 of one namespace.</param>
    /// <param name="atomic">All or none: when one is refused, each of the others is refused as <c>batch-refused</c> and nothing is stored.</param>
    /// <returns>One outcome per submission, in their order.</returns>
    ValueTask<IReadOnlyList<SubmitOutcome>> SubmitManyAsync(IReadOnlyList<Submission> submissions, bool atomic, CancellationToken ct);

    /// <summary>The job as it is now; null where there is none.</summary>
    ValueTask<Job?> GetAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Many at once; one item per id, in the order asked, null where there is none.</summary>
    /// <param name="ids">1 to 10,000.</param>
    ValueTask<IReadOnlyList<Job?>> GetManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct);

    /// <summary>Waits until the job is final or <paramref name="patience"/> is over, and returns it as it is then; null where there is none.</summary>
    ValueTask<Job?> WaitFinishedAsync(Namespace ns, JobId id, TimeSpan patience, CancellationToken ct);

    /// <summary>Waits until the job's version differs from <paramref name="version"/> or <paramref name="patience"/> is over.</summary>
    ValueTask<Job?> WaitChangedAsync(Namespace ns, JobId id, long version, TimeSpan patience, CancellationToken ct);

    /// <summary>Waits until any (or all) of the jobs are final, or <paramref name="patience"/> is over. Ids without a job are told as such, and not waited for.</summary>
    /// <param name="ids">1 to 10,000.</param>
    ValueTask<WaitManyOutcome> WaitManyAsync(Namespace ns, IReadOnlyList<JobId> ids, bool all, TimeSpan patience, CancellationToken ct);

    /// <summary>Null where there is no such job.</summary>
    ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Asks a job to stop: waiting jobs are cancelled at once, running ones become <c>cancelling</c>. Repeats are harmless; null where there is none.</summary>
    ValueTask<JobOutcome?> CancelAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Starts a job now that waits for a time: scheduled and retrying ones are queued. Harmless for one that is queued or runs; null where there is none.</summary>
    ValueTask<JobOutcome?> RunNowAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Changes a job while it waits. Refused as <c>state-conflict</c> once it runs or is final, as <c>precondition-failed</c> at another version,
    /// as <c>invalid-request</c> with a pointer for each member that cannot be so; null where there is none.</summary>
    ValueTask<JobOutcome?> EditAsync(Namespace ns, JobId id, JobCommand.Edit edit, CancellationToken ct);

    /// <summary>Deletes a final job with its arguments, result and attempts; the answer is the job as it was. Null where there is none.</summary>
    ValueTask<JobOutcome?> DeleteAsync(Namespace ns, JobId id, CancellationToken ct);

    /// <summary>Runs a final job again, as a new job whose <see cref="JobRow.RerunOf"/> names the old one; null where there is no old one.</summary>
    ValueTask<SubmitOutcome?> RerunAsync(Namespace ns, JobId id, Rerun rerun, CancellationToken ct);

    ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct);

    /// <summary>Counts by queue, task and state; read from kept counters, never by counting rows.</summary>
    ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct);

    /// <summary>Follows one job: its state first, then every change, progress and log line; ends after <see cref="JobEvent.Done"/>.
    /// Null <paramref name="after"/> starts now; else resumes behind that cursor, or begins with <see cref="JobEvent.Reset"/>.</summary>
    IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, FeedPlace? after, CancellationToken ct);

    /// <summary>Follows all jobs of a namespace that match; ends only with <paramref name="ct"/>. A slow reader gets <see cref="JobEvent.Reset"/>.</summary>
    IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, FeedPlace? after, CancellationToken ct);

    /// <summary>What the last 15 minutes were like on this node, for the namespace.</summary>
    JobStatistics Statistics(Namespace ns);
}

/// <param name="Done">Final jobs, in the order they were asked for.</param>
public sealed record WaitManyOutcome(IReadOnlyList<Job> Done, IReadOnlyList<JobId> Pending)
{
    /// <summary>Ids without a job.</summary>
    public IReadOnlyList<JobId> Unknown { get; init; } = [];
}

/// <summary>Rates and times of this node's jobs over the last 15 minutes, in <see cref="TimeSlots"/>, oldest first.</summary>
/// <param name="Until">When they were read: the last slot is under way.</param>
/// <param name="Submitted">Jobs submitted per slot.</param>
/// <param name="Succeeded">Jobs that succeeded per slot.</param>
/// <param name="Failed">Attempts and jobs that failed per slot.</param>
/// <param name="RunP95">95th percentile of run time per slot, in seconds; 0 where nothing ran.</param>
public sealed record JobStatistics(
    DateTimeOffset Until, IReadOnlyList<double> Submitted, IReadOnlyList<double> Succeeded, IReadOnlyList<double> Failed, IReadOnlyList<double> RunP95)
{
    /// <summary>Jobs finished per second over the last five to ten seconds.</summary>
    public double FinishedPerSecond { get; init; }

    /// <summary>What came into and went out of each queue, by name; queues without either are absent.</summary>
    public IReadOnlyDictionary<string, QueueFlow> Queues { get; init; } = new Dictionary<string, QueueFlow>();

    internal static JobStatistics Nothing(DateTimeOffset now)
    {
        var flat = new double[TimeSlots.Count];
        return new JobStatistics(now, flat, flat, flat, flat);
    }

    /// <summary>The same seen later, when nothing was counted meanwhile; with the rates of that moment.</summary>
    internal JobStatistics At(DateTimeOffset now)
    {
        var passed = (int)Math.Clamp(TimeSlots.Of(now) - TimeSlots.Of(Until), 0, TimeSlots.Count);
        var (succeeded, failed) = (Later(Succeeded, passed), Later(Failed, passed));
        return new JobStatistics(now, Later(Submitted, passed), succeeded, failed, Later(RunP95, passed))
        {
            FinishedPerSecond = Rate(succeeded, now) + Rate(failed, now),
            Queues = Queues.ToDictionary(queue => queue.Key, queue => queue.Value.At(passed, now), StringComparer.Ordinal),
        };
    }

    internal static IReadOnlyList<double> Later(IReadOnlyList<double> points, int passed) =>
        passed == 0 ? points : [.. points.Skip(passed), .. new double[Math.Min(passed, points.Count)]];

    /// <summary>Per second. The slot under way is not full yet: it counts together with the one before, over their common time.</summary>
    internal static double Rate(IReadOnlyList<double> points, DateTimeOffset now) => (points[^1] + points[^2]) / (TimeSlots.Seconds + TimeSlots.Elapsed(now));
}

/// <summary>A queue's traffic through this node.</summary>
/// <param name="In">Jobs submitted per slot, oldest first.</param>
/// <param name="Out">Jobs that ended per slot.</param>
/// <param name="InPerSecond">Over the last five to ten seconds.</param>
public sealed record QueueFlow(IReadOnlyList<double> In, IReadOnlyList<double> Out, double InPerSecond, double OutPerSecond)
{
    internal QueueFlow At(int passed, DateTimeOffset now)
    {
        var (came, went) = (JobStatistics.Later(In, passed), JobStatistics.Later(Out, passed));
        return new QueueFlow(came, went, JobStatistics.Rate(came, now), JobStatistics.Rate(went, now));
    }
}
