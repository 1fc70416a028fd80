namespace ActorPerf.Kernel;

/// <summary>A tree of actors with its threads, its clock and its event stream.</summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    private protected ActorSystem() { }

    public abstract IActorRef DeadLetters { get; }

    public abstract EventStream EventStream { get; }

    public abstract string Name { get; }

    public abstract IScheduler Scheduler { get; }

    public TimeSpan StartTime { get; private protected init; }

    public TimeSpan Uptime => Scheduler.MonotonicClock - StartTime;

    /// <summary>Ends when every actor has stopped.</summary>
    public abstract Task WhenTerminated { get; }

    /// <param name="name">Letters, digits and hyphens; part of every path.</param>
    public static ActorSystem Create(string name) => Create(name, Config.Empty);

    public static ActorSystem Create(string name, Config config) => Create(name, config, new KernelSetup());

    /// <summary>With what only the kernel knows; see <see cref="KernelSetup"/>.</summary>
    internal static ActorSystem Create(string name, Config config, KernelSetup setup) => new ActorSystemImpl(name, config, setup).Start();

    /// <summary>Starts an actor under <c>/user</c>.</summary>
    public abstract IActorRef ActorOf(Props props, string? name = null);

    /// <summary>Runs <paramref name="code"/> after the last actor has stopped.</summary>
    public abstract void RegisterOnTermination(Action code);

    public abstract void Stop(IActorRef actor);

    /// <summary>Runs the coordinated shutdown, whose last phase stops every actor, unless <c>run-by-actor-system-terminate</c> is off: then stops
    /// every actor at once. Calling it again joins the first call.</summary>
    public abstract Task Terminate();

    /// <summary>Begins <see cref="Terminate"/> and returns at once.</summary>
    public void Dispose()
    {
        _ = Terminate();
        GC.SuppressFinalize(this);
    }
}
