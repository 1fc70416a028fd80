using System.Collections.Concurrent;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The attempts that run on this node. The tracker alone adds and removes; anyone may look.</summary>
internal sealed class RunningAttempts
{
    // An id is unique in its namespace only: clients may choose their own.
    private readonly ConcurrentDictionary<(Namespace, JobId), RunningAttempt> _attempts = new();

    public int Count => _attempts.Count;

    public IEnumerable<RunningAttempt> All => _attempts.Values;

    /// <returns>An earlier attempt of the same job whose code still runs here: others have given its run up, and this node claimed the job again. Null for none.</returns>
    public RunningAttempt? Add(RunningAttempt attempt)
    {
        var earlier = _attempts.GetValueOrDefault(Key(attempt.Job));
        _attempts[Key(attempt.Job)] = attempt;
        return earlier;
    }

    public void Remove(RunningAttempt attempt) => _attempts.TryRemove(new KeyValuePair<(Namespace, JobId), RunningAttempt>(Key(attempt.Job), attempt));

    /// <summary>The attempt that does the run under which the job stands; null when it is not one of this node.</summary>
    public RunningAttempt? Of(Job job) =>
        _attempts.TryGetValue(Key(job), out var attempt) && attempt.Run == job.Row.Run ? attempt : null;

    public RunningAttempt? Find(Namespace ns, JobId id) => _attempts.GetValueOrDefault((ns, id));

    public bool Holds(Namespace ns, JobId id) => _attempts.ContainsKey((ns, id));

    /// <summary>The job with the progress of its attempt here, if one runs.</summary>
    public Job WithProgress(Job job)
    {
        return job.Row.State.IsActive && Of(job) is { Context.Latest: { } latest } ? job with { Progress = latest } : job;
    }

    private static (Namespace, JobId) Key(Job job) => (job.Row.Namespace, job.Row.Id);
}
