using ActorPerf.Tasks;

namespace ActorPerf.Compute;

/// <summary>Runs a task once, and says how that ended.</summary>
internal static class AttemptRun
{
    /// <summary>Never throws.</summary>
    /// <param name="maxResultBytes">A larger result is a failure.</param>
    public static ValueTask<AttemptOutcome> RunAsync(Attempt attempt, int maxResultBytes) =>
        attempt.Trace is { } trace ? RunTracedAsync(trace, attempt, maxResultBytes) : RunTaskAsync(attempt, maxResultBytes);

    private static async ValueTask<AttemptOutcome> RunTracedAsync(RunTrace trace, Attempt attempt, int maxResultBytes)
    {
        trace.Begin(attempt.Task.Name);
        var outcome = await RunTaskAsync(attempt, maxResultBytes);
        trace.End(outcome);
        return outcome;
    }

    private static async ValueTask<AttemptOutcome> RunTaskAsync(Attempt attempt, int maxResultBytes)
    {
        try
        {
            attempt.Cancellation.ThrowIfCancellationRequested();
            var result = await attempt.Task.Runner.RunAsync(attempt.Args, attempt.Context, attempt.Cancellation);
            return result.Length <= maxResultBytes ? new AttemptOutcome.Succeeded(result) : TooLarge(attempt, result.Length, maxResultBytes);
        }
        catch (OperationCanceledException) when (attempt.Cancellation.IsCancellationRequested)
        {
            return new AttemptOutcome.Cancelled();
        }
        catch (SnoozeException snooze)
        {
            return new AttemptOutcome.Snoozed(snooze.Delay);
        }
        catch (WaitForChildrenException wait)
        {
            return new AttemptOutcome.Parked(wait.Children, wait.Checkpoint);
        }
        catch (TaskFaultException fault)
        {
            return new AttemptOutcome.Failed(TaskError.From(fault) with { Type = fault.Type });
        }
        catch (Exception exception)
        {
            return new AttemptOutcome.Failed(TaskError.From(exception));
        }
    }

    private static AttemptOutcome.Failed TooLarge(Attempt attempt, int length, int maxResultBytes) => new(new TaskError(
        "bad-result", $"The result of task '{attempt.Task.Name}' has {length} bytes; at most {maxResultBytes} are kept. Return less, or store it elsewhere and return where.", Retryable: false));
}
