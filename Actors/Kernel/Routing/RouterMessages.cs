namespace ActorPerf.Kernel;

/// <summary>A message with something for the router around it; routees get what is inside.</summary>
public abstract class RouterEnvelope
{
    private protected RouterEnvelope(object message) => Message = message;

    public object Message { get; }
}

/// <summary>For every routee.</summary>
public class Broadcast : RouterEnvelope
{
    public Broadcast(object message) : base(message) { }
}

/// <summary>A message with its hash key beside it.</summary>
public sealed class ConsistentHashableEnvelope : RouterEnvelope, IConsistentHashable
{
    public ConsistentHashableEnvelope(object message, object hashKey) : base(message) => HashKey = hashKey;

    public object HashKey { get; }

    public object ConsistentHashKey => HashKey;
}

/// <summary>A message for the router itself.</summary>
public abstract class RouterManagementMessage
{
    private protected RouterManagementMessage() { }
}

/// <summary>Asks a router for its <see cref="Routees"/>.</summary>
public sealed class GetRoutees : RouterManagementMessage
{
    public static GetRoutees Instance { get; } = new();
}

/// <summary>Makes a pool larger, or smaller by so many.</summary>
public sealed class AdjustPoolSize : RouterManagementMessage
{
    public AdjustPoolSize(int change) => Change = change;

    public int Change { get; }
}

/// <summary>The routees of a router.</summary>
public sealed class Routees
{
    public Routees(IEnumerable<Routee> routees) => Members = routees;

    public IEnumerable<Routee> Members { get; }
}

/// <summary>One routee.</summary>
public abstract class Routee
{
    private protected Routee() { }

    public abstract void Send(object message, IActorRef? sender);
}

/// <summary>A routee that is an actor.</summary>
public class ActorRefRoutee : Routee
{
    public ActorRefRoutee(IActorRef actor) => Actor = actor;

    public IActorRef Actor { get; }

    public override void Send(object message, IActorRef? sender) => Actor.Tell(message, sender);

    public override bool Equals(object? obj) => obj is ActorRefRoutee other && other.Actor.Equals(Actor);

    public override int GetHashCode() => Actor.GetHashCode();
}
