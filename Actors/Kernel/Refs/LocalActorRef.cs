namespace ActorPerf.Kernel;

/// <summary>The reference to an actor of this system: everything goes to its cell.</summary>
internal class LocalActorRef : ActorRefBase
{
    public LocalActorRef(ActorSystemImpl system, Props props, IInternalActorRef parent, ActorPath path, DispatcherBinding binding)
    {
        Path = path;
        Cell = new ActorCell(system, this, props, parent, binding);
    }

    /// <summary>For a reference that its own actor must know.</summary>
    protected LocalActorRef(
        ActorSystemImpl system, IInternalActorRef parent, ActorPath path, DispatcherBinding binding, Func<LocalActorRef, Props> props)
    {
        Path = path;
        Cell = new ActorCell(system, this, props(this), parent, binding);
    }

    public ActorCell Cell { get; }

    public sealed override ActorPath Path { get; }

    public sealed override bool IsTerminated => Cell.IsTerminated;

    /// <summary>Lets the actor be constructed; called once, after its parent has entered it among its children.</summary>
    public virtual void Start() => Cell.Start();

    public override void Tell(object message, IActorRef? sender) => Cell.Post(message, sender);

    public sealed override void SendSystemMessage(SystemMessage message) => Cell.PostSystem(message);

    public void Stop() => Cell.PostSystem(new SystemMessage.Terminate());
}
