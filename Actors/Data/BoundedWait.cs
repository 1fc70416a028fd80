namespace ActorPerf.Data;

/// <summary>Waits for what somebody else ends, no longer than one's own time and one's own token allow.</summary>
/// <remarks>Not <see cref="Task.WaitAsync(TimeSpan, TimeProvider, CancellationToken)"/>: that hears of the end on the thread pool, and where a seed decides, at a time that no seed decides.</remarks>
internal static class BoundedWait
{
    /// <param name="other">How it ends makes no difference: whoever waits looks at that afterwards.</param>
    /// <param name="limit"><see cref="Timeout.InfiniteTimeSpan"/>: only the token.</param>
    /// <returns>False when the time was over first.</returns>
    public static async Task<bool> ForAsync(Task other, TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        if (other.IsCompleted) return true;
        var end = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = FollowAsync(other, end);
        await using var patience = limit == Timeout.InfiniteTimeSpan ? null
            : time.CreateTimer(static end => ((TaskCompletionSource<bool>)end!).TrySetResult(false), end, limit, Timeout.InfiniteTimeSpan);
        await using var leaving = ct.UnsafeRegister(static (end, token) => ((TaskCompletionSource<bool>)end!).TrySetCanceled(token), end);
        return await end.Task;
    }

    /// <summary>Lives as long as the other does, and never fails.</summary>
    private static async Task FollowAsync(Task other, TaskCompletionSource<bool> end)
    {
        await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        end.TrySetResult(true);
    }
}
