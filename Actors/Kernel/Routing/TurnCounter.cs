using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>Counts 0, 1, 2, … for senders on any threads, each number once. Who sends alone counts without an interlocked operation, which would
/// cost as much as all the rest of a message.</summary>
/// <remarks>
/// A sender is an actor in its turn, on whatever thread that runs, or else a thread. After a streak of its own it becomes the owner and has the
/// count to itself until somebody else sends. That one takes it back: it removes the owner, has every thread of the process pass a memory
/// barrier, and waits until the former owner is not inside. The barrier is what lets an owner go without one: either it is seen inside,
/// or it sees that it owns nothing any more.
/// </remarks>
internal sealed class TurnCounter
{
    /// <summary>Numbers in a row that make an owner: so many that its end, which takes some microseconds, hardly matters.</summary>
    private const int Streak = 1024;

    /// <summary>Set in <c>_shared</c> while there is an owner, so that nobody who read it before can count.</summary>
    private const long Owned = 1L << 62;

    private readonly Lock _gate = new();
    private Owner? _owner;                 // changed under the lock
    private long _shared;                  // the next number, for all who own nothing
    private object? _last;                 // who counted last, and how often in a row: hints, overwritten by others
    private int _inRow;

    public uint Next() => Volatile.Read(ref _owner) is { } owner && owner.IsHere && TryNext(owner, out var number) ? number : Shared();

    private bool TryNext(Owner owner, out uint number)
    {
        Volatile.Write(ref owner.IsInside, true);
        var isOwner = ReferenceEquals(Volatile.Read(ref _owner), owner);
        number = owner.Next;
        if (isOwner) owner.Next = number + 1;
        Volatile.Write(ref owner.IsInside, false);
        return isOwner;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint Shared()
    {
        var sender = (object?)ActorCell.Current ?? Thread.CurrentThread;
        while (true)
        {
            var number = Volatile.Read(ref _shared);
            if (number == Owned) TakeBack();
            else if (Interlocked.CompareExchange(ref _shared, (uint)(number + 1), number) == number)
            {
                Note(sender);
                return (uint)number;
            }
        }
    }

    private void Note(object sender)
    {
        if (!ReferenceEquals(_last, sender)) (_last, _inRow) = (sender, 0);
        else if (++_inRow >= Streak) Give(sender);
    }

    private void Give(object sender)
    {
        lock (_gate)
        {
            _inRow = 0;
            var next = Interlocked.Exchange(ref _shared, Owned);
            if (next != Owned) Volatile.Write(ref _owner, new Owner(sender, (uint)next));
        }
    }

    private void TakeBack()
    {
        lock (_gate)
        {
            if (_owner is not { } owner) return;       // another one did
            Volatile.Write(ref _owner, null);
            Interlocked.MemoryBarrierProcessWide();
            var wait = new SpinWait();
            while (Volatile.Read(ref owner.IsInside)) wait.SpinOnce();
            Volatile.Write(ref _shared, owner.Next);
        }
    }

    private sealed class Owner(object sender, uint next)
    {
        private readonly ActorCell? _cell = sender as ActorCell;
        private readonly Thread? _thread = sender as Thread;
        public uint Next = next;
        public bool IsInside;

        /// <summary>Whether this is the owner's turn or thread. There is only one of it, so nobody else is inside.</summary>
        public bool IsHere => _cell is null ? ReferenceEquals(_thread, Thread.CurrentThread) : ReferenceEquals(_cell, ActorCell.Current);
    }
}
