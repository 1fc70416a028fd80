namespace ActorPerf.Compute;

/// <summary>Attempts that wait for a routee, first in first out; a cancelled one leaves. For one actor.</summary>
internal sealed class AttemptLine
{
    private readonly LinkedList<Place> _line = [];
    private readonly Dictionary<object, LinkedListNode<Place>> _byTicket = [];

    public int Count => _line.Count;

    /// <param name="gate">Is told <see cref="GateNotice.Leave"/> when the attempt's token is cancelled.</param>
    public void Add(Attempt attempt, IActorRef replyTo, IActorRef gate)
    {
        var cancelled = attempt.Cancellation.UnsafeRegister(static state =>
        {
            if (state is (IActorRef gate, { } ticket)) gate.Tell(new GateNotice.Leave(ticket), gate);
        }, (gate, attempt.Ticket));
        _byTicket[attempt.Ticket] = _line.AddLast(new Place(attempt, replyTo, cancelled));
    }

    /// <summary>The one that waits longest.</summary>
    /// <exception cref="InvalidOperationException">Nothing waits.</exception>
    public (Attempt Attempt, IActorRef ReplyTo) Take()
    {
        var first = _line.First ?? throw new InvalidOperationException("The line is empty.");
        Unlink(first);
        return (first.Value.Attempt, first.Value.ReplyTo);
    }

    /// <returns>The attempt, and who is to be answered; null when no such attempt waits.</returns>
    public (Attempt Attempt, IActorRef ReplyTo)? Remove(object ticket)
    {
        if (!_byTicket.TryGetValue(ticket, out var node)) return null;
        Unlink(node);
        return (node.Value.Attempt, node.Value.ReplyTo);
    }

    private void Unlink(LinkedListNode<Place> node)
    {
        _line.Remove(node);
        _byTicket.Remove(node.Value.Attempt.Ticket);
        // Unregister does not wait for a callback under way, as Dispose would; the gate ignores a late notice.
        node.Value.Cancelled.Unregister();
    }

    private readonly record struct Place(Attempt Attempt, IActorRef ReplyTo, CancellationTokenRegistration Cancelled);
}
