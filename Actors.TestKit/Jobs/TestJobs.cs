using System.Runtime.CompilerServices;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;

namespace ActorPerf.TestKit;

/// <summary><see cref="IJobs"/> for tests of code that submits jobs, and of tasks: a node's own rules over its store in memory, on the caller's thread
/// and a clock that stands still. No actors, no pools, no cache: a memoised task is computed each time.</summary>
/// <remarks>Nobody else works here, so a wait returns at once with the job as it is. Positions and estimates stay empty, statistics are zero.</remarks>
public abstract partial class TestJobs : IJobs
{
    private const int SweepBatch = 1_000;
    private const int FeedPage = 10_000;
    private const int MaxBatch = 10_000;

    private readonly ITaskCatalog _tasks;
    private readonly TestJobOptions _options;
    private readonly MemoryJobStore _store;
    private readonly ShownJobs _shown;
    private readonly List<JobSubscription> _subscriptions = [];

    private protected TestJobs(ITaskCatalog tasks, TestJobOptions? options)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        _options = options ?? new TestJobOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxRuns, 1, nameof(options));
        Time = _options.Time ?? new ManualTime();
        _tasks = tasks;
        _shown = new ShownJobs(tasks);
        _random = new Random(_options.Seed);
        _store = new MemoryJobStore(Time, new Random(_options.Seed + 1));
        _children = new ChildSubmissions(tasks, _options.Jobs);
    }

    /// <summary>The clock of jobs and attempts. Where jobs are to become due, move it with <see cref="AdvanceAsync"/>.</summary>
    public ManualTime Time { get; }

    public async ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct) => (await SubmitManyAsync([submission], atomic: false, ct))[0];

    public async ValueTask<IReadOnlyList<SubmitOutcome>> SubmitManyAsync(IReadOnlyList<Submission> submissions, bool atomic, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(submissions);
        ArgumentOutOfRangeException.ThrowIfZero(submissions.Count, nameof(submissions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(submissions.Count, MaxBatch, nameof(submissions));
        ct.ThrowIfCancellationRequested();
        var outcomes = Store(submissions, atomic);
        await ReadyAsync(ct);
        for (var i = 0; i < outcomes.Length; i++)
            if (outcomes[i] is SubmitOutcome.Accepted { Job.Row: var row } && await GetAsync(row.Namespace, row.Id, ct) is { } now) outcomes[i] = new SubmitOutcome.Accepted(now);
        return _shown.Of(outcomes);
    }

    public async ValueTask<Job?> GetAsync(Namespace ns, JobId id, CancellationToken ct) => (await GetManyAsync(ns, [id], ct))[0];

    public async ValueTask<IReadOnlyList<Job?>> GetManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) =>
        [.. (await _store.ReadManyAsync(ns, ids, ct)).Select(job => job is null ? null : _shown.Of(job with { Checkpoint = null, Children = [] }))];

    public ValueTask<Job?> WaitFinishedAsync(Namespace ns, JobId id, TimeSpan patience, CancellationToken ct) => GetAsync(ns, id, ct);

    public ValueTask<Job?> WaitChangedAsync(Namespace ns, JobId id, long version, TimeSpan patience, CancellationToken ct) => GetAsync(ns, id, ct);

    public async ValueTask<WaitManyOutcome> WaitManyAsync(Namespace ns, IReadOnlyList<JobId> ids, bool all, TimeSpan patience, CancellationToken ct)
    {
        JobId[] distinct = [.. ids.Distinct()];
        var jobs = await GetManyAsync(ns, distinct, ct);
        Job[] known = [.. jobs.OfType<Job>()];
        return new WaitManyOutcome([.. known.Where(static job => job.Row.State.IsFinal)], [.. known.Where(static job => !job.Row.State.IsFinal).Select(static job => job.Row.Id)])
        {
            Unknown = [.. distinct.Where((_, i) => jobs[i] is null)],
        };
    }

    public ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct) => _store.ReadHistoryAsync(ns, id, ct);

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct) => _store.ListAsync(query, ct);

    public ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct) => _store.CountAsync(ns, ct);

    public JobStatistics Statistics(Namespace ns) => new JobStatisticsBoard(Time).Read(ns);

    public ValueTask<JobOutcome?> CancelAsync(Namespace ns, JobId id, CancellationToken ct) => new(Ask(ns, id, new JobCommand.Cancel()));

    public async ValueTask<JobOutcome?> RunNowAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        var outcome = Ask(ns, id, new JobCommand.RunNow());
        if (outcome is not JobOutcome.Done) return outcome;
        await ReadyAsync(ct);
        return await GetAsync(ns, id, ct) is { } job ? new JobOutcome.Done(job) : null;
    }

    public async ValueTask<JobOutcome?> EditAsync(Namespace ns, JobId id, JobCommand.Edit edit, CancellationToken ct) =>
        SubmissionCheck.Fault(edit, Time.GetUtcNow()) is { } fault
            ? await GetAsync(ns, id, ct) is null ? null : new JobOutcome.Refused(fault)
            : Ask(ns, id, edit);

    public ValueTask<JobOutcome?> DeleteAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        var write = Post(new JobWrite.Delete(ns, id));
        return new(write.Deleted is { } deleted ? new JobOutcome.Done(_shown.Of(deleted)) : write.Refusal is { } refusal ? new JobOutcome.Refused(refusal) : null);
    }

    public async ValueTask<SubmitOutcome?> RerunAsync(Namespace ns, JobId id, Rerun rerun, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rerun);
        if ((await _store.ReadManyAsync(ns, [id], ct))[0] is not { } old) return null;
        return old.Row.State.IsFinal ? await SubmitAsync(rerun.Of(old), ct) : new SubmitOutcome.Refused(JobActions.Conflict(old.Row, "be run again"));
    }

    public async IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var subscription = Subscribe(new JobSubscription(ns, id, null));
        try
        {
            if (await GetAsync(ns, id, ct) is not { } job) yield break;
            if (after is { } cursor)
            {
                var past = await FeedEvents.LoadAsync(_store, _store.ReadFeed(cursor, null, FeedPage).Rows, subscription.MayWant, ct);
                foreach (var told in past)
                    if (FeedEvents.PlaceOf(told.Event)?.Seq < job.Row.HistorySeq) yield return _shown.Of(told.Event);
            }
            var first = Told(job, job.Row.HistorySeq);
            yield return first;
            if (first is JobEvent.Done) yield break;
            await foreach (var happened in subscription.Events.ReadAllAsync(ct))
            {
                if (happened is JobEvent.State { Place.Seq: var seq } && seq <= job.Row.HistorySeq) continue;
                yield return _shown.Of(happened);
                if (happened is JobEvent.Done) yield break;
            }
        }
        finally
        {
            Unsubscribe(subscription);
        }
    }

    public async IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(query);
        var subscription = Subscribe(new JobSubscription(query.Namespace, null, query));
        try
        {
            var seen = FeedPlace.Start;
            if (after is { } cursor)
            {
                var slice = _store.ReadFeed(cursor, null, FeedPage);
                foreach (var told in await FeedEvents.LoadAsync(_store, slice.Rows, subscription.MayWant, ct))
                    if (subscription.Wants(told.Job, Time.GetUtcNow())) yield return _shown.Of(told.Event);
                seen = slice.Horizon;
            }
            await foreach (var happened in subscription.Events.ReadAllAsync(ct))
                if (!(FeedEvents.PlaceOf(happened) <= seen)) yield return _shown.Of(happened);
        }
        finally
        {
            Unsubscribe(subscription);
        }
    }

    /// <summary>Jobs may have become ready to run.</summary>
    private protected abstract Task ReadyAsync(CancellationToken ct);

    private SubmitOutcome[] Store(IReadOnlyList<Submission> submissions, bool atomic)
    {
        var now = Time.GetUtcNow();
        var outcomes = new SubmitOutcome[submissions.Count];
        var jobs = new List<NewJob>(outcomes.Length);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var submission = submissions[i];
            if (!_tasks.TryGet(submission.Task, out var task)) outcomes[i] = new SubmitOutcome.Refused(_tasks.Unknown(submission.Task));
            else if (SubmissionCheck.Fault(submission, task, now) is { } fault) outcomes[i] = new SubmitOutcome.Refused(fault);
            else jobs.Add(SubmissionCheck.Row(submission, task, _options.Jobs, now));
        }
        if (atomic && jobs.Count < outcomes.Length) jobs.Clear();
        else if (jobs.Count > 0)
        {
            var write = Post(new JobWrite.Submit(jobs, atomic));
            for (int i = 0, next = 0; i < outcomes.Length; i++) outcomes[i] ??= write.Outcomes[next++];
        }
        for (var i = 0; i < outcomes.Length; i++) outcomes[i] ??= new SubmitOutcome.Refused(JobRefusals.BatchRefused);
        return outcomes;
    }

    private JobOutcome? Ask(Namespace ns, JobId id, JobCommand command)
    {
        var write = Post(new JobWrite.Change(ns, id, command));
        if (write.Now is not { } now) return null;
        if (now.Row.State == JobState.Cancelling) Stop(now);
        return write.Decision is JobDecision.Refused refused ? new JobOutcome.Refused(refused.Refusal) : new JobOutcome.Done(_shown.Of(now with { Checkpoint = null, Children = [] }));
    }

    /// <summary>Applies a write and tells watchers.</summary>
    private T Post<T>(T write) where T : JobWrite
    {
        _store.TryPost(write);
        foreach (var job in Moved(write).Concat(write.Followed.Select(static followed => followed.Job))) Publish(job, Told(job, job.Row.HistorySeq));
        return write;
    }

    private static IEnumerable<Job> Moved(JobWrite write) => write switch
    {
        JobWrite.Submit submit => submit.Outcomes.OfType<SubmitOutcome.Accepted>().Select(static accepted => accepted.Job),
        JobWrite.Claim claim => claim.Expired.Concat(claim.Taken),
        JobWrite.Change { Decision: JobDecision.Moved, Now: { } now } => [now],
        JobWrite.Sweep sweep => sweep.Moved,
        _ => [],
    };

    private static JobEvent Told(Job job, long seq) => job.Row.State.IsFinal
        ? new JobEvent.Done(job.Row.Id, FeedPlace.Of(seq), job)
        : new JobEvent.State(job.Row.Id, FeedPlace.Of(seq), job);

    private void Publish(Job job, JobEvent happened)
    {
        lock (_subscriptions)
        {
            foreach (var subscription in _subscriptions)
                if (subscription.Wants(job, Time.GetUtcNow())) subscription.Tell(happened);
        }
    }

    private JobSubscription Subscribe(JobSubscription subscription)
    {
        lock (_subscriptions) _subscriptions.Add(subscription);
        return subscription;
    }

    private void Unsubscribe(JobSubscription subscription)
    {
        lock (_subscriptions) _subscriptions.Remove(subscription);
    }
}
