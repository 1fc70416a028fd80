namespace ActorPerf.Benchmarks.Harness;

/// <summary>Ends a run when every receiver has had its last message. Used again and again, one run at a time.</summary>
/// <param name="runners">Receivers.</param>
internal sealed class FinishLine(int runners)
{
    private TaskCompletionSource _done = new();
    private int _left;

    /// <summary>Begins a run; the task ends with it. Before anything is sent.</summary>
    public Task Start()
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, runners);
        return _done.Task;
    }

    /// <summary>One receiver has had its last message.</summary>
    public void Cross()
    {
        if (Interlocked.Decrement(ref _left) == 0) _done.SetResult();
    }
}
