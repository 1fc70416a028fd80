namespace ActorPerf.Kernel;

/// <summary>The stash of one actor.</summary>
internal sealed class StashBox(ActorCell cell, int capacity) : IStash
{
    private readonly LinkedList<Envelope> _stashed = new();
    private Envelope? _last;               // the message stashed last, to notice a second time

    public int Capacity => capacity;

    public int Count => _stashed.Count;

    public bool IsEmpty => _stashed.Count == 0;

    public bool IsFull => capacity >= 0 && _stashed.Count >= capacity;

    public bool NonEmpty => !IsEmpty;

    public void Stash()
    {
        var current = cell.CurrentMessage ?? throw new IllegalActorStateException($"{cell.Self.Path} handles no message, so there is nothing to stash.");
        if (_last is { } last && ReferenceEquals(last.Message, current.Message) && ReferenceEquals(last.Sender, current.Sender) && cell.StashedTurn == cell.Processed)
        {
            throw new IllegalActorStateException($"Can't stash the same message {current.Message.GetType().Name} more than once.");
        }
        if (IsFull)
        {
            throw new StashOverflowException(
                $"{cell.Self.Path} could not stash {current.Message.GetType().Name}: {_stashed.Count} messages are stashed and no more may be. Raise stash-capacity, or unstash earlier.");
        }
        _last = current;
        cell.StashedTurn = cell.Processed;
        _stashed.AddLast(current);
    }

    public void Unstash()
    {
        if (_stashed.First is not { } oldest) return;
        _stashed.RemoveFirst();
        cell.PutInFront(oldest.Value);
    }

    public void UnstashAll() => UnstashAll(static _ => true);

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        for (var newest = _stashed.Last; newest is not null; newest = newest.Previous)
        {
            if (predicate(newest.Value)) cell.PutInFront(newest.Value);
        }
        _stashed.Clear();
    }

    public IEnumerable<Envelope> ClearStash()
    {
        Envelope[] all = [.. _stashed];
        _stashed.Clear();
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        foreach (var envelope in envelopes.Reverse()) _stashed.AddFirst(envelope);
    }
}
