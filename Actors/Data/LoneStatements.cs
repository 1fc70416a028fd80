using System.Runtime.ExceptionServices;

namespace ActorPerf.Data;

/// <summary>Statements that belong to one caller, such as queries: given up after the statement's time, or at the deadline of the scope that asks where that comes first.</summary>
internal sealed class LoneStatements(TimeSpan timeout, TimeProvider time)
{
    /// <param name="what">Such as <c>Querying</c>.</param>
    /// <param name="of">Such as the kind.</param>
    /// <exception cref="ArgumentException">By the call: the statement says so before it waits for anything.</exception>
    /// <exception cref="TimeoutException">By the await: the time was over, or the deadline had passed before.</exception>
    public ValueTask<T> RunAsync<T>(string what, string of, Func<CancellationToken, ValueTask<T>> statement, CancellationToken ct)
    {
        var running = RunAsync(DataScope.Current, $"{what} {of}", statement, ct);
        if (running.IsFaulted && running.Exception.InnerException is ArgumentException fault) ExceptionDispatchInfo.Throw(fault);
        return new ValueTask<T>(running);
    }

    private async Task<T> RunAsync<T>(DataScope? scope, string what, Func<CancellationToken, ValueTask<T>> statement, CancellationToken ct)
    {
        if (scope?.RefusalOf(what) is { } refusal) throw refusal;
        var due = scope?.Deadline is not null && scope.Left < timeout ? scope : null;      // whose deadline comes before the statement's time is over
        using var stop = new CancellationTokenSource(due?.Left ?? timeout, time);
        await using var leaving = ct.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), stop);
        try
        {
            return await statement(stop.Token);
        }
        catch (OperationCanceledException left) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(left.Message, left, ct);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && due is not null)
        {
            throw due.Late(what);
        }
        catch (OperationCanceledException over) when (stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{what} failed: The statement took too long and was given up (actorperf.data.statement-timeout).", over);
        }
    }
}
