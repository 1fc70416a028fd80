using ActorPerf.Compute;

namespace ActorPerf.Caching;

/// <summary>The shards of the cache: what they remember, and the actor of each at <c>/user/caching</c>. Fixed at the node's start.</summary>
public sealed class CachingShards
{
    private readonly IActorRef[] _actors;

    private CachingShards(MemoTable table, CacheBooks books, IActorRef[] actors) => (Table, Books, _actors) = (table, books, actors);

    internal MemoTable Table { get; }
    internal CacheBooks Books { get; }

    /// <summary>All actors, for commands that concern every key.</summary>
    public IReadOnlyList<IActorRef> Actors => _actors;

    /// <summary>The actor that owns a key; takes <see cref="CacheCommand"/>s.</summary>
    public IActorRef ActorOf(CacheKey key) => _actors[Table.IndexOf(key)];

    /// <summary>Starts the shards.</summary>
    public static Task<CachingShards> StartAsync(
        ActorSystem system, ComputeDirectory pools, CacheOptions options, TimeProvider time, ILogger<CachingShards> log)
    {
        var (table, books) = (new MemoTable(options, time), new CacheBooks(options.MaxNamespaces));
        var started = new TaskCompletionSource<IActorRef[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new CachingSupervisor(table, books, pools, options, time, log, started)), "caching");
        return Finish();

        async Task<CachingShards> Finish() => new(table, books, await started.Task);
    }
}

/// <summary>Parent of the shards. One that fails tells its waiters and starts afresh; what it remembers survives.</summary>
internal sealed class CachingSupervisor : UntypedActor
{
    private readonly Func<MemoShard, Props> _shard;
    private readonly MemoTable _table;
    private readonly TaskCompletionSource<IActorRef[]> _started;

    public CachingSupervisor(
        MemoTable table, CacheBooks books, ComputeDirectory pools, CacheOptions options, TimeProvider time, ILogger log, TaskCompletionSource<IActorRef[]> started)
    {
        (_table, _started) = (table, started);
        _shard = memo => Props.Create(() => new CachingActor(table, memo, books, pools, options, time, log));
    }

    protected override void PreStart() => _started.TrySetResult([.. _table.Shards.Select((memo, i) => Context.ActorOf(_shard(memo), $"{i}"))]);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Restart);

    protected override void OnReceive(object message) => Unhandled(message);
}
