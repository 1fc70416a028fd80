using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs;

/// <summary>What the job tracker works with. What must outlive a restart of the actor lives here.</summary>
internal sealed class TrackerParts
{
    private const int MaxMeters = 1_000;

    private readonly Dictionary<string, RouteMeter> _meters = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, IActorRef> _dispatchers = new Dictionary<string, IActorRef>();

    public required IJobStore Store { get; init; }
    public required ITaskCatalog Tasks { get; init; }
    public required JobOptions Options { get; init; }
    public required Func<string, QueueOptions> QueueOptions { get; init; }
    public required FlowSettings Flow { get; init; }

    public RetentionRules Retention => field ??= new RetentionRules(
        Options.Retention, queue => QueueOptions(queue).Retention, task => Tasks.TryGet(task, out var known) ? known.Retention : null,
        OwnRetentions.Concat(Tasks.All.Select(task => task.Retention).OfType<RetentionPolicy>()));

    /// <summary>Of all configured queues.</summary>
    public IReadOnlyList<RetentionPolicy> OwnRetentions { get; init; } = [];

    /// <summary>Under which this node claims; another one after it was fenced.</summary>
    public required Incarnation Incarnation { get; set; }

    /// <summary>Why nothing runs here, for this incarnation is over; null while it lives.</summary>
    public string? Fence { get; set; }

    /// <summary>Whether this node's right to run jobs holds at this moment, whatever it has been told yet.</summary>
    public Func<bool> LeaseHolds { get; init; } = static () => true;

    /// <summary>Jobs may be claimed and started.</summary>
    public bool MayRun => Draining is null && Fence is null && LeaseHolds();

    public ILeadership Leadership { get; init; } = Cluster.Leadership.Always;

    public required string NodeName { get; init; }
    public required TimeProvider Time { get; init; }
    public required Random Random { get; init; }
    public required ILogger Log { get; init; }
    public required JobStatisticsBoard Statistics { get; init; }
    public required QueuePace Pace { get; init; }
    public required Func<CacheKey, IActorRef> CachingActorOf { get; init; }
    public int MaxResultBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Waiting jobs by queue; as the store counts them when the tracker starts, and kept up by it.</summary>
    public required Dictionary<string, long> Waiting { get; init; }

    /// <summary>Other nodes write to the same database: what they do is learnt from the feed.</summary>
    public bool IsShared => Events is not null;

    /// <summary>Reads the feed for those who follow jobs here; null on a node that is alone. Set before the first message.</summary>
    public IActorRef? Events { get; set; }

    /// <summary>Of <see cref="IsShared"/>: whether another node is there to read what this one writes for others.</summary>
    public Func<bool> HasOthers { get; init; } = static () => true;

    /// <summary>This node's pools.</summary>
    public required ComputeDirectory Pools { get; init; }

    /// <summary>Counts and traces attempts; null: nobody does.</summary>
    public TraceCollector? Traces { get; init; }

    /// <summary>The meter of a task's attempts; null: nobody counts them. For the tracker.</summary>
    public RouteMeter? MeterOf(string task)
    {
        if (Traces is not { } traces) return null;
        if (_meters.TryGetValue(task, out var known)) return known;
        // Names of tasks that no node has any more come from rows: not without end.
        return _meters.Count >= MaxMeters ? traces.Route(CallKind.Attempt, "job (others)") : _meters[task] = traces.Route(CallKind.Attempt, $"job {task}");
    }

    public AttemptStart Start => field ??= new AttemptStart(NodeName, CachingActorOf);

    /// <summary>One dispatcher for each pool, by queue; none before the node lets work begin. Set once, as a whole, for the tracker may be reading.</summary>
    public IReadOnlyDictionary<string, IActorRef> Dispatchers
    {
        get => Volatile.Read(ref _dispatchers);
        set => Volatile.Write(ref _dispatchers, value);
    }

    public RunningAttempts Running { get; } = new();

    public JobWaiters Waiters { get; } = new();

    public List<JobSubscription> Subscriptions { get; } = [];

    /// <summary>What to do when a write is reported.</summary>
    public Dictionary<JobWrite, object> Pending { get; } = [];

    /// <summary>Reported writes whose telling failed once.</summary>
    public HashSet<JobWrite> Retold { get; } = [];

    /// <summary>Attempts whose run was handed back and whose code goes on.</summary>
    public HashSet<RunningAttempt> Lingering { get; } = [];

    /// <summary>Null until the node stops.</summary>
    public Draining? Draining { get; set; }

    /// <summary>The drain is over: nobody is kept waiting any more.</summary>
    public bool LetGo { get; set; }
}
