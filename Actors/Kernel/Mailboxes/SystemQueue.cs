namespace ActorPerf.Kernel;

/// <summary>Messages of the life cycle waiting for one actor: a stack that senders push and the actor takes whole.</summary>
internal struct SystemQueue
{
    private SystemMessage? _top;

    public readonly bool IsEmpty => Volatile.Read(in _top) is null;

    public void Push(SystemMessage message)
    {
        var top = Volatile.Read(ref _top);
        while (true)
        {
            message.Next = top;
            var seen = Interlocked.CompareExchange(ref _top, message, top);
            if (ReferenceEquals(seen, top)) return;
            top = seen;
        }
    }

    /// <summary>Everything that waits, oldest first, linked by <see cref="SystemMessage.Next"/>.</summary>
    public SystemMessage? TakeAll()
    {
        if (IsEmpty) return null;
        var newestFirst = Interlocked.Exchange(ref _top, null);
        SystemMessage? oldestFirst = null;
        while (newestFirst is not null)
        {
            var next = newestFirst.Next;
            newestFirst.Next = oldestFirst;
            oldestFirst = newestFirst;
            newestFirst = next;
        }
        return oldestFirst;
    }
}
