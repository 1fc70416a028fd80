using System.Numerics;

namespace ActorPerf.Kernel;

/// <summary>Picks a routee, on the sender's thread; several senders at once.</summary>
internal abstract class RoutingLogic
{
    /// <summary>Raised by routees that become idle; null where nobody asks.</summary>
    public virtual IdleSignal? Idle => null;

    /// <param name="message">As it was sent, envelope included.</param>
    /// <param name="routees">Not empty.</param>
    /// <returns>Null when none may have it.</returns>
    public abstract LocalActorRef? Select(object message, LocalActorRef[] routees);
}

internal sealed class RoundRobinLogic : RoutingLogic
{
    private readonly TurnCounter _turns = new();

    public override LocalActorRef? Select(object message, LocalActorRef[] routees)
    {
        var turn = _turns.Next();
        var count = (uint)routees.Length;
        return routees[BitOperations.IsPow2(count) ? turn & (count - 1) : turn % count];       // a division costs more than all else here
    }
}
