using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>The user messages of one actor: rings linked from oldest to newest, none until the first message.</summary>
/// <remarks>A mutable struct, embedded in the cell so that an idle actor pays two pointers. Enqueue takes no lock except to link a ring.</remarks>
internal struct MailboxQueue
{
    private const int SmallestRing = 8, LargestRing = 4096;

    private MailboxSegment? _head;         // the consumer's ring
    private MailboxSegment? _tail;         // the producers' ring; changed under the lock
    private MailboxSegment? _spare;        // a drained ring of the largest size, to be linked again

    /// <summary>Envelopes waiting; exact only when nobody is sending or receiving.</summary>
    public readonly long Count
    {
        get
        {
            var count = 0L;
            for (var ring = Volatile.Read(in _head); ring is not null; ring = Volatile.Read(ref ring.Next)) count += ring.Count;
            return count;
        }
    }

    /// <summary>Whether nothing was sent that the consumer has not taken. For the consumer alone.</summary>
    public readonly bool IsEmpty
    {
        get
        {
            for (var ring = Volatile.Read(in _head); ring is not null; ring = Volatile.Read(ref ring.Next))
            {
                if (ring.Count > 0) return false;
            }
            return true;
        }
    }

    /// <summary>Appends an envelope.</summary>
    /// <param name="message">Never null.</param>
    /// <param name="sender">Null for nobody.</param>
    /// <param name="gate">The mailbox's owner, locked only while a ring is linked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enqueue(object message, IActorRef? sender, object gate)
    {
        var tail = Volatile.Read(ref _tail);
        if (tail is null || !tail.TryEnqueue(message, sender)) EnqueueBehind(tail, message, sender, gate);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnqueueBehind(MailboxSegment? full, object message, IActorRef? sender, object gate)
    {
        do
        {
            Grow(full, gate);
            full = Volatile.Read(ref _tail)!;
        }
        while (!full.TryEnqueue(message, sender));
    }

    /// <summary>Takes the oldest envelope; false when there is none, or the next one's sender was interrupted half-way. For the consumer alone.</summary>
    public bool TryDequeue(out object? message, out IActorRef? sender)
    {
        while (_head is { } head)
        {
            if (head.TryDequeue(out message, out sender)) return true;
            if (Volatile.Read(ref head.Next) is not { } next || head.Count > 0) return false;
            _head = next;                  // frozen and drained: no producer can enter it again, unless it is reopened
            if (head.Capacity == LargestRing) Volatile.Write(ref _spare, head);
        }
        message = null;
        sender = null;
        return false;
    }

    private MailboxSegment NextRing(MailboxSegment? full)
    {
        if (full?.Capacity == LargestRing && Interlocked.Exchange(ref _spare, null) is { } spare)
        {
            spare.Reopen();
            return spare;
        }
        return new MailboxSegment(full is null ? SmallestRing : Math.Min(full.Capacity * 2, LargestRing));
    }

    private void Grow(MailboxSegment? full, object gate)
    {
        lock (gate)
        {
            if (!ReferenceEquals(_tail, full)) return;     // another sender has linked a ring meanwhile
            full?.Freeze();
            var ring = NextRing(full);
            if (full is null) Volatile.Write(ref _head, ring);
            else Volatile.Write(ref full.Next, ring);
            Volatile.Write(ref _tail, ring);
        }
    }
}
