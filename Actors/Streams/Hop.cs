using System.Runtime.CompilerServices;

namespace ActorPerf.Streams;

/// <summary>Lets everything that waits for a turn have it, then goes on: <c>await Hop.Once</c>.</summary>
/// <remarks>A work item at the end of the scheduler's line (<see cref="TaskCreationOptions.PreferFairness"/>), not a timer: those ring no finer than milliseconds.
/// A seeded scheduler honours the same hint, so what a hop waits for is the same there.</remarks>
internal static class Hop
{
    public static HopAwaitable Once => default;
}

internal readonly struct HopAwaitable : ICriticalNotifyCompletion
{
    private const TaskCreationOptions AtTheEnd = TaskCreationOptions.PreferFairness | TaskCreationOptions.DenyChildAttach;

    // An awaitable is asked for these as an instance.
#pragma warning disable CA1822
    public bool IsCompleted => false;

    public void GetResult()
    {
    }
#pragma warning restore CA1822

    public HopAwaitable GetAwaiter() => this;

    public void OnCompleted(Action continuation) => Task.Factory.StartNew(continuation, CancellationToken.None, AtTheEnd, TaskScheduler.Current);

    public void UnsafeOnCompleted(Action continuation) => OnCompleted(continuation);
}
