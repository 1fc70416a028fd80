using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Jobs as they are shown: without secrets, and with what the row does not hold: progress of its attempt, why a queued job does not start, its place in the line and when it may start.</summary>
/// <param name="elsewhere">Whether another node serves a queue; null: there is none.</param>
internal sealed class JobOutlook(
    IJobStore store, RunningAttempts running, ComputeDirectory pools, FlowSettings settings, QueuePace pace, TimeProvider time, ShownJobs shown, Func<string, bool>? elsewhere = null)
{
    /// <summary>Jobs that are counted before one, at most.</summary>
    public const int MaxPosition = 10_000;

    /// <summary>Of one job, with its place in the line.</summary>
    public ValueTask<Job> WholeAsync(Job job, CancellationToken ct) =>
        job.Row.State == JobState.Queued ? PlaceAsync(job, ct)
        : RunsElsewhere(job) ? FarAsync(job, ct)
        : new ValueTask<Job>(running.WithProgress(shown.Of(job)));

    /// <summary>Of many jobs of one namespace, in their order, without places.</summary>
    public async ValueTask<IReadOnlyList<Job?>> ManyAsync(IReadOnlyList<Job?> jobs, CancellationToken ct)
    {
        var use = await UseAsync(jobs, ct);
        var progress = await ProgressAsync(jobs, ct);
        var now = time.GetUtcNow();
        var whole = new Job?[jobs.Count];
        for (var i = 0; i < whole.Length; i++) whole[i] = jobs[i] is { } job ? WithReason(WithProgress(shown.Of(job), progress), use, now) : null;
        return whole;
    }

    private async ValueTask<Job> FarAsync(Job job, CancellationToken ct) => WithProgress(shown.Of(job), await store.ReadProgressAsync([job.Row], ct));

    private Job WithProgress(Job job, IReadOnlyDictionary<long, ProgressReport>? elsewhere) =>
        elsewhere?.TryGetValue(job.Row.Seq, out var progress) == true ? job with { Progress = progress } : running.WithProgress(job);

    /// <summary>Only where there are other nodes, and of what runs on them.</summary>
    private ValueTask<IReadOnlyDictionary<long, ProgressReport>?> ProgressAsync(IReadOnlyList<Job?> jobs, CancellationToken ct)
    {
        if (elsewhere is null) return default;
        JobRow[] far = [.. jobs.OfType<Job>().Where(RunsElsewhere).Select(job => job.Row)];
        return far.Length == 0 ? default : ReadAsync(far);

        async ValueTask<IReadOnlyDictionary<long, ProgressReport>?> ReadAsync(JobRow[] rows) => await store.ReadProgressAsync(rows, ct);
    }

    private bool RunsElsewhere(Job job) => elsewhere is not null && job.Row.State.IsActive && running.Of(job) is null;

    private async ValueTask<Job> PlaceAsync(Job job, CancellationToken ct)
    {
        var whole = (await ManyAsync([job], ct))[0]!;
        var before = await store.CountBeforeAsync(job.Row, MaxPosition, ct);
        if (before >= MaxPosition) return whole with { Reason = whole.Reason ?? $"more than {MaxPosition} jobs are before it in queue {job.Row.Queue}" };
        var held = !IsServed(job.Row.Queue) || settings.Of(job.Row.Queue).Paused;
        return whole with { Position = before + 1, EstimatedStart = held ? null : pace.Start(job.Row.Queue, before + 1) };
    }

    private bool IsServed(string queue) => pools.Find(queue) is not null || elsewhere?.Invoke(queue) == true;

    /// <summary>Asks only about what is limited.</summary>
    private ValueTask<FlowUse> UseAsync(IReadOnlyList<Job?> jobs, CancellationToken ct)
    {
        HashSet<string>? queues = null;
        HashSet<string>? keys = null;
        Namespace ns = default;
        foreach (var job in jobs)
        {
            if (job is not { Row: { State: JobState.Queued } row }) continue;
            ns = row.Namespace;
            if (!settings.IsOpen(row.Queue)) (queues ??= new(StringComparer.Ordinal)).Add(row.Queue);
            if (row.LimitKey is { } key && !settings.OfKey(key, row.Queue).IsNone) (keys ??= new(StringComparer.Ordinal)).Add(key);
        }
        if (queues is null && keys is null) return new ValueTask<FlowUse>(FlowUse.None);
        return store.ReadFlowAsync(ns, queues ?? [], keys ?? [], ct);
    }

    private Job WithReason(Job job, FlowUse use, DateTimeOffset now)
    {
        var row = job.Row;
        if (row.State != JobState.Queued) return job;
        var reason = !IsServed(row.Queue)
            ? $"No node serves queue '{row.Queue}'. Give it a pool: akka.actor.deployment {{ /compute/{row.Queue} {{ … }} }}."
            : FlowReasons.Of(row, settings, use, now);
        return reason is null ? job : job with { Reason = reason };
    }
}
