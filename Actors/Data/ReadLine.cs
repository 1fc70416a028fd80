namespace ActorPerf.Data;

/// <summary>The buffer of the read pipeline. A key that is queued already is joined, and so is one that is being read, unless a write of it came between (<see cref="Fence"/>).</summary>
/// <param name="slots">Statements under way at once.</param>
internal sealed class ReadLine(int capacity, int slots, Fence fence, PipelineCounters counters, TimeProvider time) : RequestLine<SharedRead>(capacity, counters, time)
{
    private readonly Dictionary<(Key Key, object? Transaction), SharedRead> _reads = [];     // those that may still be joined
    private int _underWay;                 // keys in statements
    private int _held;                     // keys that a hold has still to line up

    /// <summary>Has a waiter wait for a key.</summary>
    public void Enter(Key key, LaneId id, ReadWaiter waiter)
    {
        var hold = ReadHold.Current;
        SharedRead? read = null;
        bool ended, wake = false;
        lock (Gate)
        {
            ended = HasEnded;
            if (!ended && (read = Attach(key, id, waiter)) is not null)
            {
                if (hold is null) Queue.Enter(new[] { read });
                else _held++;
                wake = TakeWaiting();
            }
        }
        if (ended) waiter.Fail(Stopped());
        else if (wake) Wake();
        if (read is not null) hold?.Add(this, read);
    }

    /// <summary>The same for many, which go into one batch if they fit into one.</summary>
    public void Enter(IReadOnlyList<Key> keys, LaneId id, IReadOnlyList<ReadWaiter> waiters)
    {
        var hold = ReadHold.Current;
        var added = new List<SharedRead>(keys.Count);
        bool ended, wake = false;
        lock (Gate)
        {
            ended = HasEnded;
            if (!ended)
            {
                for (var i = 0; i < keys.Count; i++)
                    if (Attach(keys[i], id, waiters[i]) is { } read) added.Add(read);
                if (hold is not null) _held += added.Count;
                else if (added.Count > 0) Queue.Enter(added.ToArray());
                wake = TakeWaiting();
            }
        }
        if (ended) foreach (var waiter in waiters) waiter.Fail(Stopped());
        else if (wake) Wake();
        if (hold is not null) foreach (var read in added) hold.Add(this, read);
    }

    /// <summary>Lines up what was held back.</summary>
    public void Enter(IReadOnlyList<SharedRead> held)
    {
        bool wake;
        lock (Gate)
        {
            _held -= held.Count;
            Queue.Enter(held.Where(read => read.Place == Place.Aside).ToArray());
            wake = TakeWaiting();
        }
        if (wake) Wake();
    }

    /// <summary>A waiter leaves. The last one takes the read with it: out of the queue, or, when nobody waits for any read of its statement, the statement too.</summary>
    /// <returns>False when it was decided already; the waiter has its answer then.</returns>
    public bool Leave(ReadWaiter waiter, Exception reason)
    {
        Batch<SharedRead>? unwanted = null;
        lock (Gate)
        {
            if (waiter.Read is not { } read) return false;
            read.Detach(waiter);
            if (!read.IsWanted)
            {
                Forget(read);
                if (read.Place != Place.UnderWay)
                {
                    Queue.Withdraw(read);
                    Counters.Left();
                }
                else if (--read.Batch!.Wanted == 0)
                {
                    unwanted = read.Batch;
                }
            }
        }
        unwanted?.Cancel();
        waiter.Fail(reason);
        return true;
    }

    /// <summary>Hands out what a statement brought.</summary>
    public void Settle(ArraySegment<SharedRead> reads, IReadOnlyList<Entity?> entities)
    {
        // Who waits is decided for all at once: the lock is the one that every new call goes through.
        var waiting = new ReadWaiter?[reads.Count];
        lock (Gate)
        {
            for (var i = 0; i < waiting.Length; i++) waiting[i] = Decide(reads[i]);
        }
        for (var i = 0; i < waiting.Length; i++)
        {
            var read = reads[i];
            if (entities[i] is { } entity && entity.Key != read.Key)
            {
                Fail(read, waiting[i], new InvalidOperationException($"The store answered {entity.Key} where {read.Key} was asked for."));
                continue;
            }
            var isFresh = fence.Of(read.Key) == read.Epoch;
            for (var waiter = waiting[i]; waiter is not null;)
            {
                var next = waiter.After;
                waiter.Settle(entities[i], isFresh);
                waiter = next;
            }
        }
    }

    public void Fail(SharedRead read, Exception cause)
    {
        ReadWaiter? waiting;
        lock (Gate) waiting = Decide(read);
        Fail(read, waiting, cause);
    }

    private static void Fail(SharedRead read, ReadWaiter? waiting, Exception cause)
    {
        for (var waiter = waiting; waiter is not null;)
        {
            var next = waiter.After;
            waiter.Fail(StoreFaults.For(cause, $"Reading {read.Key}"));
            waiter = next;
        }
    }

    // What was taken before the end is carried out, also what a hold lines up after it.
    protected override bool MoreMayCome => _held > 0;

    protected override void Refuse(List<SharedRead> items, Exception reason)
    {
        foreach (var read in items) Fail(read, reason);
    }

    /// <summary>A statement has ended, whatever became of it.</summary>
    public void Ended(Batch<SharedRead> batch)
    {
        lock (Gate) _underWay -= batch.Items.Length;
    }

    // All keys on their way, spread over all slots. Callers who ask again and again would else meet in one statement, which leaves the store's other processors idle. While none is under way
    // there is no load to spread, and what one caller asks for together stays together.
    protected override int Share(int queued) => _underWay == 0 ? int.MaxValue : (queued + _underWay + slots - 1) / slots;

    protected override void OnTaken(Batch<SharedRead> batch)
    {
        _underWay += batch.Items.Length;
        foreach (var read in batch.Items) (read.Batch, read.Epoch) = (batch, fence.Of(read.Key));
    }

    /// <summary>The read that is to be lined up for the waiter; null when it joined one.</summary>
    private SharedRead? Attach(Key key, LaneId id, ReadWaiter waiter)
    {
        if (_reads.TryGetValue((key, id.Transaction), out var read) && (read.Place != Place.UnderWay || fence.Of(key) == read.Epoch))
        {
            read.Attach(waiter);
            Counters.Called(joined: 1, added: 0);
            return null;
        }
        read = new SharedRead(key, id);
        _reads[(key, id.Transaction)] = read;
        read.Attach(waiter);
        Counters.Called(joined: 0, added: 1);
        return read;
    }

    /// <summary>Who waits for reads that are under way.</summary>
    public StatementCalls CallsOf(ArraySegment<SharedRead> reads)
    {
        var calls = new StatementCalls();
        lock (Gate)
        {
            foreach (var read in reads) read.TellCalls(calls);
        }
        return calls;
    }

    /// <summary>Under the lock: nobody can join the read or leave it any more.</summary>
    /// <returns>All who wait, linked by <see cref="ReadWaiter.After"/>.</returns>
    private ReadWaiter? Decide(SharedRead read)
    {
        Forget(read);
        read.Place = Place.Gone;
        return read.TakeWaiters();
    }

    private void Forget(SharedRead read)
    {
        var key = (read.Key, read.Id.Transaction);
        // Another read of the key may have taken its place, after a write.
        if (_reads.TryGetValue(key, out var current) && current == read) _reads.Remove(key);
    }
}
