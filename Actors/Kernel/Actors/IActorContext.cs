namespace ActorPerf.Kernel;

/// <summary>Starts actors.</summary>
public interface IActorRefFactory
{
    /// <summary>Starts an actor and returns at once; it is constructed in its own turn.</summary>
    /// <param name="props">How it is made.</param>
    /// <param name="name">Unique among its siblings, or null for a generated one.</param>
    /// <exception cref="InvalidActorNameException">The name is taken, or may not name an actor.</exception>
    /// <exception cref="InvalidOperationException">The parent is stopping.</exception>
    IActorRef ActorOf(Props props, string? name = null);
}

/// <summary>Starting actors by type.</summary>
public static class ActorRefFactoryExtensions
{
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string? name = null) where TActor : ActorBase, new() =>
        factory.ActorOf(Props.Create<TActor>(), name);
}

/// <summary>Learns of the end of actors.</summary>
public interface ICanWatch
{
    /// <summary>Asks for one <see cref="Terminated"/> when <paramref name="subject"/> has stopped, also if it already has.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>As <see cref="Watch"/>, but sends <paramref name="message"/> instead of <see cref="Terminated"/>.</summary>
    /// <exception cref="InvalidOperationException">Already watched with another message.</exception>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>After this no <see cref="Terminated"/> of <paramref name="subject"/> is handled, not even one already queued.</summary>
    IActorRef Unwatch(IActorRef subject);
}

/// <summary>What the running actor sees of the system. Valid only inside the actor.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    IActorRef Parent { get; }

    Props Props { get; }

    TimeSpan? ReceiveTimeout { get; }

    IActorRef Self { get; }

    IActorRef Sender { get; }

    ActorSystem System { get; }

    void Become(Receive receive);

    void BecomeStacked(Receive receive);

    void UnbecomeStacked();

    /// <summary>The child of that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    IEnumerable<IActorRef> GetChildren();

    void SetReceiveTimeout(TimeSpan? timeout);

    /// <summary>Stops an actor after the message it is handling; what is queued behind goes to dead letters.</summary>
    void Stop(IActorRef child);
}

/// <summary>The context of actors that handle every message.</summary>
public interface IUntypedActorContext : IActorContext
{
    void Become(UntypedReceive receive);

    void BecomeStacked(UntypedReceive receive);
}
