namespace ActorPerf.Kernel;

/// <summary>Picks a routee, on the sender's thread; several senders at once.</summary>
internal abstract class RoutingLogic
{
    /// <param name="message">As it was sent, envelope included.</param>
    /// <param name="routees">Not empty.</param>
    /// <returns>Null when none may have it.</returns>
    public abstract LocalActorRef? Select(object message, LocalActorRef[] routees);
}

internal sealed class RoundRobinLogic : RoutingLogic
{
    private int _next = -1;

    public override LocalActorRef? Select(object message, LocalActorRef[] routees) =>
        routees[(uint)Interlocked.Increment(ref _next) % (uint)routees.Length];
}

internal sealed class SmallestMailboxLogic : RoutingLogic
{
    private int _next = -1;

    /// <summary>Begins behind the one picked last, so that equals take turns.</summary>
    public override LocalActorRef? Select(object message, LocalActorRef[] routees)
    {
        var start = (uint)Interlocked.Increment(ref _next);
        LocalActorRef? best = null;
        var least = long.MaxValue;
        for (uint i = 0; i < (uint)routees.Length; i++)
        {
            var routee = routees[(start + i) % (uint)routees.Length];
            if (routee.IsTerminated) continue;
            var load = 2 * routee.Cell.MailboxDepth + (routee.Cell.IsBusy ? 1 : 0);
            if (load == 0) return routee;
            if (load >= least) continue;
            least = load;
            best = routee;
        }
        return best;
    }
}
