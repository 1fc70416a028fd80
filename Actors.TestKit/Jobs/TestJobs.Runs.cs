using System.Collections.Concurrent;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.TestKit;

/// <content>Attempts: claimed, run on the caller's thread, and ended by the rules of a node.</content>
public abstract partial class TestJobs
{
    private const int MaxResultBytes = 4 * 1024 * 1024;
    private const int MaxDepth = 100;
    private const string Node = "test";

    private static readonly AsyncLocal<int> Depth = new();

    private readonly ConcurrentDictionary<(Namespace, JobId), RunningAttempt> _running = new();
    private readonly Incarnation _incarnation = new(Guid.CreateVersion7());
    private readonly Random _random;
    private readonly ChildSubmissions _children;

    /// <summary>Moves the clock, releases what became due, and runs it where jobs run by themselves.</summary>
    public async Task AdvanceAsync(TimeSpan by, CancellationToken ct = default)
    {
        Time.Advance(by);
        Sweep();
        await ReadyAsync(ct);
    }

    /// <summary>Runs one attempt of the job that is next: of the queue whose first job waits longest, the first in its line.</summary>
    /// <returns>The job as the attempt left it; null when none is ready.</returns>
    private protected async Task<Job?> RunOneAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Sweep();
        if (await ClaimAsync(ct) is not { } job) return null;
        if (Depth.Value >= MaxDepth) throw new InvalidOperationException($"{MaxDepth} jobs run inside each other: task '{job.Row.Task}' submits itself without end.");
        Depth.Value++;
        try
        {
            return await RunAsync(job);
        }
        finally
        {
            Depth.Value--;
        }
    }

    /// <summary>Runs what is ready, and what that makes ready, until nothing is.</summary>
    /// <returns>Attempts run.</returns>
    private protected async Task<int> RunAllAsync(CancellationToken ct)
    {
        for (var runs = 0; ; runs++)
        {
            if (runs == _options.MaxRuns) throw new InvalidOperationException($"{runs} attempts ran and there are still more: jobs submit or repeat themselves without end. Raise TestJobOptions.MaxRuns where that is meant.");
            if (await RunOneAsync(ct) is null) return runs;
        }
    }

    private void Sweep()
    {
        while (Post(new JobWrite.Sweep(SweepBatch)).Moved.Count >= SweepBatch)
        {
        }
    }

    private async Task<Job?> ClaimAsync(CancellationToken ct)
    {
        var lines = await _store.OldestWaitingAsync(null, ct);
        foreach (var (queue, _) in lines.OrderBy(static line => line.Value).ThenBy(static line => line.Key, StringComparer.Ordinal))
            if (Post(new JobWrite.Claim(queue, 1, _incarnation, Node)).Taken is [var job]) return job;
        return null;
    }

    private async Task<Job> RunAsync(Job job)
    {
        _tasks.TryGet(job.Row.Task, out var task);
        using var attempt = new RunningAttempt(job, task, ActorRefs.Nobody, Time);
        _running[(job.Row.Namespace, job.Row.Id)] = attempt;
        AttemptOutcome outcome;
        try
        {
            outcome = await OutcomeAsync(attempt);
            attempt.Context.Complete();
        }
        finally
        {
            _running.TryRemove((job.Row.Namespace, job.Row.Id), out _);
        }
        var ended = End(attempt, outcome);
        return ended.Row.State == JobState.Retrying && _options.RetryAtOnce ? Post(new JobWrite.Change(ended, new JobCommand.RunNow())).Now! : ended;
    }

    private static async Task<AttemptOutcome> OutcomeAsync(RunningAttempt attempt)
    {
        var job = attempt.Job;
        if (attempt.Task is not { } task) return new AttemptOutcome.Failed(new TaskError("unknown-task", $"There is no task '{job.Row.Task}'."));
        // Results of parents stand in the arguments since they were checked.
        if (job.Row.Parents > 0 && task.Runner.Check(job.Args) is { } misfit) return new AttemptOutcome.Failed(new TaskError("invalid-args", misfit.Detail, Retryable: false));
        return await AttemptRun.RunAsync(new Attempt(task, job.Args, attempt.Context, attempt, attempt.Token), MaxResultBytes);
    }

    private Job End(RunningAttempt attempt, AttemptOutcome outcome)
    {
        IReadOnlyList<NewJob> children = [];
        if (outcome is AttemptOutcome.Failed failed) outcome = new AttemptOutcome.Failed(SecretMask.Scrub(failed.Error, attempt.Secrets));
        else if (outcome is AttemptOutcome.Parked parked)
        {
            var made = _children.Make(attempt.Job.Row, parked.Children, Time.GetUtcNow(), out var misfit);
            if (parked.Checkpoint is { } given && AttemptContext.CheckpointFault(given) is { } fault) misfit = new TaskError("invalid-checkpoint", fault, Retryable: false);
            if (misfit is not null) outcome = new AttemptOutcome.Failed(misfit);
            children = made ?? [];
        }
        var command = AttemptJudge.Judge(attempt, outcome, CacheSource.Bypass, MaxResultBytes, draining: false, _random);
        var error = (command as JobCommand.Fail)?.Error;
        var lines = attempt.Context.Lines;
        var write = Post(new JobWrite.Change(attempt.Job, command)
        {
            Result = command is JobCommand.Finish ? (outcome as AttemptOutcome.Succeeded)?.Result : null,
            ResultMedia = command is JobCommand.Finish ? attempt.Task?.ResultMedia : null,
            Children = command is JobCommand.Park ? children : [],
            Checkpoint = (outcome as AttemptOutcome.Parked)?.Checkpoint ?? attempt.Context.Saved,
            Attempt = error is null && lines.Count == 0 ? null : new AttemptRecord(attempt.Run.Attempt, error, lines, attempt.Context.DroppedLines),
        });
        return write.Now ?? attempt.Job;
    }

    /// <summary>A running job was asked to stop.</summary>
    private void Stop(Job job)
    {
        if (!_running.TryGetValue((job.Row.Namespace, job.Row.Id), out var attempt)) return;
        attempt.Job = job;
        attempt.Stop();
    }
}
