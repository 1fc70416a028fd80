using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>Counts 0, 1, 2, … for senders on any threads, each number once. One that sends alone counts without an interlocked operation,
/// which would cost as much as all the rest of a message.</summary>
/// <remarks>
/// A sender is an actor in its turn, whatever thread that runs on, or else a thread. After a streak of its own it becomes the owner and has the
/// count to itself until somebody else sends. That one takes it back: it names a new owner, has every thread of the process pass a
/// memory barrier, and waits until the former owner is not inside. The barrier is what lets the owner go without one: either its
/// <c>_isInside</c> is seen, or it sees that it owns nothing any more. A sender that slept for a whole streak between reading
/// that there is no owner and counting may share its number with another one; that is the only exception.
/// </remarks>
internal sealed class TurnCounter
{
    /// <summary>Long enough for its end, some microseconds, not to matter.</summary>
    private const int Streak = 1024;

    private static readonly object Nobody = new();

    private readonly Lock _gate = new();
    private object? _owner;                // null: everybody counts, interlocked; Nobody: wait at the gate
    private int _isInside;                 // the owner is counting
    private int _own;                      // the owner's next number
    private int _next;                     // everybody's next number; stands still while there is an owner
    private object? _last;                 // who counted last, and how often in a row: only hints
    private int _inRow;

    public uint Next()
    {
        var sender = (object?)ActorCell.Current ?? Thread.CurrentThread;
        return ReferenceEquals(Volatile.Read(ref _owner), sender) && TryOwn(sender, out var own) ? own : Shared(sender);
    }

    private bool TryOwn(object sender, out uint number)
    {
        Volatile.Write(ref _isInside, 1);
        var isOwner = ReferenceEquals(Volatile.Read(ref _owner), sender);
        number = (uint)_own;
        if (isOwner) _own = (int)number + 1;
        Volatile.Write(ref _isInside, 0);
        return isOwner;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint Shared(object sender)
    {
        if (Volatile.Read(ref _owner) is not null) TakeBack();
        var number = (uint)Interlocked.Increment(ref _next) - 1;
        if (!ReferenceEquals(_last, sender)) (_last, _inRow) = (sender, 0);
        else if (++_inRow == Streak) GiveTo(sender);
        return number;
    }

    private void GiveTo(object sender)
    {
        lock (_gate)
        {
            _inRow = 0;
            if (_owner is not null) return;
            _own = Volatile.Read(ref _next);
            Volatile.Write(ref _owner, sender);
        }
    }

    private void TakeBack()
    {
        lock (_gate)
        {
            if (_owner is null) return;    // another one did
            Volatile.Write(ref _owner, Nobody);
            Interlocked.MemoryBarrierProcessWide();
            var wait = new SpinWait();
            while (Volatile.Read(ref _isInside) != 0) wait.SpinOnce();
            Volatile.Write(ref _next, _own);
            Volatile.Write(ref _owner, null);
        }
    }
}
