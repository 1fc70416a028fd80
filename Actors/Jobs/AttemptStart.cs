using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Hands a claimed attempt on: a memoised task's to the caching actor of its key, for a hit or a flight costs no routee; any other to the pool.</summary>
/// <remarks>Whoever calls holds one permit of the pool for it. The permit is used by the run, or returned in the holder's name: here where the
/// attempt cannot start, by the caching actor where it need not.</remarks>
internal sealed class AttemptStart(string nodeName, Func<CacheKey, IActorRef> cachingActorOf)
{
    /// <param name="gate">Of the job's pool.</param>
    /// <param name="tracker">Is told how the attempt ended.</param>
    /// <param name="holder">Holds the permit.</param>
    public void Start(RunningAttempt attempt, IActorRef gate, IActorRef tracker, IActorRef holder)
    {
        if (attempt.Task?.For(attempt.Job.Args) is not { } task)
        {
            GiveUp(attempt, new TaskError("unknown-task", $"Node {nodeName} does not know task '{attempt.Job.Row.Task}'. Deploy it there, or remove the queue's pool."), gate, tracker, holder);
            return;
        }
        // Results of parents stand in the arguments since they were checked.
        if (attempt.Job.Row.Parents > 0 && task.Check(attempt.Job.Args) is { } misfit)
        {
            GiveUp(attempt, new TaskError("invalid-args", WithFaults(misfit), Retryable: false), gate, tracker, holder);
            return;
        }
        var run = new Attempt(task, attempt.Job.Args, attempt.Context, attempt, attempt.Token) { Trace = attempt.Trace };
        if (task.Memoize is null)
        {
            gate.Tell(new GateCommand.StartJob(run, tracker), holder);
            return;
        }
        if (!task.TryCanonicalize(attempt.Job.Args, out var canonical, out var refusal))
        {
            GiveUp(attempt, new TaskError("invalid-args", refusal.Detail, Retryable: false), gate, tracker, holder);
            return;
        }
        var key = new CacheKey(attempt.Job.Row.Namespace, task.Name, task.Version, canonical);
        cachingActorOf(key).Tell(new CacheCommand.RunJob(key, run, gate, tracker), holder);
    }

    /// <summary>An attempt that cannot start has failed.</summary>
    public static void GiveUp(RunningAttempt attempt, TaskError error, IActorRef gate, IActorRef tracker, IActorRef holder)
    {
        gate.Tell(new GateCommand.Return(1), holder);
        tracker.Tell(new AttemptEnded(attempt, new AttemptOutcome.Failed(error), TimeSpan.Zero), holder);
    }

    private static string WithFaults(Refusal refusal) =>
        refusal.Faults is { Count: > 0 } faults ? $"{refusal.Detail} {string.Join(" ", faults.Select(fault => $"{fault.Pointer}: {fault.Message}"))}" : refusal.Detail;
}
