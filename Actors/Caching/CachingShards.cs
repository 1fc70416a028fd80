using ActorPerf.Compute;

namespace ActorPerf.Caching;

/// <summary>The shards of the cache: what they remember, and the actor of each at <c>/user/caching</c>. Fixed at the node's start.</summary>
public sealed class CachingShards : IDisposable
{
    private readonly IActorRef[] _actors;
    private readonly ShardParts _parts;
    private readonly CacheMeter _meter;

    private CachingShards(ShardParts parts, IActorRef[] actors, IInvalidationFeed feed)
    {
        (_parts, _actors, Feed) = (parts, actors, feed);
        Sink = new CacheSink(Books, ActorOf, Reclaim);
        feed.Attach(Sink);
        _meter = new CacheMeter(Books);
    }

    internal MemoTable Table => _parts.Table;
    internal CacheBooks Books => _parts.Books;

    /// <summary>All actors, for commands that concern every key.</summary>
    public IReadOnlyList<IActorRef> Actors => _actors;

    /// <summary>Where this node's invalidations are told.</summary>
    public IInvalidationFeed Feed { get; }

    /// <summary>Invalidations reach more than this process: other nodes, or a second level.</summary>
    internal bool ReachesBeyond => Feed is not LocalInvalidationFeed;

    /// <summary>Where others' are applied.</summary>
    public IInvalidationSink Sink { get; }

    /// <summary>The actor that owns a key; takes <see cref="CacheCommand"/>s.</summary>
    public IActorRef ActorOf(CacheKey key) => _actors[Table.IndexOf(key)];

    /// <summary>What is degraded, in words; null when all is well.</summary>
    public string? Condition => _parts.Health.Sum(static shard => shard.Failing) is > 0 and var failing
        ? $"The computation of {failing} remembered {(failing == 1 ? "result" : "results")} has failed three times in a row or more. GET /api/v1/cache/entries says which and why; stale results are answered until their time is over."
        : null;

    /// <summary>Starts the shards.</summary>
    public static Task<CachingShards> StartAsync(ActorSystem system, ComputeDirectory pools, CacheOptions options, TimeProvider time, ILogger<CachingShards> log) =>
        StartAsync(system, pools, options, time, log, new LocalInvalidationFeed(), store: null, seed: 0);

    /// <summary>Starts the shards.</summary>
    /// <param name="feed">Carries invalidations to and from other nodes.</param>
    /// <param name="store">The second level; null: there is none.</param>
    /// <param name="seed">Of jitter: another one on each node.</param>
    public static Task<CachingShards> StartAsync(
        ActorSystem system, ComputeDirectory pools, CacheOptions options, TimeProvider time, ILogger<CachingShards> log, IInvalidationFeed feed, ICacheStore? store, int seed)
    {
        var table = new MemoTable(options, time, seed);
        var parts = new ShardParts
        {
            Table = table,
            Books = new CacheBooks(options.MaxNamespaces),
            Pools = pools,
            Options = options,
            Time = time,
            Log = log,
            Second = store is not null && options.SecondLevel.Enabled ? new SecondLevel(store, feed, options.SecondLevel.Threshold) : null,
            Health = [.. table.Shards.Select(static _ => new ShardHealth())],
        };
        var started = new TaskCompletionSource<IActorRef[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new CachingSupervisor(parts, started)), "caching");
        return Finish();

        async Task<CachingShards> Finish() => new(parts, await started.Task, feed);
    }

    /// <summary>Ends the metrics; the actors end with their system.</summary>
    public void Dispose() => _meter.Dispose();

    private void Reclaim()
    {
        foreach (var actor in _actors) actor.Tell(FlightCommand.Reclaim.Instance, ActorRefs.NoSender);
    }
}

/// <summary>What a shard's actor is made of.</summary>
internal sealed class ShardParts
{
    public required MemoTable Table { get; init; }

    public required CacheBooks Books { get; init; }

    public required ComputeDirectory Pools { get; init; }

    public required CacheOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Null: memory alone.</summary>
    public required SecondLevel? Second { get; init; }

    /// <summary>One for each shard.</summary>
    public required IReadOnlyList<ShardHealth> Health { get; init; }
}

/// <summary>How a shard's computations go.</summary>
internal sealed class ShardHealth
{
    private volatile int _failing;

    /// <summary>Keys that failed three times in a row, or more.</summary>
    public int Failing
    {
        get => _failing;
        set => _failing = value;
    }
}

/// <summary>Parent of the shards. One that fails tells its waiters and starts afresh; what it remembers survives.</summary>
internal sealed class CachingSupervisor : UntypedActor
{
    private readonly ShardParts _parts;
    private readonly TaskCompletionSource<IActorRef[]> _started;

    public CachingSupervisor(ShardParts parts, TaskCompletionSource<IActorRef[]> started) => (_parts, _started) = (parts, started);

    protected override void PreStart() => _started.TrySetResult([.. Enumerable.Range(0, _parts.Table.Shards.Count).Select(i => Context.ActorOf(PropsOf(_parts, i), $"{i}"))]);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Restart);

    protected override void OnReceive(object message) => Unhandled(message);

    private static Props PropsOf(ShardParts parts, int index) => Props.Create(() => new CachingActor(parts, index));
}
