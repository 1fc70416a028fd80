using System.Collections.Frozen;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Compute;

/// <summary>Supervisor at <c>/user/compute</c>: one router pool of compute actors per queue, each with its gate. Fixed at the node's start.</summary>
public sealed class ComputePools : ReceiveActor
{
    private readonly IReadOnlyList<string> _queues;
    private readonly ComputeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TaskCompletionSource<ComputeDirectory> _started;
    private readonly Dictionary<string, IActorRef> _gates = new(StringComparer.Ordinal);

    public ComputePools(
        IReadOnlyList<string> queues, ComputeOptions options, TimeProvider time, ILogger log, TaskCompletionSource<ComputeDirectory> started)
    {
        (_queues, _options, _time, _log, _started) = (queues, options, time, log, started);
        Receive<Terminated>(terminated => PoolEnded(terminated.ActorRef));
    }

    /// <summary>Starts the pools.</summary>
    /// <param name="queues">Distinct names; see <see cref="Queues"/>.</param>
    /// <exception cref="ConfigurationException">A deployment entry is wrong.</exception>
    public static Task<ComputeDirectory> StartAsync(
        ActorSystem system, IReadOnlyList<string> queues, ComputeOptions options, TimeProvider time, ILogger<ComputePools> log)
    {
        var started = new TaskCompletionSource<ComputeDirectory>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new ComputePools(queues, options, time, log, started)), "compute");
        return started.Task;
    }

    /// <summary>The queues that this node serves: those of its tasks, those named under <c>actorperf.queues</c>, and those deployed under
    /// <c>akka.actor.deployment</c> as <c>/compute/NAME</c>. In order of name.</summary>
    public static IReadOnlyList<string> Queues(ITaskCatalog tasks, IConfiguration configuration) =>
    [
        .. tasks.All.Select(task => task.Queue)
            .Concat(configuration.GetSection("actorperf:queues").GetChildren().Select(queue => queue.Key))
            .Concat(configuration.GetSection("akka:actor:deployment").GetChildren().Select(entry => entry.Key.Trim('"'))
                .Where(path => path.StartsWith("/compute/", StringComparison.Ordinal)).Select(path => path["/compute/".Length..]))
            .Append("default").Where(TaskNames.IsValid).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    protected override void PreStart()
    {
        try
        {
            _started.TrySetResult(new ComputeDirectory(_queues.Select(StartPool)));
        }
        catch (Exception exception)
        {
            _started.TrySetException(exception); // whoever starts the node has to know
            throw;
        }
    }

    // A gate keeps its books after a fault: what waits and runs there belongs to others.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Resume);

    private ComputePool StartPool(string queue)
    {
        var (options, log, meter, open) = (_options, _log, new PoolMeter(), new OpenPermits());
        // No queue's name has a colon, so a gate never takes the name of a pool.
        var gate = Context.ActorOf(Props.Create(() => new ComputeGate(queue, options, meter, open, log)), $"gate:{queue}");
        _gates[queue] = gate;
        return new ComputePool(queue, gate, StartRouter(queue, gate), meter, open);
    }

    private IActorRef StartRouter(string queue, IActorRef gate)
    {
        var (time, maxResultBytes) = (_time, _options.MaxResultBytes);
        // A deployment entry takes the place of this router; a routee that fails starts afresh and announces itself again.
        var router = new SmallestMailboxPool(ComputeOptions.DefaultRoutees).WithSupervisorStrategy(new OneForOneStrategy(static _ => Directive.Restart));
        var pool = Context.ActorOf(Props.Create(() => new ComputeActor(gate, time, maxResultBytes)).WithRouter(router), queue);
        Context.Watch(pool);
        gate.Tell(new GateNotice.PoolStarted(pool), Self);
        return pool;
    }

    /// <summary>A router stops with its last routee; the gate has answered what they ran.</summary>
    private void PoolEnded(IActorRef pool)
    {
        var queue = pool.Path.Name;
        if (_gates.TryGetValue(queue, out var gate)) StartRouter(queue, gate);
    }
}

/// <summary>The pool of a queue.</summary>
/// <param name="Gate">Takes <see cref="GateCommand"/>s.</param>
/// <param name="Router">Owns the routees as the node started; attempts reach them through the gate alone.</param>
/// <param name="Open">Permits for the one who sent the gate <see cref="GateCommand.LayOpen"/>.</param>
public sealed record ComputePool(string Queue, IActorRef Gate, IActorRef Router, PoolMeter Meter, OpenPermits Open);

/// <summary>The pools of this node.</summary>
public sealed class ComputeDirectory
{
    private readonly FrozenDictionary<string, ComputePool> _byQueue;

    public ComputeDirectory(IEnumerable<ComputePool> pools)
    {
        All = [.. pools];
        _byQueue = All.ToFrozenDictionary(pool => pool.Queue, StringComparer.Ordinal);
    }

    /// <summary>In order of name.</summary>
    public IReadOnlyList<ComputePool> All { get; }

    /// <summary>Null: no pool of this node serves the queue.</summary>
    public ComputePool? Find(string queue) => _byQueue.GetValueOrDefault(queue);

    /// <summary>What is degraded, in words; null when all is well.</summary>
    public string? Condition => All.FirstOrDefault(pool => pool.Meter.Read().Closed) is { } closed
        ? $"Queue '{closed.Queue}' takes no more jobs: {closed.Meter.Read().Abandoned} runs ignored their token and still hold their routees. Mend those tasks, or restart the node."
        : null;
}
