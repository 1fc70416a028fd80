namespace ActorPerf.TestKit;

/// <summary>A pause whose end and whose cancellation come on the thread that moves the clock or cancels. (<see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/>
/// ends a cancelled pause on the thread pool, where no seed decides.)</summary>
internal static class VirtualPause
{
    public static async Task For(TimeSpan duration, TimeProvider time, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = time.CreateTimer(static end => ((TaskCompletionSource)end!).TrySetResult(), end, duration, Timeout.InfiniteTimeSpan);
        await using var leaving = ct.UnsafeRegister(static (end, token) => ((TaskCompletionSource)end!).TrySetCanceled(token), end);
        await end.Task;
    }
}
