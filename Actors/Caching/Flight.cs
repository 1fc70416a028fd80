using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>One computation under way, and who awaits it. The shard's alone.</summary>
/// <param name="asOf">What the second level's invalidations were at the start.</param>
internal sealed class Flight(CacheKey? key, TaskDescriptor task, IActorRef gate, TaskBook? book, FlightContext context, CacheChoice? choice, long asOf)
{
    private readonly VersionStamp? _stamp = book?.Capture();

    /// <summary>Null: for one caller, beside the cache.</summary>
    public CacheKey? Key { get; } = key;
    public TaskDescriptor Task { get; } = task;
    public IActorRef Gate { get; } = gate;
    public TaskBook? Book { get; } = book;
    public FlightContext Context { get; } = context;
    public CancellationTokenSource Cancellation { get; } = new();
    public HashSet<Waiter> Waiters { get; } = [];

    /// <summary>What it belongs to in traces; null where nobody traced the call that started it.</summary>
    public RunTrace? Trace { get; init; }

    /// <summary>Who came too late to be answered by this flight and waits for the next one of the key.</summary>
    public List<Waiter> Later { get; } = [];

    /// <summary>What is needed to start that next one.</summary>
    public Launch? Next { get; set; }

    /// <summary>How the call that started it wants the result remembered.</summary>
    public CacheChoice? Choice { get; } = choice;

    /// <summary>The newest invalidation of the second level that was applied at the start.</summary>
    public long AsOf { get; } = asOf;

    /// <summary>It goes on although nobody waits.</summary>
    public bool InBackground { get; set; }

    /// <summary>Everybody else goes before, for nobody waits for it.</summary>
    public bool Quiet { get; set; }

    /// <summary>Starts the computation, once the second level has said that it has nothing; null when it has begun.</summary>
    public Action? Begin { get; set; }

    /// <summary>Who started it; a job decides whether the value is kept.</summary>
    public Waiter? Starter { get; set; }

    /// <summary>Its key was invalidated after the start.</summary>
    public bool Obsolete { get; set; }

    public bool Cancelled { get; set; }

    /// <summary>It was answered as too long; whatever it still gives is not the first answer.</summary>
    public bool TimeIsUp { get; set; }

    /// <summary>What its job writes to the second level with its finish; null for nothing.</summary>
    public StoredEntry? Remember { get; set; }
    public VersionStamp Stamp => _stamp ?? default;

    /// <summary>Nothing was invalidated since it started.</summary>
    public bool IsCurrent => !Obsolete && _stamp is { IsCurrent: true };

    /// <summary>Whoever comes now may be answered by it.</summary>
    public bool IsJoinable => !Cancelled && IsCurrent;

    public void Add(Waiter waiter)
    {
        waiter.Flight = this;
        Waiters.Add(waiter);
    }
}

/// <summary>A job's value that waits for the job's commit.</summary>
internal sealed class LandedValue(Flight flight, CacheKey key, TaskBook book, ComputedResult result, Memoization memoize, object ticket, long landedAt)
{
    public Flight Flight { get; } = flight;
    public CacheKey Key { get; } = key;
    public TaskBook Book { get; } = book;
    public ComputedResult Result { get; } = result;

    public Memoization Memoize { get; } = memoize;

    /// <summary>The job's.</summary>
    public object Ticket { get; } = ticket;

    /// <summary>Timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LandedAt { get; } = landedAt;
}
