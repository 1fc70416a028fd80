using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What a shard is told by the front door and by itself. Jobs speak <see cref="CacheCommand"/>.</summary>
internal abstract record FlightCommand
{
    private FlightCommand()
    {
    }

    /// <summary>A call that found nothing: join the flight of its key, or start one.</summary>
    /// <param name="Key">Null: computed for this caller alone, neither read nor stored.</param>
    /// <param name="Args">Of the flight itself: not touched by anybody any more.</param>
    /// <param name="Chain">The computations that wait for this one; null for a call from outside.</param>
    public sealed record Join(
        CacheKey? Key, Namespace Namespace, TaskDescriptor Task, ReadOnlyMemory<byte> Args, CacheDirective Directive, FlightChain? Chain, Caller Caller)
        : FlightCommand;

    /// <summary>A waiter no longer waits.</summary>
    public sealed record Leave(Waiter Waiter) : FlightCommand;

    /// <summary>The flight has run for as long as its task may.</summary>
    public sealed record Expired(Flight Flight) : FlightCommand;

    /// <summary>The flight was cancelled long ago and has not ended.</summary>
    public sealed record Overdue(Flight Flight) : FlightCommand;

    /// <summary>Nobody said what became of the job.</summary>
    public sealed record Unsettled(LandedValue Value) : FlightCommand;

    /// <summary>Forget one call; a flight of it under way never counts as fresh.</summary>
    public sealed record ForgetKey(CacheKey Key, Tally Tally) : FlightCommand;

    /// <summary>Remove the namespace's entries whose versions were advanced.</summary>
    public sealed record ForgetStale(Namespace Namespace, Tally Tally) : FlightCommand;

    public sealed record Sweep : FlightCommand
    {
        public static Sweep Instance { get; } = new();
    }
}

/// <summary>Sums what several shards answer.</summary>
internal sealed class Tally(int shards)
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = shards;
    private long _sum;

    public Task<long> Sum => _done.Task;

    public void Add(long count)
    {
        var sum = Interlocked.Add(ref _sum, count);
        if (Interlocked.Decrement(ref _left) == 0) _done.TrySetResult(Math.Max(sum, Volatile.Read(ref _sum)));
    }
}
