using System.Collections.Concurrent;
using ActorPerf.Cluster;

namespace ActorPerf.Storage.Lookups;

/// <summary>A few threads for a driver whose calls block, so that they never hold a thread of the pool.</summary>
internal sealed class OwnThreads : IDisposable
{
    private const int MaxWaiting = 10_000;

    private readonly BlockingCollection<Action> _line = new(MaxWaiting);
    private readonly Thread[] _threads;

    public OwnThreads(string name, int count)
    {
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"{name}-{i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Runs the work on one of the threads, up to its first await that waits; of a blocking driver that is all of it.</summary>
    /// <exception cref="StoreUnavailableException">10,000 pieces of work wait already.</exception>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _line.TryAdd(() => Complete(work(), done))
            ? done.Task
            : throw new StoreUnavailableException($"{MaxWaiting} reads wait already. Try again in a second.");
    }

    /// <summary>Runs what waits, then ends the threads.</summary>
    public void Dispose()
    {
        _line.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _line.Dispose();
    }

    private static void Complete<T>(Task<T> task, TaskCompletionSource<T> done) => task.ContinueWith(
        ended => done.TrySetFromTask(ended), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Run()
    {
        foreach (var work in _line.GetConsumingEnumerable()) work();
    }
}
