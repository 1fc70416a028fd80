using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What the end of an attempt means for its job. Pure but for the jitter.</summary>
internal static class AttemptJudge
{
    /// <param name="source">Where the value came from; <see cref="CacheSource.Bypass"/> when the cache was not asked.</param>
    /// <param name="maxResultBytes">A larger result is a failure that another attempt would not mend.</param>
    /// <param name="draining">The node stops: a run that followed its token goes back to its queue.</param>
    public static JobCommand Judge(RunningAttempt attempt, AttemptOutcome outcome, CacheSource source, int maxResultBytes, bool draining, Random random) => outcome switch
    {
        AttemptOutcome.Succeeded succeeded when succeeded.Result.Length > maxResultBytes => new JobCommand.Fail(attempt.Run,
            new TaskError("result-too-large", $"The result has {succeeded.Result.Length} bytes; at most {maxResultBytes} are kept.", Retryable: false), 0),
        AttemptOutcome.Succeeded => new JobCommand.Finish(attempt.Run, Cached: source is CacheSource.Hit or CacheSource.Collapsed or CacheSource.Stale),
        _ when attempt.Job.Row.State == JobState.Cancelling => new JobCommand.Stop(attempt.Run),
        _ when attempt.TimedOut || IsOverdue(attempt) => new JobCommand.Fail(attempt.Run, TimeoutError(attempt), random.NextDouble()),
        AttemptOutcome.Failed failed => new JobCommand.Fail(attempt.Run, failed.Error, random.NextDouble()),
        _ when draining => new JobCommand.HandBack(attempt.Run),
        _ => new JobCommand.Fail(attempt.Run, new TaskError("OperationCanceledException", "The task gave up by itself."), random.NextDouble()),
    };

    /// <summary>The command for a run whose code does not follow its token.</summary>
    public static JobCommand GivenUp(RunningAttempt attempt, Random random) => attempt.Job.Row.State == JobState.Cancelling
        ? new JobCommand.Stop(attempt.Run)
        : new JobCommand.Fail(attempt.Run, TimeoutError(attempt), random.NextDouble());

    /// <summary>Its time is over and nobody has said so yet. A token that nobody cancelled was cancelled by its time; the clock itself is no
    /// witness, for timers fire up to a tick early.</summary>
    public static bool IsOverdue(RunningAttempt attempt) =>
        attempt.Timeout is not null && attempt.StoppedAt is null && attempt.Token.IsCancellationRequested;

    private static TaskError TimeoutError(RunningAttempt attempt) =>
        new("timeout", $"Attempt {attempt.Run.Attempt} took longer than {attempt.Timeout!.Value.TotalSeconds:0.###} s.");
}
