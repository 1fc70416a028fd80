using System.Runtime.CompilerServices;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary><see cref="IJobs"/> over the tracker (changes, waiting) and the store (reads).</summary>
internal sealed partial class JobService(
    IActorRef tracker, IJobStore store, ITaskCatalog tasks, JobOptions options, TimeProvider time, RunningAttempts running,
    JobStatisticsBoard statistics, JobOutlook outlook, Func<bool> ended) : IJobs, IJobAdmission, IJobResults
{
    private readonly ShownJobs _shown = new(tasks);
    private const int MaxBatch = 10_000;
    private const int FeedPage = 1_000;

    public async ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Check(submission, time.GetUtcNow(), out var job) is { } refusal ? new SubmitOutcome.Refused(refusal) : _shown.Of((await StoreAsync([job!], atomic: false))[0]);
    }

    public async ValueTask<IReadOnlyList<SubmitOutcome>> SubmitManyAsync(IReadOnlyList<Submission> submissions, bool atomic, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfZero(submissions.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(submissions.Count, MaxBatch);
        ct.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var jobs = new List<NewJob>(submissions.Count);
        SubmitOutcome[]? refused = null;
        for (var i = 0; i < submissions.Count; i++)
        {
            if (Check(submissions[i], now, out var job) is { } refusal) (refused ??= new SubmitOutcome[submissions.Count])[i] = new SubmitOutcome.Refused(refusal);
            else jobs.Add(job!);
        }
        if (refused is not null && atomic)
        {
            for (var i = 0; i < refused.Length; i++) refused[i] ??= new SubmitOutcome.Refused(JobRefusals.BatchRefused);
            return refused;
        }
        if (jobs.Count == 0) return refused!;
        var outcomes = _shown.Of(await StoreAsync(jobs, atomic));
        return refused is null ? outcomes : Merge(refused, outcomes);
    }

    public async ValueTask<Job?> GetAsync(Namespace ns, JobId id, CancellationToken ct) =>
        (await store.ReadManyAsync(ns, [id], ct))[0] is { } job ? await outlook.WholeAsync(job, ct) : null;

    public async ValueTask<IReadOnlyList<Job?>> GetManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) =>
        await outlook.ManyAsync(await store.ReadManyAsync(ns, ids, ct), ct);

    public ValueTask<Job?> WaitFinishedAsync(Namespace ns, JobId id, TimeSpan patience, CancellationToken ct) => WaitAsync(ns, id, null, patience, ct);

    public ValueTask<Job?> WaitChangedAsync(Namespace ns, JobId id, long version, TimeSpan patience, CancellationToken ct) => WaitAsync(ns, id, version, patience, ct);

    public async ValueTask<WaitManyOutcome> WaitManyAsync(Namespace ns, IReadOnlyList<JobId> ids, bool all, TimeSpan patience, CancellationToken ct)
    {
        var waiters = ids.Distinct().Select(id => new JobWaiter(ns, id, null)).ToArray();
        foreach (var waiter in waiters) tracker.Tell(new TrackerCommand.Await(waiter));
        try
        {
            // Registered before the read, so a job that ends in between is seen by one of the two.
            foreach (var job in await store.ReadManyAsync(ns, ids, ct))
                if (job is { Row.State.IsFinal: true }) waiters.First(waiter => waiter.Id == job.Row.Id).TrySetResult(job);
            Task waiting = all ? Task.WhenAll(waiters.Select(waiter => waiter.Task)) : Task.WhenAny(waiters.Select(waiter => waiter.Task));
            await ExpectAsync(waiting, patience, ct);
        }
        finally
        {
            foreach (var waiter in waiters) tracker.Tell(new TrackerCommand.Leave(waiter));
        }
        var done = waiters.Where(waiter => waiter.Task is { IsCompletedSuccessfully: true, Result: not null }).ToDictionary(waiter => waiter.Id, waiter => waiter.Task.Result!);
        return new WaitManyOutcome(
            [.. ids.Where(done.ContainsKey).Distinct().Select(id => _shown.Of(done[id]))], [.. ids.Where(id => !done.ContainsKey(id)).Distinct()]);
    }

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct) => store.ReadResultAsync(ns, id, ct);

    public ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct) => store.ReadHistoryAsync(ns, id, ct);

    public async ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct)
    {
        var page = await store.ListAsync(SearchScope.Of(query, tasks), ct);
        return page with { Rows = (await outlook.ManyAsync(page.Rows, ct))! };
    }

    public ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct) => store.CountAsync(ns, ct);

    public async IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, long? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var subscription = new JobSubscription(ns, id, null);
        tracker.Tell(new TrackerCommand.Subscribe(subscription));
        try
        {
            if (await GetAsync(ns, id, ct) is not { } job) yield break;
            var seen = job.Row.HistorySeq;
            await foreach (var past in PastAsync(job, after, ct)) yield return past;
            if (job.Row.State.IsFinal)
            {
                yield return new JobEvent.Done(id, seen, job);
                yield break;
            }
            yield return new JobEvent.State(id, seen, job);
            if (job.Progress is { } progress) yield return new JobEvent.Progress(id, progress);
            await foreach (var happened in subscription.Events.ReadAllAsync(ct))
            {
                if (happened is JobEvent.State { Seq: var seq } && seq <= seen) continue;
                yield return _shown.Of(happened);
                if (happened is JobEvent.Done) yield break;
            }
        }
        finally
        {
            tracker.Tell(new TrackerCommand.Unsubscribe(subscription));
        }
    }

    public async IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, long? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var subscription = new JobSubscription(query.Namespace, null, SearchScope.Of(query, tasks));
        tracker.Tell(new TrackerCommand.Subscribe(subscription));
        try
        {
            var seen = after ?? long.MaxValue;
            if (after is { } cursor)
            {
                var page = await store.ReadFeedAsync(query.Namespace, cursor, FeedPage, ct);
                if (page.Pruned || page.Items.Count == FeedPage) yield return new JobEvent.Reset();
                else
                {
                    foreach (var (row, job) in page.Items)
                        if (subscription.Wants(job, time.GetUtcNow())) yield return Event(row, _shown.Of(job));
                }
                seen = page.Last;
            }
            await foreach (var happened in subscription.Events.ReadAllAsync(ct))
            {
                if (after is not null && Seq(happened) <= seen) continue;
                yield return _shown.Of(happened);
            }
        }
        finally
        {
            tracker.Tell(new TrackerCommand.Unsubscribe(subscription));
        }
    }

    public Refusal? Check(Submission submission, out NewJob? job) => Check(submission, time.GetUtcNow(), out job);

    public async ValueTask<Refusal?> AdmitAsync(IReadOnlyList<NewJob> jobs, CancellationToken ct)
    {
        if (ended()) throw Ended();
        var reply = new TaskCompletionSource<Refusal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(new TrackerCommand.Admit(jobs, reply));
        return await reply.Task.WaitAsync(ct);
    }

    public JobStatistics Statistics(Namespace ns) => statistics.Read(ns);

    /// <summary>Not cancelled with the caller: what was handed over may become durable, and who asks again with the same id or key learns of it.</summary>
    private Task<SubmitOutcome[]> StoreAsync(IReadOnlyList<NewJob> jobs, bool atomic)
    {
        if (ended()) throw Ended();
        var reply = new TaskCompletionSource<SubmitOutcome[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(new TrackerCommand.Submit(jobs, atomic, reply));
        return reply.Task;
    }

    /// <summary>The actors are gone, and nobody would answer.</summary>
    private static StoreUnavailableException Ended() => new("The node has stopped.");

    private Refusal? Check(Submission submission, DateTimeOffset now, out NewJob? job)
    {
        job = null;
        if (!tasks.TryGet(submission.Task, out var task) || (task.Internal && !submission.ByNode)) return tasks.Unknown(submission.Task);
        if (SubmissionCheck.Fault(submission, task, now) is { } refusal) return refusal;
        job = SubmissionCheck.Row(submission, task, options, now);
        return null;
    }

    private static SubmitOutcome[] Merge(SubmitOutcome[] refused, SubmitOutcome[] stored)
    {
        for (int i = 0, next = 0; i < refused.Length; i++) refused[i] ??= stored[next++];
        return refused;
    }

    private async ValueTask<Job?> WaitAsync(Namespace ns, JobId id, long? version, TimeSpan patience, CancellationToken ct)
    {
        var waiter = new JobWaiter(ns, id, version);
        // A job that runs here needs no look at the store, unless it has just ceased to.
        var known = version is null && running.Holds(ns, id);
        tracker.Tell(known ? new TrackerCommand.AwaitEnd(waiter) : new TrackerCommand.Await(waiter));
        try
        {
            if (!known)
            {
                // Registered before the read, so a change in between is seen by one of the two.
                var job = (await store.ReadManyAsync(ns, [id], ct))[0];
                if (job is null || waiter.IsMetBy(job.Row)) return job is null ? null : await outlook.WholeAsync(job, ct);
            }
            await ExpectAsync(waiter.Task, patience, ct);
            if (!waiter.Task.IsCompletedSuccessfully) return await GetAsync(ns, id, ct);
            if (await waiter.Task is { } met) return await outlook.WholeAsync(met, ct);
        }
        finally
        {
            if (!waiter.Task.IsCompleted) tracker.Tell(new TrackerCommand.Leave(waiter));
        }
        return await WaitAsync(ns, id, version, patience, ct);
    }

    /// <summary>Waits for <paramref name="task"/> or until the patience is over; both are ordinary ends.</summary>
    private async Task ExpectAsync(Task task, TimeSpan patience, CancellationToken ct)
    {
        if (task.IsCompleted || patience <= TimeSpan.Zero) return;
        await task.WaitAsync(patience, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    private async IAsyncEnumerable<JobEvent> PastAsync(Job job, long? after, [EnumeratorCancellation] CancellationToken ct)
    {
        if (after is not { } cursor || cursor >= job.Row.HistorySeq) yield break;
        if (await store.ReadHistoryAsync(job.Row.Namespace, job.Row.Id, ct) is not { } history) yield break;
        if (history.Pruned && (history.Rows.Count == 0 || history.Rows[0].Seq > cursor)) yield return new JobEvent.Reset();
        foreach (var row in history.Rows)
            if (row.Seq > cursor && row.Seq < job.Row.HistorySeq) yield return Event(row, job);
    }

    /// <summary>A past change as an event: the job as it is now, with the state it had then.</summary>
    private static JobEvent Event(HistoryRow row, Job job)
    {
        var then = job with { Row = job.Row with { State = row.To, Version = row.Version, Attempt = row.Attempt } };
        return row.To.IsFinal ? new JobEvent.Done(job.Row.Id, row.Seq, then) : new JobEvent.State(job.Row.Id, row.Seq, then);
    }

    private static long Seq(JobEvent happened) => happened switch
    {
        JobEvent.State state => state.Seq,
        JobEvent.Done done => done.Seq,
        _ => long.MaxValue,
    };
}
