using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>The reference to a pool: messages go from the sender's thread straight to a routee; only what is for the router itself
/// passes through its mailbox.</summary>
internal sealed class RouterRef : LocalActorRef
{
    /// <summary>How long a routee lives on that is let go: a sender may have read of it just before.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly ActorSystemImpl _system;
    private readonly Pool _pool;
    private readonly Props _routeeProps;
    private readonly RoutingLogic _logic;
    private LocalActorRef[] _routees = [];

    public RouterRef(ActorSystemImpl system, Props props, Pool pool, IInternalActorRef parent, ActorPath path)
        : base(system, parent, path, system.Dispatchers.Bind(pool.RouterDispatcher, null, path), self => PoolProps(self, pool))
    {
        _system = system;
        _pool = pool;
        _routeeProps = props.WithRouter(NoRouter.Instance);
        _ = system.Dispatchers.Bind(props.Dispatcher, props.Mailbox, path);        // throws now, and not when the router is its parent's child already
        Vacancies = new Vacancies(system.Scheduler);
        _logic = pool.CreateLogic(system, path);
    }

    public LocalActorRef[] Routees => Volatile.Read(ref _routees);

    /// <summary>Of a pool that prefers idle routees; null for others.</summary>
    public IdleSignal? Idle => _logic.Idle;

    /// <summary>Kept here, for it outlives a restart of the router. For the router's turn only.</summary>
    public Vacancies Vacancies { get; }

    /// <summary>Starts the routees at once, so that the first message finds them.</summary>
    public override void Start()
    {
        for (var i = 0; i < _pool.NrOfInstances; i++) AddRoutee(null);
        base.Start();
    }

    public override void Tell(object message, IActorRef? sender)
    {
        // Named one by one: a comparison with a sealed class costs nothing, one with their base class does.
        if (message is PoisonPill or Kill or Terminated or GetRoutees or AdjustPoolSize) base.Tell(message, sender);
        else if (message is RouterEnvelope envelope) Open(envelope, sender);
        else Route(message, message, sender);
    }

    /// <summary>Starts a routee, under the given name where it replaces another.</summary>
    public LocalActorRef AddRoutee(string? name)
    {
        var routee = Employ(name);
        _routees = [.. _routees, routee];
        return routee;
    }

    /// <summary>Puts a new routee in the place of one that has stopped. From the router's turn.</summary>
    public LocalActorRef Replace(LocalActorRef dead)
    {
        var routee = Employ(dead.Path.Name);
        Volatile.Write(ref _routees, Array.ConvertAll(_routees, other => ReferenceEquals(other, dead) ? routee : other));
        return routee;
    }

    /// <summary>Sends nothing more to a routee. From the router's turn.</summary>
    public void Remove(LocalActorRef routee) => Volatile.Write(ref _routees, Array.FindAll(_routees, other => !ReferenceEquals(other, routee)));

    /// <summary>Sends nothing more to a routee and ends it, behind what senders that read of it just before still give it. From the router's turn.</summary>
    public void LetGo(LocalActorRef routee)
    {
        Remove(routee);
        _system.Scheduler.Advanced.ScheduleOnce(Grace, () => routee.Cell.PostNotice(PoisonPill.Instance, this));
    }

    /// <summary>Tells the router itself, later: what its reference is told goes to a routee.</summary>
    public ICancelable TellRouterLater(TimeSpan delay, object message)
    {
        var timer = new Cancelable(_system.Scheduler);
        _system.Scheduler.Advanced.ScheduleOnce(delay, () => Cell.Post(message, this), timer);
        return timer;
    }

    private static Props PoolProps(LocalActorRef self, Pool pool) =>
        Props.Internal(typeof(PoolRouter), () => new PoolRouter((RouterRef)self, pool));

    private LocalActorRef Employ(string? name)
    {
        var routee = Cell.Attach(_routeeProps, name, true);
        if (_logic.Idle is { } idle) routee.Cell.SignalIdle(idle);
        return routee;
    }

    private void ToAll(object message, IActorRef? sender)
    {
        foreach (var routee in Routees) routee.Tell(message, sender);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Open(RouterEnvelope envelope, IActorRef? sender)
    {
        if (envelope is Broadcast) ToAll(envelope.Message, sender);
        else Route(envelope, envelope.Message, sender);
    }

    private void Route(object message, object inner, IActorRef? sender)
    {
        if (message is null) throw new InvalidMessageException();
        var routees = Routees;
        if (routees.Length > 0 && Select(message, routees) is { } routee) routee.Cell.Post(inner, sender);
        else _system.DeadLetterRef.Undelivered(inner, sender, this);
    }

    /// <summary>Names the two that choose in a few nanoseconds, so that they are no calls.</summary>
    private LocalActorRef? Select(object message, LocalActorRef[] routees) => _logic switch
    {
        RoundRobinLogic logic => logic.Select(message, routees),
        SmallestMailboxLogic logic => logic.Select(message, routees),
        _ => _logic.Select(message, routees),
    };
}
