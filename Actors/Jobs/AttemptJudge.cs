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
        AttemptOutcome.Succeeded succeeded when attempt.Task?.ResultMedia is { } media && !media.TryDecode(succeeded.Result.Span, out _) => new JobCommand.Fail(attempt.Run,
            new TaskError("bad-result", $"The result is to be {media.Type}, so the task returns one JSON string, its {(media.Form == ResultForm.Text ? "text" : "bytes as Base64")}; it returned something else.", Retryable: false), 0),
        AttemptOutcome.Succeeded => new JobCommand.Finish(attempt.Run, Cached: source is CacheSource.Hit or CacheSource.Collapsed or CacheSource.Stale),
        _ when attempt.Job.Row.State == JobState.Cancelling => new JobCommand.Stop(attempt.Run),
        // Time goes before what the task wants: else a task that always snoozes late would run for ever.
        _ when attempt.TimedOut || IsOverdue(attempt) => Fail(attempt, TimeoutError(attempt), random),
        AttemptOutcome.Failed failed => Fail(attempt, failed.Error, random),
        AttemptOutcome.Snoozed snoozed => new JobCommand.Snooze(attempt.Run, snoozed.Delay),
        AttemptOutcome.Parked => new JobCommand.Park(attempt.Run),
        // Told to stop for neither a cancel nor its time: the row is no longer its own, or the node stops.
        _ when draining || attempt.StoppedAt is not null => new JobCommand.HandBack(attempt.Run),
        _ => Fail(attempt, new TaskError("OperationCanceledException", "The task gave up by itself."), random),
    };

    /// <summary>A failure by the rules of its task: some kinds of error are not worth another attempt, others wait a time of their own.</summary>
    public static JobCommand.Fail Fail(RunningAttempt attempt, TaskError error, Random random)
    {
        var retry = attempt.Task?.Retry ?? RetryPolicy.None;
        if (retry.NonRetryable?.Contains(error.Type, StringComparer.Ordinal) == true) error = error with { Retryable = false };
        return new JobCommand.Fail(attempt.Run, error, random.NextDouble())
        {
            Backoff = retry.ByError is { } byError && byError.TryGetValue(error.Type, out var backoff) ? backoff : null,
        };
    }

    /// <summary>The command for a run whose code does not follow its token.</summary>
    public static JobCommand GivenUp(RunningAttempt attempt, Random random) => attempt switch
    {
        { Job.Row.State: JobState.Cancelling } => new JobCommand.Stop(attempt.Run),
        { TimedOut: true } => Fail(attempt, TimeoutError(attempt), random),
        _ => new JobCommand.HandBack(attempt.Run),
    };

    /// <summary>Its time is over and nobody has said so yet. A token that nobody cancelled was cancelled by its time; the clock itself is no
    /// witness, for timers fire up to a tick early.</summary>
    public static bool IsOverdue(RunningAttempt attempt) =>
        attempt.Timeout is not null && attempt.StoppedAt is null && attempt.Token.IsCancellationRequested;

    private static TaskError TimeoutError(RunningAttempt attempt) =>
        new("timeout", $"Attempt {attempt.Run.Attempt} took longer than {attempt.Timeout?.TotalSeconds:0.###} s.");
}
