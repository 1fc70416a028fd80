using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Kernel;

/// <summary>The actor system: makes references, owns the guardians, ends everything.</summary>
internal sealed class ActorSystemImpl : ActorSystem
{
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action> _onTermination = [];
    private readonly Deployer _deployer;
    private readonly ActorPath _temp;
    private readonly AlarmLanes? _lanes;
    private readonly SimulationDispatcher? _simulation;
    private LocalActorRef _root = null!;   // set by Start(), before anybody sees the system
    private long _uids;

    public ActorSystemImpl(string name, Config config, KernelSetup setup)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || name[0] is '-' or '_')
        {
            throw new ArgumentException($"'{name}' cannot name an actor system: use letters, digits, '-' and '_', and begin with a letter or digit.", nameof(name));
        }
        Name = name;
        Config = config;
        Setup = setup;
        Log = new ObservedLog((setup.Logs ?? NullLoggerFactory.Instance).CreateLogger("ActorPerf.Kernel"));
        Scheduler = setup.Scheduler?.Invoke(setup.Time) ?? SchedulerChoice.From(config) ?? new TimeProviderScheduler(setup.Time, Log);
        _lanes = (Scheduler as TimeProviderScheduler)?.Lanes;
        RootPath = new RootActorPath(new Address("akka", name));
        _temp = RootPath.Child("temp");
        EventStream = new EventStream();
        DeadLetterRef = new DeadLetterRef(this, RootPath.Child("deadLetters"));
        Dispatchers = new Dispatchers(config, setup.Dispatcher);
        _simulation = setup.Dispatcher as SimulationDispatcher;
        _deployer = new Deployer(config);
        AskTimeout = config.GetTimeSpan("akka.actor.ask-timeout", Timeout.InfiniteTimeSpan);
        StartTime = Scheduler.MonotonicClock;
        Shutdown = new CoordinatedShutdown(this);
    }

    public override string Name { get; }

    public Config Config { get; }

    public KernelSetup Setup { get; }

    public ObservedLog Log { get; }

    public ActorPath RootPath { get; }

    public Dispatchers Dispatchers { get; }

    public CoordinatedShutdown Shutdown { get; }

    public DeadLetterRef DeadLetterRef { get; }

    /// <summary>What actors counted that have stopped.</summary>
    public StoppedActors Stopped { get; } = new();

    public RestartCounts Restarts { get; } = new();

    public override IActorRef DeadLetters => DeadLetterRef;

    public override EventStream EventStream { get; }

    public override IScheduler Scheduler { get; }

    /// <summary>How long an ask waits that names no time-out.</summary>
    public TimeSpan AskTimeout { get; }

    public override Task WhenTerminated => _terminated.Task;

    public LocalActorRef Root => _root;

    public LocalActorRef User { get; private set; } = null!;

    public LocalActorRef SystemGuardian { get; private set; } = null!;

    public ActorSystemImpl Start()
    {
        var binding = new DispatcherBinding(Dispatchers.Default, 0, 0);
        _root = new LocalActorRef(this, Props.Internal(typeof(RootGuardian), () => new RootGuardian()), new SystemEnd(this), RootPath, binding);
        SystemGuardian = _root.Cell.Attach(Props.Internal(typeof(Guardian), () => new Guardian()), "system", null);
        User = _root.Cell.Attach(Props.Internal(typeof(Guardian), () => new Guardian()), "user", null);
        _root.Start();
        return this;
    }

    public override IActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null) ActorNames.Check(name, User.Path);
        return User.Cell.Attach(props, name, null);
    }

    /// <summary>Starts an actor of the kernel's own under <c>/system</c>.</summary>
    public IActorRef SystemActorOf(Props props, string? name) => SystemGuardian.Cell.Attach(props, name, null);

    public override void Stop(IActorRef actor)
    {
        if (actor is LocalActorRef { Cell.Parent: LocalActorRef parent } child && (ReferenceEquals(parent, User) || ReferenceEquals(parent, SystemGuardian)))
        {
            parent.Cell.Stop(child);
        }
        else
        {
            actor.TellSystem(new SystemMessage.Terminate());
        }
    }

    public override void RegisterOnTermination(Action code)
    {
        lock (_onTermination)
        {
            if (!_terminated.Task.IsCompleted)
            {
                _onTermination.Add(code);
                return;
            }
        }
        code();
    }

    public override Task Terminate()
    {
        if (!Shutdown.IsRunByTerminate) return StopActors();
        _ = Shutdown.Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        return WhenTerminated;
    }

    /// <summary>Stops every actor: those of users first, then the system's.</summary>
    public Task StopActors()
    {
        User.Stop();
        return WhenTerminated;
    }

    /// <summary>Makes the reference of a new actor as its props and the deployment say.</summary>
    public LocalActorRef CreateRef(Props props, LocalActorRef parent, ActorPath path, bool routee)
    {
        if (!routee) props = _deployer.Apply(props, path);
        if (!routee && props.RouterConfig is Pool pool) return new RouterRef(this, props, pool, parent, path);
        return new LocalActorRef(this, props, parent, path, Dispatchers.Bind(props.Dispatcher, props.Mailbox, path));
    }

    /// <summary>Wakes <paramref name="clock"/> once, unless the result is disposed before.</summary>
    public IDisposable StartAlarm(IAlarmClock clock, TimeSpan delay)
    {
        if (Scheduler is TimeProviderScheduler own) return own.StartAlarm(clock, delay);
        var cancelable = new AlarmHandle(Scheduler);
        Scheduler.Advanced.ScheduleOnce(delay, clock.Ring, cancelable);
        return cancelable;
    }

    /// <summary>Sets an alarm that shares its timer with others; false when it needs one of its own, as under every scheduler but the system's own.</summary>
    public bool TryEnterLane(LaneAlarm alarm, TimeSpan delay) => _lanes is { } lanes && lanes.TryEnter(alarm, delay);

    /// <summary>The task itself, or in a simulation one from whose end others go on in a turn of it and on no other thread.</summary>
    public Task<T> Own<T>(Task<T> task) => _simulation is { } turns ? turns.Own(task) : task;

    /// <inheritdoc cref="Own{T}(Task{T})"/>
    public Task Own(Task task) => _simulation is { } turns ? turns.Own(task) : task;

    public long NextUid() => Interlocked.Increment(ref _uids);

    public ActorPath TempPath(long number) => new ChildActorPath(_temp, ActorNames.Generated(number), 0);

    private void Ended()
    {
        (Scheduler as IDisposable)?.Dispose();
        Action[] codes;
        lock (_onTermination)
        {
            codes = [.. _onTermination];
            _terminated.TrySetResult();
        }
        foreach (var code in codes) code();
    }

    private sealed class AlarmHandle(IScheduler scheduler) : Cancelable(scheduler)
    {
        protected override void Dispose(bool disposing)
        {
            Cancel();
            base.Dispose(disposing);
        }
    }

    /// <summary>The parent of the root: when the root has stopped, so has the system.</summary>
    private sealed class SystemEnd(ActorSystemImpl system) : ActorRefBase
    {
        public override ActorPath Path { get; } = system.RootPath.Child("bubble-walker");

        public override void Tell(object message, IActorRef? sender) { }

        public override void SendSystemMessage(SystemMessage message)
        {
            switch (message)
            {
                case SystemMessage.DeathWatchNotification: system.Ended(); break;
                case SystemMessage.Failed failed: failed.Child.Stop(); break;
            }
        }
    }
}
