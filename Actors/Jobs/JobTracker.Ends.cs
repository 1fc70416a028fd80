using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>Ends of runs: the outcome is judged, committed under the run's fence, and only then told.</content>
internal sealed partial class JobTracker
{
    private void End(RunningAttempt attempt, AttemptEnded ended, CacheSource source, CacheKey? key, StoredEntry? remember = null)
    {
        CrashPoints.Reach(CrashPoints.RunEnded);
        attempt.Context.Complete();
        if (attempt.Settled)
        {
            _parts.Lingering.Remove(attempt);
            if (source == CacheSource.Miss) Settle(key!, attempt, committed: false);
            return;
        }
        attempt.Settled = true;
        var outcome = Checked(attempt, ended.Outcome, out var children);
        var command = AttemptJudge.Judge(attempt, outcome, source, _parts.MaxResultBytes, _parts.Draining is not null, _parts.Random);
        Post(attempt, command, source == CacheSource.Miss ? key : null, outcome, children, remember);
    }

    /// <summary>An error shows no secret; a run that waits for children which cannot be submitted has failed.</summary>
    private AttemptOutcome Checked(RunningAttempt attempt, AttemptOutcome outcome, out IReadOnlyList<NewJob>? children)
    {
        children = null;
        if (outcome is AttemptOutcome.Failed failed && attempt.Secrets.Count > 0) return new AttemptOutcome.Failed(SecretMask.Scrub(failed.Error, attempt.Secrets));
        if (outcome is not AttemptOutcome.Parked parked) return outcome;
        if (parked.Checkpoint is { } checkpoint && AttemptContext.CheckpointFault(checkpoint) is { } fault)
            return new AttemptOutcome.Failed(new TaskError("invalid-checkpoint", fault, Retryable: false));
        children = _children.Make(attempt.Job.Row, parked.Children, _parts.Time.GetUtcNow(), out var error);
        return error is null ? outcome : new AttemptOutcome.Failed(error);
    }

    private void Abandon(RunningAttempt attempt)
    {
        ReplaceRoutee(attempt);
        attempt.Settled = true;
        Post(attempt, AttemptJudge.GivenUp(attempt, _parts.Random), flight: null);
    }

    private void ReplaceRoutee(RunningAttempt attempt)
    {
        _log.Abandoned(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt);
        _parts.Pools.Find(attempt.Job.Row.Queue)?.Gate.Tell(new GateCommand.Abandon(attempt));
    }

    private void Release(RunningAttempt attempt)
    {
        attempt.Settled = true;
        attempt.Stop();
        Post(attempt, new JobCommand.HandBack(attempt.Run), flight: null);
    }

    private void Post(RunningAttempt attempt, JobCommand command, CacheKey? flight, AttemptOutcome? outcome = null, IReadOnlyList<NewJob>? children = null, StoredEntry? remember = null)
    {
        NoMoreSaves(attempt);
        NoMoreNotes(attempt);
        attempt.Concluded(command);
        var error = (command as JobCommand.Fail)?.Error;
        var lines = attempt.Context.Lines;
        var write = new JobWrite.Change(attempt.Job, command)
        {
            Result = command is JobCommand.Finish ? (outcome as AttemptOutcome.Succeeded)?.Result : null,
            ResultMedia = command is JobCommand.Finish ? attempt.Task?.ResultMedia : null,
            Remember = command is JobCommand.Finish ? remember : null,
            Children = command is JobCommand.Park ? children ?? [] : [],
            Checkpoint = (outcome as AttemptOutcome.Parked)?.Checkpoint ?? attempt.Context.Saved,
            Attempt = error is null && lines.Count == 0
                ? null
                : new AttemptRecord(attempt.Run.Attempt, error, lines, attempt.Context.DroppedLines),
            HasNotes = attempt.HasNotes,
        };
        _pending.Add(write, new Ending(attempt, flight));
        if (_store.TryPost(write)) return;
        // Urgent writes are refused only by a store that has failed or stops: the row stays with this incarnation and is reaped after it.
        _pending.Remove(write);
        Forget(attempt);
        TellIfDrained();
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
        // Of a run that ended well the job may have failed all the same, because of its very result: that is not remembered.
        if (flight is not null) Settle(flight, attempt, committed && change.Command is JobCommand.Finish);
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
