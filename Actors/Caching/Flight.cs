using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>One computation under way, and who awaits it. The shard's alone.</summary>
internal sealed class Flight(CacheKey? key, TaskDescriptor task, IActorRef gate, TaskBook? book, FlightContext context)
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

    /// <summary>Who came too late to be answered by this flight and waits for the next one of the key.</summary>
    public List<Waiter> Later { get; } = [];

    /// <summary>What is needed to start that next one.</summary>
    public FlightCommand.Join? Next { get; set; }

    /// <summary>Who started it; a job decides whether the value is kept.</summary>
    public Waiter? Starter { get; set; }

    /// <summary>Its key was invalidated after the start.</summary>
    public bool Obsolete { get; set; }

    public bool Cancelled { get; set; }
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
internal sealed class LandedValue(Flight flight, CacheKey key, TaskBook book, ComputedResult result, object ticket, long landedAt)
{
    public Flight Flight { get; } = flight;
    public CacheKey Key { get; } = key;
    public TaskBook Book { get; } = book;
    public ComputedResult Result { get; } = result;

    /// <summary>The job's.</summary>
    public object Ticket { get; } = ticket;

    /// <summary>Timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LandedAt { get; } = landedAt;
}
