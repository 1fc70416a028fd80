namespace ActorPerf.Kernel;

/// <summary>Handles a message with the present behaviour; false when it does not understand it.</summary>
public delegate bool Receive(object message);

/// <summary>Handles every message it is given.</summary>
public delegate void UntypedReceive(object message);

/// <summary>An actor: state that only its own messages touch, one at a time.</summary>
public abstract class ActorBase
{
    private readonly ActorCell _cell;

    // What changes with every message is kept here and not in the cell: senders read the cell on other threads, and would miss their
    // caches each time.
    internal object? Message;
    internal IActorRef? MessageSender;
    internal long Handled;
    internal long HandledBefore;           // Handled at the end of the turn before

    /// <exception cref="ActorInitializationException">Constructed with <c>new</c> instead of <c>ActorOf</c>.</exception>
    protected ActorBase()
    {
        _cell = ActorCell.Current is { IsConstructing: true } cell
            ? cell
            : throw new ActorInitializationException(
                $"{GetType().Name} was constructed with 'new'. Start it with ActorOf(Props.Create(() => new {GetType().Name}(...))).");
    }

    /// <summary>The running actor's view of the system. Only while it handles a message or a life cycle hook.</summary>
    /// <exception cref="NotSupportedException">Used outside: from another thread, or after an await that left the actor.</exception>
    protected static IActorContext Context => ActorCell.Required;

    protected static Receive EmptyReceive { get; } = _ => false;

    protected IActorRef Self => _cell.Running.Self;

    /// <summary>Who sent the message being handled; dead letters when nobody did.</summary>
    protected IActorRef Sender => _cell.Running.Sender;

    /// <summary>Handles one message; false makes it <see cref="Unhandled"/>.</summary>
    protected abstract bool Receive(object message);

    /// <summary>Runs once, before the first message of the first instance.</summary>
    protected virtual void PreStart() { }

    /// <summary>Runs after the actor has stopped, when its children have; also from <see cref="PreRestart"/> unless that is overridden.</summary>
    protected virtual void PostStop() { }

    /// <summary>Runs on the failed instance before it is replaced. Stops all children and calls <see cref="PostStop"/>.</summary>
    protected virtual void PreRestart(Exception reason, object message)
    {
        _cell.StopChildrenForRestart();
        PostStop();
    }

    /// <summary>Runs on the new instance. Calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>How failures of children are decided, unless the actor's props name a strategy: by default <see cref="Kernel.SupervisorStrategy.DefaultStrategy"/>.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Kernel.SupervisorStrategy.DefaultStrategy;

    /// <summary>Publishes an <see cref="UnhandledMessage"/>; an unhandled <see cref="Terminated"/> breaks the death pact and throws.</summary>
    /// <exception cref="DeathPactException"><paramref name="message"/> is <see cref="Terminated"/>.</exception>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated) throw new DeathPactException(terminated.ActorRef);
        _cell.PublishUnhandled(message);
    }

    /// <summary>Handles messages with <paramref name="receive"/> from now on, in place of the present behaviour; those below it on the stack stay.</summary>
    protected void Become(Receive receive) => _cell.Become(receive);

    /// <summary>Handles messages with <paramref name="receive"/> until <see cref="UnbecomeStacked"/>.</summary>
    protected void BecomeStacked(Receive receive) => _cell.BecomeStacked(receive);

    protected void UnbecomeStacked() => _cell.UnbecomeStacked();

    /// <summary>Sends <see cref="ReceiveTimeout"/> after so long without a message; <c>null</c> turns it off.</summary>
    protected void SetReceiveTimeout(TimeSpan? timeout) => _cell.SetReceiveTimeout(timeout);

    internal virtual void OnConstructed() { }

    internal virtual bool ReceiveDefault(object message) => Receive(message);

    internal void RunPreStart() => PreStart();

    internal void RunPostStop() => PostStop();

    internal void RunPreRestart(Exception reason, object? message) => PreRestart(reason, message!);

    internal void RunPostRestart(Exception reason) => PostRestart(reason);

    internal void RunUnhandled(object message) => Unhandled(message);

    internal SupervisorStrategy CreateSupervisorStrategy() => SupervisorStrategy();

    private protected ActorCell Cell => _cell.Running;

    private protected void RunHandler<T>(Func<T, Task> handler, T message) => _cell.RunHandler(handler, message);
}
