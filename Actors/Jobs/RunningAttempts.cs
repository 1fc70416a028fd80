using System.Collections.Concurrent;

namespace ActorPerf.Jobs;

/// <summary>The attempts that run on this node. The tracker alone adds and removes; anyone may look.</summary>
internal sealed class RunningAttempts
{
    private readonly ConcurrentDictionary<JobId, RunningAttempt> _attempts = new();

    public int Count => _attempts.Count;

    public IEnumerable<RunningAttempt> All => _attempts.Values;

    public void Add(RunningAttempt attempt) => _attempts[attempt.Job.Row.Id] = attempt;

    public void Remove(RunningAttempt attempt) => _attempts.TryRemove(new KeyValuePair<JobId, RunningAttempt>(attempt.Job.Row.Id, attempt));

    public RunningAttempt? Find(Run run)
    {
        foreach (var attempt in _attempts.Values)
            if (attempt.Run == run) return attempt;
        return null;
    }

    /// <summary>The job with the progress of its attempt here, if one runs.</summary>
    public Job WithProgress(Job job)
    {
        if (!job.Row.State.IsActive || !_attempts.TryGetValue(job.Row.Id, out var attempt)) return job;
        return attempt.Job.Row.Namespace == job.Row.Namespace && attempt.Context.Latest is { } latest ? job with { Progress = latest } : job;
    }
}
