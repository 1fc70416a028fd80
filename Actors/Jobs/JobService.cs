using System.Diagnostics;
using System.Runtime.CompilerServices;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs;

/// <summary><see cref="IJobs"/> over the tracker (changes, waiting) and the store (reads).</summary>
internal sealed partial class JobService(
    IActorRef tracker, IJobStore store, IFeedStore feed, ITaskCatalog tasks, JobOptions options, TimeProvider time, RunningAttempts running,
    JobStatisticsBoard statistics, JobOutlook outlook, Func<bool> ended, string? sharedAs = null) : IJobs, IJobAdmission, IJobResults
{
    private readonly ShownJobs _shown = new(tasks);
    private const int MaxBatch = 10_000;
    private const int FeedPage = 1_000;
    private const int MaxPages = 10;

    public async ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Check(submission, time.GetUtcNow(), out var job) is { } refusal ? new SubmitOutcome.Refused(refusal) : _shown.Of((await StoreAsync([job!], atomic: false, SpanOf(submission.Task, 1)))[0]);
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
        var outcomes = _shown.Of(await StoreAsync(jobs, atomic, SpanOf(jobs[0].Row.Task, jobs.Count)));
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
        JobId[] distinct = [.. ids.Distinct()];
        var waiters = Array.ConvertAll(distinct, id => new JobWaiter(ns, id, null));
        var unknown = new HashSet<JobId>();
        // Who only looks asks nothing of the tracker.
        var waits = patience > TimeSpan.Zero;
        foreach (var waiter in waits ? waiters : []) tracker.Tell(new TrackerCommand.Await(waiter));
        try
        {
            // Registered before the read, so a job that ends in between is seen by one of the two.
            var jobs = await store.ReadManyAsync(ns, distinct, ct);
            for (var i = 0; i < distinct.Length; i++)
            {
                if (jobs[i] is not { } job) unknown.Add(distinct[i]);
                else if (job.Row.State.IsFinal) waiters[i].TrySetResult(job);
            }
            Task[] awaited = [.. waiters.Where(waiter => !unknown.Contains(waiter.Id)).Select(waiter => waiter.Task)];
            if (awaited.Length > 0) await ExpectAsync(all ? Task.WhenAll(awaited) : Task.WhenAny(awaited), patience, ct);
        }
        finally
        {
            foreach (var waiter in waits ? waiters : []) tracker.Tell(new TrackerCommand.Leave(waiter));
        }
        var done = waiters.Where(waiter => waiter.Task is { IsCompletedSuccessfully: true, Result: not null }).ToDictionary(waiter => waiter.Id, waiter => waiter.Task.Result!);
        JobId[] told = [.. done.Values.Where(LacksParents).Select(job => job.Row.Id)];
        foreach (var stored in told.Length == 0 ? [] : await store.ReadManyAsync(ns, told, ct))
            if (stored is not null) done[stored.Row.Id] = done[stored.Row.Id] with { DependsOn = stored.DependsOn };
        Job[] ended = [.. distinct.Where(done.ContainsKey).Select(id => _shown.Of(done[id]))];
        return new WaitManyOutcome(ended, [.. distinct.Where(id => !done.ContainsKey(id) && !unknown.Contains(id))]) { Unknown = [.. distinct.Where(unknown.Contains)] };
    }

    public ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct) => store.ReadResultAsync(ns, id, ct);

    public async ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        var history = await store.ReadHistoryAsync(ns, id, ct);
        return history is null || running.Find(ns, id) is not { Context.LineCount: > 0 } attempt ? history : history with { Attempts = WithLines(history.Attempts, attempt) };
    }

    public async ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct)
    {
        var page = await store.ListAsync(SearchScope.Of(query, tasks), ct);
        return page with { Rows = (await outlook.ManyAsync(page.Rows, ct))! };
    }

    public ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct) => store.CountAsync(ns, ct);

    public async IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var subscription = new JobSubscription(ns, id, null);
        tracker.Tell(new TrackerCommand.Subscribe(subscription));
        try
        {
            await subscription.Begun.WaitAsync(ct);
            if (await GetAsync(ns, id, ct) is not { } job) yield break;
            var elsewhere = sharedAs is null ? null : new LinesElsewhere(store, sharedAs, ns, id);
            if (elsewhere is not null) await elsewhere.BeginAsync(job.Row, ct);
            // Of one job: its rows' own numbers are in order.
            var seen = job.Row.HistorySeq;
            await foreach (var past in PastAsync(job, after, ct)) yield return past;
            if (job.Row.State.IsFinal)
            {
                yield return new JobEvent.Done(id, FeedPlace.Of(seen), job);
                yield break;
            }
            yield return new JobEvent.State(id, FeedPlace.Of(seen), job);
            if (job.Progress is { } progress) yield return new JobEvent.Progress(id, progress);
            await foreach (var happened in subscription.Events.ReadAllAsync(ct))
            {
                if (happened is JobEvent.State { Place.Seq: var seq } && seq <= seen) continue;
                if (happened is JobEvent.Log log && elsewhere?.Tell(log) == false) continue;
                if (elsewhere is not null && RowOf(happened) is { } row)
                    await foreach (var line in elsewhere.RestAsync(row, ct)) yield return line;
                yield return _shown.Of(happened switch
                {
                    JobEvent.State state => state with { Now = await WithParentsAsync(state.Now, ct) },
                    JobEvent.Done done => done with { Now = await WithParentsAsync(done.Now, ct) },
                    _ => happened,
                });
                if (happened is JobEvent.Done) yield break;
                if (happened is not JobEvent.Reset) continue;
                // What was left out may have been its end.
                if (await GetAsync(ns, id, ct) is not { } now) yield break;
                seen = now.Row.HistorySeq;
                yield return now.Row.State.IsFinal ? new JobEvent.Done(id, FeedPlace.Of(seen), now) : new JobEvent.State(id, FeedPlace.Of(seen), now);
                if (now.Row.State.IsFinal) yield break;
            }
        }
        finally
        {
            tracker.Tell(new TrackerCommand.Unsubscribe(subscription));
        }
    }

    public async IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var subscription = new JobSubscription(query.Namespace, null, SearchScope.Of(query, tasks));
        tracker.Tell(new TrackerCommand.Subscribe(subscription));
        try
        {
            await subscription.Begun.WaitAsync(ct);
            var seen = after;
            if (after is { } cursor)
            {
                var (past, end) = await PastAsync(subscription, cursor, ct);
                if (past is null) yield return new JobEvent.Reset();
                foreach (var told in past ?? [])
                    if (subscription.Wants(told.Job, time.GetUtcNow())) yield return _shown.Of(told.Event);
                seen = end;
            }
            await foreach (var happened in subscription.Events.ReadAllAsync(ct))
            {
                if (FeedEvents.PlaceOf(happened) <= seen) continue;
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
    /// <param name="span">Of the submit, ended here; null where nobody traces it.</param>
    private Task<SubmitOutcome[]> StoreAsync(IReadOnlyList<NewJob> jobs, bool atomic, Activity? span)
    {
        if (ended()) throw Ended();
        var reply = new TaskCompletionSource<SubmitOutcome[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(new TrackerCommand.Submit(jobs, atomic, reply));
        if (span is not null) return TracedAsync();
        return atomic ? NamedAsync() : reply.Task;

        async Task<SubmitOutcome[]> TracedAsync()
        {
            var outcomes = await (atomic ? NamedAsync() : reply.Task);
            Spans.End(span);
            return outcomes;
        }

        async Task<SubmitOutcome[]> NamedAsync() => BatchConflicts.Named(jobs, await reply.Task, item => $"item {item}");
    }

    private static Activity? SpanOf(string task, int jobs)
    {
        var span = Spans.Begin(CallKind.Submit, task);
        span?.SetTag(SpanTags.Jobs, jobs);
        return span;
    }

    /// <summary>The actors are gone, and nobody would answer.</summary>
    private static StoreUnavailableException Ended() => new("The node has stopped.");

    private Refusal? Check(Submission submission, DateTimeOffset now, out NewJob? job)
    {
        job = null;
        if (!tasks.TryGet(submission.Task, out var task) || (task.Internal && !submission.ByNode)) return tasks.Unknown(submission.Task);
        if (SubmissionCheck.Fault(submission, task, now) is { } refusal) return refusal;
        if (submission.TraceParent is null && Spans.IsTraced) submission = submission with { TraceParent = Spans.TraceParent() };
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
            if (await waiter.Task is { } met) return await outlook.WholeAsync(await WithParentsAsync(met, ct), ct);
        }
        finally
        {
            if (!waiter.Task.IsCompleted) tracker.Tell(new TrackerCommand.Leave(waiter));
        }
        return await WaitAsync(ns, id, version, patience, ct);
    }

    /// <summary>What the tracker tells of is the row: what the job waited for stands beside it.</summary>
    private async ValueTask<Job> WithParentsAsync(Job job, CancellationToken ct) =>
        LacksParents(job) && (await store.ReadManyAsync(job.Row.Namespace, [job.Row.Id], ct))[0] is { } stored ? job with { DependsOn = stored.DependsOn } : job;

    private static bool LacksParents(Job job) => job.Row.Parents > 0 && job.DependsOn.Count == 0;

    /// <summary>Waits for <paramref name="task"/> or until the patience is over; both are ordinary ends.</summary>
    private async Task ExpectAsync(Task task, TimeSpan patience, CancellationToken ct)
    {
        if (task.IsCompleted || patience <= TimeSpan.Zero) return;
        await task.WaitAsync(patience, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>What happened behind a place, and up to where that is all; null where it is too much, or no longer kept.</summary>
    private async Task<(IReadOnlyList<ToldJob>? Past, FeedPlace End)> PastAsync(JobSubscription subscription, FeedPlace after, CancellationToken ct)
    {
        var past = new List<ToldJob>();
        var end = after;
        for (var page = 0; page < MaxPages; page++)
        {
            var slice = await feed.ReadAsync(end, except: null, FeedPage, ct);
            if (slice.Pruned && after > FeedPlace.Start) return (null, slice.Horizon);
            past.AddRange(await FeedEvents.LoadAsync(store, slice.Rows.Where(row => row.Place <= slice.Horizon), subscription.MayWant, ct));
            if (past.Count > FeedPage) break;
            if (slice.Complete > end) end = slice.Complete;
            if (!slice.More || end == slice.Horizon) return (past, end);
        }
        return (null, await feed.EndAsync(ct));
    }

    private static JobRow? RowOf(JobEvent happened) => happened switch
    {
        JobEvent.State state => state.Now.Row,
        JobEvent.Done done => done.Now.Row,
        _ => null,
    };

    /// <summary>The lines of a run here are at hand before they are stored.</summary>
    private static IReadOnlyList<AttemptRecord> WithLines(IReadOnlyList<AttemptRecord> stored, RunningAttempt attempt)
    {
        var (number, lines) = (attempt.Run.Attempt, attempt.Context.Lines);
        if (stored.Any(record => record.Attempt == number && record.Lines.Count >= lines.Count)) return stored;
        return [.. stored.Where(record => record.Attempt != number), new AttemptRecord(number, null, lines, attempt.Context.DroppedLines)];
    }

    private async IAsyncEnumerable<JobEvent> PastAsync(Job job, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        if (after is not { Seq: var cursor } || cursor >= job.Row.HistorySeq) yield break;
        if (await store.ReadHistoryAsync(job.Row.Namespace, job.Row.Id, ct) is not { } history) yield break;
        if (history.Pruned && (history.Rows.Count == 0 || history.Rows[0].Seq > cursor)) yield return new JobEvent.Reset();
        foreach (var row in history.Rows)
            if (row.Seq > cursor && row.Seq < job.Row.HistorySeq) yield return FeedEvents.Of(FeedPlace.Of(row.Seq), row.To, row.Version, row.Attempt, job).Event;
    }
}
