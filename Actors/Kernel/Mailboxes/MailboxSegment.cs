using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorPerf.Kernel;

/// <summary>A ring of envelopes with many producers and one consumer. When it is full it is frozen and a larger one is linked behind it.</summary>
/// <remarks>
/// A slot is free when its message is null; that needs no sequence number, for producers never pass <c>limit</c> (the consumer's
/// position, seen late, plus the capacity) and the consumer clears a slot before it gives up its position.
/// </remarks>
internal sealed class MailboxSegment(int capacity)
{
    /// <summary>Set in <c>Tail</c> when no producer may enter any more. Every position with it is beyond every limit.</summary>
    private const long Frozen = 1L << 62;

    private readonly Slot[] _slots = new Slot[capacity];
    private readonly int _mask = capacity - 1;
    private Positions _at = new() { Limit = capacity };

    public int Capacity => _slots.Length;

    /// <summary>The ring behind this one; set once, after this one was frozen.</summary>
    public MailboxSegment? Next;

    /// <summary>Envelopes inside, including those whose producers have claimed a slot and not filled it yet.</summary>
    public long Count => Math.Max(0, (Volatile.Read(ref _at.Tail) & ~Frozen) - Volatile.Read(ref _at.Head));

    /// <summary>Enters an envelope; false when the ring is full or frozen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnqueue(object message, IActorRef? sender)
    {
        while (true)
        {
            var tail = Volatile.Read(ref _at.Tail);
            if (tail >= Volatile.Read(ref _at.Limit) && !TryRaiseLimit(tail)) return false;
            if (Interlocked.CompareExchange(ref _at.Tail, tail + 1, tail) != tail) continue;
            ref var slot = ref _slots[(int)tail & _mask];
            if (sender is not null) slot.Sender = sender;      // a free slot has none
            Volatile.Write(ref slot.Message, message);
            return true;
        }
    }

    /// <summary>Takes the next envelope; false when there is none or its producer has not filled it yet. For the consumer alone.</summary>
    public bool TryDequeue(out object? message, out IActorRef? sender)
    {
        var head = _at.Head;
        ref var slot = ref _slots[(int)head & _mask];
        message = Volatile.Read(ref slot.Message);
        if (message is null)
        {
            sender = null;
            return false;
        }
        sender = slot.Sender;
        slot.Message = null;
        if (sender is not null) slot.Sender = null;
        Volatile.Write(ref _at.Head, head + 1);
        return true;
    }

    /// <summary>Shuts producers out for good.</summary>
    public void Freeze() => Interlocked.Or(ref _at.Tail, Frozen);

    /// <summary>Lets producers in again after the consumer has drained the ring. Positions go on from where they were, so a producer
    /// that slept through all of it can never mistake this life of the ring for an earlier one.</summary>
    public void Reopen()
    {
        Volatile.Write(ref Next, null);
        Volatile.Write(ref _at.Limit, _at.Head + _slots.Length);
        Interlocked.And(ref _at.Tail, ~Frozen);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRaiseLimit(long tail)
    {
        var limit = Volatile.Read(ref _at.Head) + _slots.Length;
        if (tail >= limit) return false;
        Volatile.Write(ref _at.Limit, limit);
        return true;
    }

    private struct Slot
    {
        public object? Message;
        public IActorRef? Sender;
    }

    /// <summary>Producers' and consumer's positions on cache lines of their own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Positions
    {
        [FieldOffset(56)] public long Tail;
        [FieldOffset(64)] public long Limit;
        [FieldOffset(128)] public long Head;
    }
}
