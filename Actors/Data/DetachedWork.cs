using System.Collections.Concurrent;

namespace ActorPerf.Data;

/// <summary>Background work that requests have left behind on purpose.</summary>
internal sealed class DetachedWork(ILogger log)
{
    private readonly ConcurrentDictionary<Task, string> _running = [];

    public void Start(Func<DataScope> begin, Func<Task> work, string reason)
    {
        var task = RunAsync(begin, work, reason);
        if (task.IsCompleted) return;
        _running[task] = reason;
        task.ContinueWith(static (done, running) => ((ConcurrentDictionary<Task, string>)running!).TryRemove(done, out _), _running, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until all has ended.</summary>
    public Task WhenDone() => Task.WhenAll(_running.Keys);

    private async Task RunAsync(Func<DataScope> begin, Func<Task> work, string reason)
    {
        var scope = begin().Enter();
        try
        {
            try
            {
                await work();
            }
            finally
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception failure)
        {
            log.DetachedFailed(failure, scope.Namespace.Name, reason);
        }
    }
}
