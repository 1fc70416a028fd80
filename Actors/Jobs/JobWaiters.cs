using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Somebody who waits for a job to change or to finish.</summary>
/// <param name="ns">Whose job.</param>
/// <param name="id">Which.</param>
/// <param name="version">Any other version will do; null: only a final state.</param>
/// <remarks>Completes with the job, or with null: then ask the store. Cancelled when the node stops.</remarks>
internal sealed class JobWaiter(Namespace ns, JobId id, long? version)
    : TaskCompletionSource<Job?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Namespace Namespace { get; } = ns;

    public JobId Id { get; } = id;

    public bool IsMetBy(JobRow row) => row.State.IsFinal || (version is { } known && row.Version != known);
}

/// <summary>Who waits for which job. Belongs to the tracker.</summary>
internal sealed class JobWaiters
{
    private readonly Dictionary<(Namespace, JobId), HashSet<JobWaiter>> _waiters = [];

    public int Count { get; private set; }

    /// <summary>The jobs that are waited for.</summary>
    public IEnumerable<(Namespace Namespace, JobId Id)> Jobs => _waiters.Keys;

    public bool Holds(Namespace ns, JobId id) => Count > 0 && _waiters.ContainsKey((ns, id));

    public void Add(JobWaiter waiter)
    {
        if (!_waiters.TryGetValue((waiter.Namespace, waiter.Id), out var waiters)) _waiters.Add((waiter.Namespace, waiter.Id), waiters = []);
        if (waiters.Add(waiter)) Count++;
    }

    public void Remove(JobWaiter waiter)
    {
        if (!_waiters.TryGetValue((waiter.Namespace, waiter.Id), out var waiters) || !waiters.Remove(waiter)) return;
        Count--;
        if (waiters.Count == 0) _waiters.Remove((waiter.Namespace, waiter.Id));
    }

    /// <summary>Ends every wait as cancelled.</summary>
    public void LetGo()
    {
        foreach (var waiter in _waiters.Values.SelectMany(waiters => waiters)) waiter.TrySetCanceled();
        _waiters.Clear();
        Count = 0;
    }

    /// <summary>Tells those whom the change satisfies, once.</summary>
    public void Tell(Job job)
    {
        if (Count == 0 || !_waiters.TryGetValue((job.Row.Namespace, job.Row.Id), out var waiters)) return;
        foreach (var waiter in waiters)
        {
            if (!waiter.IsMetBy(job.Row)) continue;
            waiter.TrySetResult(job);
            waiters.Remove(waiter);      // while it is gone through: a set allows that
            Count--;
        }
        if (waiters.Count == 0) _waiters.Remove((job.Row.Namespace, job.Row.Id));
    }
}
