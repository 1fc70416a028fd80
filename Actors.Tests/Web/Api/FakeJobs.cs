using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Jobs in memory, as small as the contract allows: ids, keys and namespaces count; nothing runs until a test says so.</summary>
internal sealed class FakeJobs(FakeTasks tasks) : IJobs, IJobResults
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Namespace, JobId), Job> _jobs = [];
    private readonly Dictionary<(Namespace, string), (Guid Digest, JobId Id)> _keys = [];
    private readonly List<(Namespace Ns, JobEvent Event)> _feed = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _seq;

    /// <summary>Thrown by the next calls; null: none.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Refuses the next submissions.</summary>
    public Refusal? Refuse { get; set; }

    /// <summary>Jobs of this task end as soon as they are submitted, with their arguments as result.</summary>
    public string? Instant { get; set; }

    /// <summary>Submissions wait here before they are stored; null: they do not.</summary>
    public Task? Hold { get; set; }

    /// <summary>How results are kept; null: as they are, and JSON.</summary>
    public Func<StoredResult, StoredResult>? Kept { get; set; }

    public async ValueTask<StoredResult?> ReadResultAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        if (await GetAsync(ns, id, ct) is not { } job) return null;
        var stored = new StoredResult(job.Row, job.Result, ResultCoding.None, null);
        return Kept is null || job.Result is null ? stored : Kept(stored);
    }

    public ConcurrentQueue<Submission> Seen { get; } = new();

    public int Groups { get; private set; }

    public async ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct) =>
        (await SubmitManyAsync([submission], false, ct))[0];

    public async ValueTask<IReadOnlyList<SubmitOutcome>> SubmitManyAsync(IReadOnlyList<Submission> submissions, bool atomic, CancellationToken ct)
    {
        if (Fault is { } fault) throw fault;
        if (Hold is { } hold) await hold.WaitAsync(ct);
        lock (_gate)
        {
            Groups++;
            var refusals = submissions.Select(Check).ToArray();
            if (atomic && refusals.Any(static refusal => refusal is not null))
                return [.. refusals.Select(static refusal => new SubmitOutcome.Refused(refusal ?? new Refusal("batch-refused", "Another one was refused.")))];
            return [.. submissions.Zip(refusals, (submission, refusal) => refusal is null ? Store(submission) : new SubmitOutcome.Refused(refusal))];
        }
    }

    private Refusal? Check(Submission submission)
    {
        Seen.Enqueue(submission);
        if (Refuse is { } refuse) return refuse;
        return tasks.TryGet(submission.Task, out var task) ? task.Runner.Check(submission.Args) : tasks.Unknown(submission.Task);
    }

    private SubmitOutcome Store(Submission submission)
    {
        var ns = submission.Namespace;
        if (submission.IdempotencyKey is { } key)
        {
            if (_keys.TryGetValue((ns, key), out var first))
                return first.Digest == submission.Digest
                    ? new SubmitOutcome.Replayed(_jobs[(ns, first.Id)])
                    : new SubmitOutcome.Refused(new Refusal("idempotency-mismatch", $"The key '{key}' came with another body."));
        }
        var id = submission.Id ?? new JobId(Guid.CreateVersion7());
        if (_jobs.TryGetValue((ns, id), out var there))
            return there.Row.Digest == submission.Digest
                ? new SubmitOutcome.Deduplicated(there)
                : new SubmitOutcome.Refused(new Refusal("id-conflict", $"The id {id} belongs to another submission."));
        var done = submission.Task == Instant;
        var now = DateTimeOffset.UtcNow;
        var row = new JobRow
        {
            Seq = ++_seq,
            Id = id,
            Namespace = ns,
            Task = submission.Task,
            Queue = submission.Queue ?? "default",
            Priority = submission.Priority,
            State = done ? JobState.Succeeded : JobState.Queued,
            RunAt = submission.RunAt ?? now + (submission.Delay ?? TimeSpan.Zero),
            ExpiresAt = submission.ExpiresIn is { } life ? now + life : null,
            Timeout = submission.Timeout,
            MaxAttempts = submission.MaxAttempts ?? 5,
            Backoff = submission.Backoff ?? BackoffPolicy.Default,
            UniqueKey = submission.UniqueKey,
            UniquePolicy = submission.UniquePolicy,
            UniqueUntil = submission.UniqueUntil,
            LimitKey = submission.LimitKey,
            Callback = submission.Callback,
            Tags = submission.Tags,
            Meta = submission.Meta,
            Digest = submission.Digest,
            RerunOf = submission.RerunOf,
            CreatedAt = now,
            StartedAt = done ? now : null,
            FinishedAt = done ? now : null,
        };
        if (submission.IdempotencyKey is { } fresh) _keys[(ns, fresh)] = (submission.Digest, id);
        var job = new Job(row, submission.Args, done ? submission.Args : null, null);
        Put(job);
        return new SubmitOutcome.Accepted(job);
    }

    /// <summary>Waits until a job of this id is stored, in whatever namespace.</summary>
    public async Task StoredAsync(JobId id)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_jobs.Keys.Any(key => key.Item2 == id)) return;
                changed = _changed.Task;
            }
            await changed;
        }
    }

    /// <summary>Changes a job as the node would: its version rises, watchers are told.</summary>
    public Job Change(JobId id, Func<Job, Job> change)
    {
        lock (_gate)
        {
            var key = _jobs.Keys.Single(key => key.Item2 == id);
            var job = change(_jobs[key]);
            job = job with { Row = job.Row with { Version = job.Row.Version + 1 } };
            Put(job);
            return job;
        }
    }

    /// <summary>A running job reports: its version stays.</summary>
    public void Report(JobId id, ProgressReport progress)
    {
        lock (_gate)
        {
            var key = _jobs.Keys.Single(key => key.Item2 == id);
            _jobs[key] = _jobs[key] with { Progress = progress };
            Tell(key.Item1, new JobEvent.Progress(id, progress));
        }
    }

    public Job Finish(JobId id, string result) => Change(id, job => job with
    {
        Row = job.Row with { State = JobState.Succeeded, StartedAt = job.Row.CreatedAt, FinishedAt = job.Row.CreatedAt.AddSeconds(2), Attempt = 1, Node = "n1" },
        Result = System.Text.Encoding.UTF8.GetBytes(result),
    });

    private void Put(Job job)
    {
        _jobs[(job.Row.Namespace, job.Row.Id)] = job;
        var place = FeedPlace.Of(_feed.Count + 1);
        Tell(job.Row.Namespace, job.Row.State.IsFinal ? new JobEvent.Done(job.Row.Id, place, job) : new JobEvent.State(job.Row.Id, place, job));
    }

    public void Tell(Namespace ns, JobEvent occurrence)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _feed.Add((ns, occurrence));
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        changed.SetResult();
    }

    public ValueTask<Job?> GetAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        if (Fault is { } fault) throw fault;
        lock (_gate) return ValueTask.FromResult(_jobs.GetValueOrDefault((ns, id)));
    }

    public async ValueTask<IReadOnlyList<Job?>> GetManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct)
    {
        var jobs = new List<Job?>();
        foreach (var id in ids) jobs.Add(await GetAsync(ns, id, ct));
        return jobs;
    }

    public ValueTask<Job?> WaitFinishedAsync(Namespace ns, JobId id, TimeSpan patience, CancellationToken ct) =>
        WaitAsync(ns, id, static job => job.Row.State.IsFinal, patience, ct);

    public ValueTask<Job?> WaitChangedAsync(Namespace ns, JobId id, long version, TimeSpan patience, CancellationToken ct) =>
        WaitAsync(ns, id, job => job.Row.Version != version, patience, ct);

    private async ValueTask<Job?> WaitAsync(Namespace ns, JobId id, Func<Job, bool> until, TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        while (true)
        {
            Task changed;
            Job? job;
            lock (_gate) (changed, job) = (_changed.Task, _jobs.GetValueOrDefault((ns, id)));
            if (job is null || until(job)) return job;
            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return await GetAsync(ns, id, ct);
            }
        }
    }

    public async ValueTask<WaitManyOutcome> WaitManyAsync(Namespace ns, IReadOnlyList<JobId> ids, bool all, TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        while (true)
        {
            Task changed;
            lock (_gate) changed = _changed.Task;
            var jobs = await GetManyAsync(ns, ids, ct);
            var done = jobs.OfType<Job>().Where(static job => job.Row.State.IsFinal).ToList();
            var unknown = ids.Where((_, i) => jobs[i] is null).ToList();
            var outcome = new WaitManyOutcome(done, [.. ids.Except(done.Select(static job => job.Row.Id)).Except(unknown)]) { Unknown = unknown };
            if (outcome.Pending.Count == 0 || !all && done.Count > 0 || limit.IsCancellationRequested) return outcome;
            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // Patience is over: the next round answers with what there is.
            }
        }
    }

    public async ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        if (await GetAsync(ns, id, ct) is not { } job) return null;
        return new JobHistory(
            [new HistoryRow(1, 1, job.Row.CreatedAt, null, JobState.Queued, 0, null, null), new HistoryRow(2, 2, job.Row.CreatedAt, JobState.Queued, JobState.Running, 1, "n1", "claimed")],
            [new AttemptRecord(1, new TaskError("timeout", "30 s are over"), [new LogLine(job.Row.CreatedAt, LogLevel.Warning, "slow")], 2)],
            Pruned: false);
    }

    public async ValueTask<JobOutcome?> CancelAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        if (await GetAsync(ns, id, ct) is not { } job) return null;
        if (job.Row.State == JobState.Cancelled) return new JobOutcome.Done(job);
        if (job.Row.State.IsFinal) return new JobOutcome.Refused(new Refusal("state-conflict", $"Job {id} is {job.Row.State.Word} already; it can be run again."));
        return new JobOutcome.Done(Change(id, static now => now with { Row = now.Row with { State = JobState.Cancelled } }));
    }

    public ValueTask<JobOutcome?> RunNowAsync(Namespace ns, JobId id, CancellationToken ct) => new(Apply(ns, id, new JobCommand.RunNow()));

    public ValueTask<JobOutcome?> EditAsync(Namespace ns, JobId id, JobCommand.Edit edit, CancellationToken ct) => new(Apply(ns, id, edit));

    public ValueTask<JobOutcome?> DeleteAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_jobs.TryGetValue((ns, id), out var job)) return new((JobOutcome?)null);
            if (!job.Row.State.IsFinal) return new(new JobOutcome.Refused(JobActions.Conflict(job.Row, "be deleted")));
            _jobs.Remove((ns, id));
            return new(new JobOutcome.Done(job));
        }
    }

    public async ValueTask<SubmitOutcome?> RerunAsync(Namespace ns, JobId id, Rerun rerun, CancellationToken ct)
    {
        if (await GetAsync(ns, id, ct) is not { } old) return null;
        return old.Row.State.IsFinal ? await SubmitAsync(rerun.Of(old), ct) : new SubmitOutcome.Refused(JobActions.Conflict(old.Row, "be run again"));
    }

    private JobOutcome? Apply(Namespace ns, JobId id, JobCommand command)
    {
        lock (_gate)
        {
            if (!_jobs.TryGetValue((ns, id), out var job)) return null;
            switch (JobRules.Decide(job.Row, command, DateTimeOffset.UtcNow))
            {
                case JobDecision.Refused refused: return new JobOutcome.Refused(refused.Refusal);
                case JobDecision.Moved moved: Put(job = job with { Row = moved.Next }); break;
                default: break;
            }
            return new JobOutcome.Done(job);
        }
    }

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct)
    {
        lock (_gate)
        {
            var rows = _jobs.Values.Where(job => Matches(job, query)).Where(job => query.Before is not { } before || job.Row.Seq < before)
                .OrderByDescending(static job => job.Row.Seq).Take(query.Limit + 1).ToList();
            var page = rows.Take(query.Limit).ToList();
            return ValueTask.FromResult(new JobPage(page, rows.Count > query.Limit ? page[^1].Row.Seq : null));
        }
    }

    private static bool Matches(Job job, JobQuery query) => job.Row.Namespace == query.Namespace
        && query.Wanted().Matches(job.Row, job.Args, TimeProvider.System.GetUtcNow(), query.Hidden);

    public ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<JobCount>>([.. _jobs.Values.Where(job => job.Row.Namespace == ns)
                .GroupBy(static job => (job.Row.Queue, job.Row.Task, job.Row.State))
                .Select(static group => new JobCount(group.Key.Queue, group.Key.Task, group.Key.State, group.Count()))]);
    }

    public async IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var next = (int)(after?.Seq ?? 0);
        if (next > _feed.Count)
        {
            next = 0;
            yield return new JobEvent.Reset();
        }
        await foreach (var occurrence in FeedAsync(ns, next, ct))
        {
            if (occurrence.Id != id) continue;
            yield return occurrence;
            if (occurrence is JobEvent.Done) yield break;
        }
    }

    public IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, FeedPlace? after, CancellationToken ct) => FeedAsync(query.Namespace, (int)(after?.Seq ?? _feed.Count), ct);

    private async IAsyncEnumerable<JobEvent> FeedAsync(Namespace ns, int next, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            List<JobEvent> found;
            lock (_gate)
            {
                changed = _changed.Task;
                found = [.. _feed.Skip(next).Where(entry => entry.Ns == ns).Select(static entry => entry.Event)];
                next = _feed.Count;
            }
            foreach (var occurrence in found) yield return occurrence;
            if (found.Count == 0) await changed.WaitAsync(ct);
        }
    }

    public JobStatistics Statistics(Namespace ns) => new(DateTimeOffset.UtcNow, [], [], [], []);
}
