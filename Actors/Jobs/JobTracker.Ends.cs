using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>Ends of runs: the outcome is judged, committed under the run's fence, and only then told.</content>
internal sealed partial class JobTracker
{
    private void End(RunningAttempt attempt, AttemptEnded ended, CacheSource source, CacheKey? key)
    {
        attempt.Context.Complete();
        if (attempt.Settled)
        {
            if (source == CacheSource.Miss) Settle(key!, attempt, committed: false);
            return;
        }
        attempt.Settled = true;
        var command = AttemptJudge.Judge(attempt, ended.Outcome, source, _parts.MaxResultBytes, _parts.Draining is not null, _parts.Random);
        var result = (ended.Outcome as AttemptOutcome.Succeeded)?.Result;
        Post(attempt, command, command is JobCommand.Finish ? result : null, source == CacheSource.Miss ? key : null);
    }

    private void Abandon(RunningAttempt attempt)
    {
        _log.Abandoned(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt);
        _parts.Pools.Find(attempt.Job.Row.Queue)?.Gate.Tell(new GateCommand.Abandon(attempt));
        attempt.Settled = true;
        Post(attempt, AttemptJudge.GivenUp(attempt, _parts.Random), null, null);
    }

    private void Release(RunningAttempt attempt)
    {
        attempt.Settled = true;
        attempt.Stop();
        Post(attempt, new JobCommand.HandBack(attempt.Run), null, null);
    }

    private void Post(RunningAttempt attempt, JobCommand command, ReadOnlyMemory<byte>? result, CacheKey? flight)
    {
        var error = (command as JobCommand.Fail)?.Error;
        var lines = attempt.Context.Lines;
        var write = new JobWrite.Change(attempt.Job, command)
        {
            Result = result,
            Attempt = error is null && lines.Count == 0
                ? null
                : new AttemptRecord(attempt.Run.Attempt, error, lines, attempt.Context.DroppedLines),
        };
        _pending.Add(write, new Ending(attempt, flight));
        if (_store.TryPost(write)) return;
        // Urgent writes are refused only by a store that has failed or stops: the row stays with this incarnation and is reaped after it.
        _pending.Remove(write);
        Forget(attempt);
    }

    private void EndingFailed(Ending ending)
    {
        if (ending.Flight is { } flight) Settle(flight, ending.Attempt, committed: false);
        Forget(ending.Attempt);
    }

    private void Ended(JobWrite.Change change, Ending ending)
    {
        var (attempt, flight) = ending;
        Forget(attempt);
        var committed = change.Decision is JobDecision.Moved;
        if (flight is not null) Settle(flight, attempt, committed);
        if (change.Decision is JobDecision.Refused refused)
            _log.LateReport(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt, refused.Refusal.Detail);
        if (change is { Command: JobCommand.Fail { Error: var error } } && committed)
            _log.Failed(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt, error.Type, error.Message);
        if (!committed) return;
        _parts.Statistics.Ended(change.Now!);
        _parts.Pace.Ended(attempt.Job.Row.Queue);
    }

    private void Settle(CacheKey key, RunningAttempt attempt, bool committed) =>
        _parts.CachingActorOf(key).Tell(new CacheCommand.Settled(key, attempt, committed));

    private void Forget(RunningAttempt attempt)
    {
        _parts.Running.Remove(attempt);
        attempt.Dispose();
    }

    /// <summary>What follows when the end of a run was reported.</summary>
    private sealed record Ending(RunningAttempt Attempt, CacheKey? Flight);
}
