using System.Diagnostics;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What is needed to start a computation.</summary>
/// <param name="Key">Null: computed for one caller alone, neither read nor stored.</param>
/// <param name="Args">Of the flight itself: not touched by anybody any more.</param>
/// <param name="Chain">The computations that wait for this one; null for a call from outside.</param>
internal sealed record Launch(CacheKey? Key, Namespace Namespace, TaskDescriptor Task, ReadOnlyMemory<byte> Args, FlightChain? Chain)
{
    /// <summary>How the call wants the result remembered.</summary>
    public CacheChoice? Choice { get; init; }

    /// <summary>Only while nobody else waits for the pool.</summary>
    public bool Quiet { get; init; }

    /// <summary>Of the call; null where nobody traces it.</summary>
    public Activity? Span { get; init; }

    /// <summary>The W3C trace context for what the task calls itself; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What is stored in the second level will not do.</summary>
    public bool Anew { get; init; }
}

/// <summary>What a shard is told by the front door and by itself. Jobs speak <see cref="CacheCommand"/>.</summary>
internal abstract record FlightCommand
{
    private FlightCommand()
    {
    }

    /// <summary>A call that found nothing to answer it: join the flight of its key, or start one.</summary>
    public sealed record Join(Launch Launch, CacheDirective Directive, Caller Caller) : FlightCommand;

    /// <summary>An entry was answered that wants a refresh: start one in the background.</summary>
    public sealed record Refresh(Launch Launch) : FlightCommand;

    /// <summary>A waiter no longer waits.</summary>
    public sealed record Leave(Waiter Waiter) : FlightCommand;

    /// <summary>A caller no longer waits, and the computation goes on for those to come.</summary>
    public sealed record Detach(Caller Caller) : FlightCommand;

    /// <summary>What the second level has.</summary>
    /// <param name="Entry">Null: nothing, or it could not be read.</param>
    public sealed record Recalled(Flight Flight, RecalledEntry? Entry, Exception? Fault) : FlightCommand;

    /// <summary>A result could not be written to the second level.</summary>
    public sealed record NotStored(CacheKey Key, Exception Fault) : FlightCommand;

    /// <summary>The flight has run for as long as its task may.</summary>
    public sealed record Expired(Flight Flight) : FlightCommand;

    /// <summary>The flight was cancelled long ago and has not ended.</summary>
    public sealed record Overdue(Flight Flight) : FlightCommand;

    /// <summary>Nobody said what became of the job.</summary>
    public sealed record Unsettled(LandedValue Value) : FlightCommand;

    /// <summary>Forget one call; a flight of it under way never counts as fresh.</summary>
    /// <param name="Expire">Keep what is there for errors.</param>
    /// <param name="Done">Takes the number of entries concerned.</param>
    public sealed record Forget(CacheKey Key, bool Expire, TaskCompletionSource<long> Done) : FlightCommand;

    /// <summary>Invalidations made entries void: free their memory.</summary>
    public sealed record Reclaim : FlightCommand
    {
        public static Reclaim Instance { get; } = new();
    }

    /// <summary>The next part of that.</summary>
    public sealed record ReclaimOn : FlightCommand
    {
        public static ReclaimOn Instance { get; } = new();
    }

    public sealed record Sweep : FlightCommand
    {
        public static Sweep Instance { get; } = new();
    }
}
