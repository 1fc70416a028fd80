using System.Diagnostics;

namespace ActorPerf.Data;

/// <summary>One write on its way. Its members belong to the write line, which locks, except what is decided once.</summary>
internal sealed class PendingWrite(EntityWrite write, LaneId id, IWriteSink sink, int index) : LaneItem<PendingWrite>(id)
{
    private static readonly TaskCompletionSource AlreadyDecided = Ended();

    private volatile TaskCompletionSource? _settled;

    public EntityWrite Write { get; } = write;

    public override int Bytes { get; } = write.Size;

    /// <summary>Who waits for it.</summary>
    public IWriteSink Sink => sink;

    /// <summary>Its place among those of its sink.</summary>
    public int Index { get; } = index;

    /// <summary>The next write of the same key: it waits for this one.</summary>
    public PendingWrite? Next { get; set; }

    /// <summary>Whether no write of its key stands before it any more.</summary>
    public bool HasTurn { get; set; }

    /// <summary>Whether reads that its scope called before it have no answer yet: it keeps its place among the writes of its key, and is not sent.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The write of the same key that its scope called before it and that is on its way too. Belongs to <see cref="Entry"/>.</summary>
    public PendingWrite? Earlier { get; set; }

    /// <summary>The one after it.</summary>
    public PendingWrite? Later { get; set; }

    /// <summary>The key's epoch when its statement was dispatched.</summary>
    public long Epoch { get; set; }

    /// <summary>Whether nothing else wrote the key, as far as this process knows, from when its statement was dispatched until its outcome was heard: then what it led to is what stands there.</summary>
    public bool WasAlone { get; set; }

    /// <summary>The scope that has to know, with what it remembers of the key; null outside one.</summary>
    public ScopeEntry? Entry { get; init; }

    public WriteOutcome Outcome { get; private set; }

    public Exception? Failure { get; private set; }

    /// <summary>The entity that stands there because of this write; null after a delete.</summary>
    public Entity? Entity => Write switch
    {
        EntityWrite.Put put => new Entity(put.Key, Outcome.Version, put.Data, Outcome.At),
        EntityWrite.Insert insert => new Entity(insert.Key, Outcome.Version, insert.Data, Outcome.At),
        EntityWrite.Update update => new Entity(update.Key, Outcome.Version, update.Data, Outcome.At),
        _ => null,
    };

    public void Settle(WriteOutcome outcome)
    {
        Outcome = outcome;
        Decided();
    }

    public void Fail(Exception failure)
    {
        Failure = failure;
        Decided();
    }

    /// <summary>Ends once the outcome is known; never fails.</summary>
    public Task WhenDecided()
    {
        if (_settled is null) Interlocked.CompareExchange(ref _settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        return _settled.Task;
    }

    private static TaskCompletionSource Ended()
    {
        var ended = new TaskCompletionSource();
        ended.SetResult();
        return ended;
    }

    private void Decided()
    {
        Entry?.Scope.OnWritten(this);
        sink.OnDecided(this);
        Interlocked.Exchange(ref _settled, AlreadyDecided)?.TrySetResult();
    }
}

/// <summary>Who waits for writes.</summary>
internal interface IWriteSink
{
    /// <summary>Told once per write.</summary>
    void OnDecided(PendingWrite write);

    /// <summary>Of the call; null where nobody traces it.</summary>
    Activity? Span { get; }
}

/// <summary>The buffer of the write pipeline. Writes of one key take place one after the other, in the order they came; so a batch never holds two of them.</summary>
/// <remarks>That order is one for all scopes, and a write has its place in it from the moment it is called, also while it is held for reads called before it. A write that is given up before it was
/// sent never takes place, wherever it stands. Whoever remembers is told of a write's outcome before the next one of its key is sent, so that what is heard last is what stands there.</remarks>
internal sealed class WriteLine(int capacity, Fence fence, PipelineCounters counters, TimeProvider time) : RequestLine<PendingWrite>(capacity, counters, time)
{
    private readonly Dictionary<Key, PendingWrite> _last = [];           // of each key on its way

    /// <summary>Lines writes up, those that can go at once all together.</summary>
    public void Enter(IReadOnlyList<PendingWrite> writes)
    {
        if (!TryEnter(writes)) Refuse(writes);
    }

