using System.Runtime.CompilerServices;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>Jobs in a list: what the console reads and asks for, without a store.</summary>
internal sealed class FakeJobs : IJobs, IQueues
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public List<Job> All { get; } = [];
    public List<Submission> Submissions { get; } = [];
    public List<JobId> Cancelled { get; } = [];
    public Dictionary<JobId, JobHistory> Histories { get; } = [];
    public List<QueueView> Queues { get; } = [];
    public Func<Submission, Refusal?> Refuse { get; set; } = _ => null;

    /// <summary>Thrown by every read; null: none.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Reads of lists so far.</summary>
    public int Lists;

    public JobStatistics Stats { get; set; } = new(Noon, new double[180], new double[180], new double[180], new double[180]);

    /// <summary>What was asked of queues.</summary>
    public List<(string Queue, QueueChange? Change)> Changes { get; } = [];

    public List<LimitView> Limits { get; } = [];

    public ValueTask<SubmitOutcome> SubmitAsync(Submission submission, CancellationToken ct)
    {
        if (Refuse(submission) is { } refusal) return ValueTask.FromResult<SubmitOutcome>(new SubmitOutcome.Refused(refusal));
        Submissions.Add(submission);
        var job = Sample.Job(submission.Task, JobState.Queued, seq: All.Count + 1) with { Args = submission.Args };
        All.Add(job);
        return ValueTask.FromResult<SubmitOutcome>(new SubmitOutcome.Accepted(job));
    }

    public async ValueTask<IReadOnlyList<SubmitOutcome>> SubmitManyAsync(IReadOnlyList<Submission> submissions, bool atomic, CancellationToken ct)
    {
        var outcomes = new List<SubmitOutcome>();
        foreach (var submission in submissions) outcomes.Add(await SubmitAsync(submission, ct));
        return outcomes;
    }

    public ValueTask<Job?> GetAsync(Namespace ns, JobId id, CancellationToken ct) => Read(All.FirstOrDefault(job => job.Row.Id == id && job.Row.Namespace == ns));

    public ValueTask<IReadOnlyList<Job?>> GetManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) =>
        Read<IReadOnlyList<Job?>>([.. ids.Select(id => All.FirstOrDefault(job => job.Row.Id == id))]);

    public ValueTask<Job?> WaitFinishedAsync(Namespace ns, JobId id, TimeSpan patience, CancellationToken ct) => GetAsync(ns, id, ct);

    public ValueTask<Job?> WaitChangedAsync(Namespace ns, JobId id, long version, TimeSpan patience, CancellationToken ct) => GetAsync(ns, id, ct);

    public ValueTask<WaitManyOutcome> WaitManyAsync(Namespace ns, IReadOnlyList<JobId> ids, bool all, TimeSpan patience, CancellationToken ct) =>
        Read(new WaitManyOutcome([], ids));

    public ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct) => Read(Histories.GetValueOrDefault(id));

    public ValueTask<JobOutcome?> CancelAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        Cancelled.Add(id);
        return Done("cancel", id);
    }

    public ValueTask<JobOutcome?> RunNowAsync(Namespace ns, JobId id, CancellationToken ct) => Done("run-now", id);

    public ValueTask<JobOutcome?> EditAsync(Namespace ns, JobId id, JobCommand.Edit edit, CancellationToken ct)
    {
        Edits.Add(edit);
        return Done("edit", id);
    }

    public ValueTask<JobOutcome?> DeleteAsync(Namespace ns, JobId id, CancellationToken ct) => Done("delete", id);

    public ValueTask<SubmitOutcome?> RerunAsync(Namespace ns, JobId id, Rerun rerun, CancellationToken ct)
    {
        Reruns.Add(rerun);
        if (All.FirstOrDefault(job => job.Row.Id == id) is not { } old) return Read<SubmitOutcome?>(null);
        Acts.Add(("rerun", id));
        if (Refuse(rerun.Of(old)) is { } refusal) return Read<SubmitOutcome?>(new SubmitOutcome.Refused(refusal));
        return Read<SubmitOutcome?>(old.Row.State.IsFinal ? new SubmitOutcome.Accepted(old) : new SubmitOutcome.Refused(JobActions.Conflict(old.Row, "be rerun")));
    }

    /// <summary>What followers of a job are told.</summary>
    public System.Threading.Channels.Channel<JobEvent> Told { get; } = System.Threading.Channels.Channel.CreateUnbounded<JobEvent>();

    /// <summary>What was done to single jobs, in order.</summary>
    public List<(string Action, JobId Id)> Acts { get; } = [];

    public List<JobCommand.Edit> Edits { get; } = [];
    public List<Rerun> Reruns { get; } = [];

    private ValueTask<JobOutcome?> Done(string action, JobId id)
    {
        if (All.FirstOrDefault(job => job.Row.Id == id) is not { } job) return Read<JobOutcome?>(null);
        Acts.Add((action, id));
        return Read<JobOutcome?>(JobActions.Allowed(job.Row.State).Contains(action) ? new JobOutcome.Done(job) : new JobOutcome.Refused(JobActions.Conflict(job.Row, action)));
    }

    public ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct)
    {
        Interlocked.Increment(ref Lists);
        var wanted = query.Wanted();
        var matching = All
            .Where(job => job.Row.Namespace == query.Namespace && wanted.Matches(job.Row, job.Args, Noon, new HashSet<(string, string)>()))
            .Where(job => query.Before is null or 0 || (query.Sort.Descending ? job.Row.Seq < query.Before : job.Row.Seq > query.Before))
            .OrderBy(job => query.Sort.KeyOf(job.Row, Noon) * (query.Sort.Descending ? -1 : 1))
            .ToList();
        var rows = matching.Take(query.Limit).ToList();
        return Read(new JobPage(rows, matching.Count > rows.Count ? rows[^1].Row.Seq : null));
    }

    public ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct) => Read<IReadOnlyList<JobCount>>([.. All
        .Where(job => job.Row.Namespace == ns)
        .GroupBy(job => (job.Row.Queue, job.Row.Task, job.Row.State))
        .Select(group => new JobCount(group.Key.Queue, group.Key.Task, group.Key.State, group.Count()))]);

    ValueTask<IReadOnlyList<QueueView>> IQueues.ListAsync(Namespace ns, CancellationToken ct) => Read<IReadOnlyList<QueueView>>([.. Queues]);

    ValueTask<QueueView> IQueues.GetAsync(Namespace ns, string name, CancellationToken ct) => Read(Queue(name));

    ValueTask<QueueOutcome> IQueues.SetAsync(Namespace ns, string name, QueueChange change, CancellationToken ct)
    {
        if (change.Check() is { } refusal) return Read<QueueOutcome>(new QueueOutcome.Refused(refusal));
        Changes.Add((name, change));
        var changed = Queue(name) with { Limits = change.Apply(QueueOverrides.None).Over(Queue(name).Limits), IsOverridden = true };
        Queues.RemoveAll(queue => queue.Name == name);
        Queues.Add(changed);
        return Read<QueueOutcome>(new QueueOutcome.Done(changed));
    }

    ValueTask<QueueOutcome> IQueues.ResetAsync(Namespace ns, string name, CancellationToken ct)
    {
        Changes.Add((name, null));
        return Read<QueueOutcome>(new QueueOutcome.Done(Queue(name)));
    }

    ValueTask<LimitPage> IQueues.LimitsAsync(Namespace ns, string? after, int limit, CancellationToken ct)
    {
        var page = Limits.Where(key => after is null || string.CompareOrdinal(key.Key, after) > 0).Take(limit).ToList();
        return Read(new LimitPage(page, page.Count == limit ? page[^1].Key : null));
    }

    private QueueView Queue(string name) => Queues.FirstOrDefault(queue => queue.Name == name) ?? Sample.Queue(name, routees: 0);

    public async IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, FeedPlace? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var told in Told.Reader.ReadAllAsync(ct)) yield return told;
    }

    public IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, FeedPlace? after, CancellationToken ct) => FollowAsync(query.Namespace, default, after, ct);

    public JobStatistics Statistics(Namespace ns) => Stats;

    private ValueTask<T> Read<T>(T value) => Fault is { } fault ? ValueTask.FromException<T>(fault) : ValueTask.FromResult(value);
}
