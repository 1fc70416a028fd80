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
    /// <summary>Messages one routee may get after one comparison.</summary>
    private const int MaxCredit = 32;

    private int _next = -1;
    private LocalActorRef[]? _compared;    // the routees of the last comparison
    private int _favourite;
    private int _credit;                   // how many messages the favourite may get and still be the smallest

    /// <summary>Begins behind the one picked last, so that equals take turns.</summary>
    public override LocalActorRef? Select(object message, LocalActorRef[] routees)
    {
        var start = (uint)Interlocked.Increment(ref _next) % (uint)routees.Length;
        for (var i = 0; i < routees.Length; i++)
        {
            var routee = routees[(start + (uint)i) % (uint)routees.Length];
            if (!routee.Cell.IsBusy && !routee.IsTerminated) return routee;
        }
        return Favourite(routees) ?? Compare(routees, start);
    }

    private LocalActorRef? Favourite(LocalActorRef[] routees)
    {
        if (!ReferenceEquals(_compared, routees) || Interlocked.Decrement(ref _credit) < 0) return null;
        var favourite = _favourite;
        return favourite < routees.Length && !routees[favourite].IsTerminated ? routees[favourite] : null;
    }

    /// <summary>All are busy: looking into every mailbox is worth more than one message when the next larger one is far behind.</summary>
    private LocalActorRef? Compare(LocalActorRef[] routees, uint start)
    {
        var (least, second, best) = (long.MaxValue, long.MaxValue, -1);
        for (var i = 0; i < routees.Length; i++)
        {
            var index = (int)((start + (uint)i) % (uint)routees.Length);
            if (routees[index].IsTerminated) continue;
            var depth = routees[index].Cell.MailboxDepth;
            if (depth < least) (second, least, best) = (least, depth, index);
            else if (depth < second) second = depth;
        }
        if (best < 0) return null;
        _compared = routees;
        _favourite = best;
        Volatile.Write(ref _credit, (int)Math.Min(MaxCredit, second - least) - 1);
        return routees[best];
    }
}