    /// <summary>The same for a caller who holds a lock.</summary>
    /// <returns>False when the line takes nothing more; then they are to be told once the lock is free (<see cref="Refuse(IReadOnlyList{PendingWrite})"/>).</returns>
    public bool TryEnter(IReadOnlyList<PendingWrite> writes)
    {
        bool wake;
        lock (Gate)
        {
            if (HasEnded)
            {
                foreach (var write in writes) write.Place = Place.Gone;
                return false;
            }
            var behind = 0;
            var free = new List<PendingWrite>(writes.Count);
            foreach (var write in writes)
            {
                fence.Raise(write.Write.Key);
                if (_last.TryGetValue(write.Write.Key, out var before)) (before.Next, behind) = (write, behind + 1);
                else write.HasTurn = true;
                _last[write.Write.Key] = write;
                if (MayGo(write)) free.Add(write);
            }
            Counters.Called(behind, writes.Count - behind);
            if (free.Count > 0) Queue.Enter(free.ToArray());
            wake = TakeWaiting();
        }
        if (wake) Wake();
        return true;
    }

    public static void Refuse(IReadOnlyList<PendingWrite> writes)
    {
        foreach (var write in writes) write.Fail(Stopped());
    }

    /// <summary>The reads that these writes waited for have their answer.</summary>
    public void Release(IReadOnlyList<PendingWrite> held)
    {
        bool wake;
        lock (Gate)
        {
            foreach (var write in held) write.IsHeld = false;
            if (held.Where(MayGo).ToArray() is { Length: > 0 } free) Queue.Enter(free);
            wake = TakeWaiting();
        }
        if (wake) Wake();
    }

    /// <summary>Gives a write up that has not been sent.</summary>
    /// <returns>False when it was sent already: it takes place or not, and its outcome will be told.</returns>
    public bool Withdraw(PendingWrite write, Exception reason)
    {
        bool wake;
        lock (Gate)
        {
            if (write.Place is Place.UnderWay or Place.Gone) return false;
            Queue.Withdraw(write);
            Counters.Left();
            // One behind another is passed over when its turn comes.
            if (write.HasTurn) Promote(write);
            wake = TakeWaiting();
        }
        if (wake) Wake();
        write.Fail(reason);
        return true;
    }

    public void Settle(PendingWrite write, WriteOutcome outcome)
    {
        if (!Decide(write)) return;
        try
        {
            write.Settle(outcome);
        }
        finally
        {
            MakeWay(write);
        }
    }

    public void Fail(PendingWrite write, Exception cause)
    {
        if (!Decide(write)) return;
        try
        {
            write.Fail(StoreFaults.For(cause, $"Writing {write.Write.Key}"));
        }
        finally
        {
            MakeWay(write);
        }
    }

    protected override void OnTaken(Batch<PendingWrite> batch)
    {
        foreach (var write in batch.Items) write.Epoch = fence.Of(write.Write.Key);
    }

    protected override void Refuse(List<PendingWrite> items, Exception reason)
    {
        foreach (var write in items) Fail(write, reason);
    }

    protected override bool MoreMayCome => _last.Count > 0;

    /// <summary>False when it was decided before.</summary>
    private bool Decide(PendingWrite write)
    {
        lock (Gate)
        {
            if (write.Place == Place.Gone) return false;
            write.WasAlone = fence.Raise(write.Write.Key) == write.Epoch + 1;
            write.Place = Place.Gone;
            return true;
        }
    }

    private void MakeWay(PendingWrite write)
    {
        bool wake;
        lock (Gate)
        {
            Promote(write);
            wake = TakeWaiting();
        }
        if (wake) Wake();
    }

    /// <summary>The way is free for the next write of the key.</summary>
    private void Promote(PendingWrite write)
    {
        var next = write.Next;
        while (next is { Place: Place.Gone }) next = next.Next;
        if (next is null)
        {
            _last.Remove(write.Write.Key);
            return;
        }
        next.HasTurn = true;
        if (MayGo(next)) Queue.Append(next);
    }

    private static bool MayGo(PendingWrite write) => write is { HasTurn: true, IsHeld: false, Place: Place.Aside };
}
