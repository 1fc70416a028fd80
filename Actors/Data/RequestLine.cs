using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;
using ActorPerf.Cluster;
using ActorPerf.Streams;

namespace ActorPerf.Data;

/// <summary>The buffer of a pipeline: requests enter on any thread, one loop takes them in batches.</summary>
internal abstract class RequestLine<TItem>(int capacity, PipelineCounters counters, TimeProvider time) : IBatchLine<Batch<TItem>>, IValueTaskSource<long>
    where TItem : LaneItem<TItem>
{
    /// <summary>So many go together although they are more than a share: a statement's own cost is that of a few dozen items.</summary>
    private const int LeastToSplit = 64;

    private ManualResetValueTaskSourceCore<long> _wake = new() { RunContinuationsAsynchronously = true };
    private bool _waiting;
    private bool _ended;
    private bool _hurry;

    protected Lock Gate { get; } = new();

    /// <summary>Only under <see cref="Gate"/>.</summary>
    protected LaneQueue<TItem> Queue { get; } = new(capacity, time);

    protected PipelineCounters Counters => counters;

    /// <summary>Only under <see cref="Gate"/>: whether new requests are refused.</summary>
    protected bool HasEnded => _ended;

    public int Queued
    {
        get
        {
            lock (Gate) return Queue.Count;
        }
    }

    long IBatchLine<Batch<TItem>>.Arrived
    {
        get
        {
            lock (Gate) return Queue.Arrived;
        }
    }

    bool IBatchLine<Batch<TItem>>.HasWork => Queued > 0;

    bool IBatchLine<Batch<TItem>>.IsFull(int max)
    {
        lock (Gate) return Queue.IsFull(max) || (_hurry && Queue.Count > 0) || Queue.Count >= Share(Queue.Count);
    }

    /// <summary>What waits now goes without further ado: somebody is leaving and waits for it.</summary>
    public void Hurry()
    {
        lock (Gate) _hurry = Queue.Count > 0;
    }

    /// <summary>No more requests; what waits is still carried out.</summary>
    public void Complete()
    {
        bool wake;
        lock (Gate)
        {
            _ended = true;
            wake = TakeWaiting();
        }
        if (wake) Wake();
    }

    bool IBatchLine<Batch<TItem>>.TryTake(int max, [MaybeNullWhen(false)] out Batch<TItem> batch)
    {
        lock (Gate)
        {
            _hurry = false;
            batch = Queue.Take(Math.Min(max, Math.Max(LeastToSplit, Share(Queue.Count)))) is { Length: > 0 } items ? new Batch<TItem>(items) : null;
            if (batch is null) return false;
            OnTaken(batch);
        }
        counters.Taken(batch.Items.Length, time.GetElapsedTime(batch.Items[0].Since));
        return true;
    }

    ValueTask<long> IBatchLine<Batch<TItem>>.WaitAsync()
    {
        lock (Gate)
        {
            if (Queue.Count > 0) return ValueTask.FromResult(Queue.Arrived);
            if (IsOver) return ValueTask.FromResult(-1L);
            _wake.Reset();
            _waiting = true;
            return new ValueTask<long>(this, _wake.Version);
        }
    }

    void IBatchLine<Batch<TItem>>.Abandon(Exception? reason)
    {
        Complete();
        while (true)
        {
            List<TItem> left;
            lock (Gate) left = Queue.TakeAll();
            if (left.Count == 0) return;
            Refuse(left, reason ?? Stopped());
        }
    }

    /// <summary>Fails what was never sent.</summary>
    protected abstract void Refuse(List<TItem> items, Exception reason);

    /// <summary>Under <see cref="Gate"/>: items have left the queue for a statement.</summary>
    protected virtual void OnTaken(Batch<TItem> batch)
    {
    }

    /// <summary>Under <see cref="Gate"/>: a statement's share of so many queued: with that many it goes at once, and more are left to other slots. Never less than one.</summary>
    protected virtual int Share(int queued) => int.MaxValue;

    /// <summary>Under <see cref="Gate"/>: whether requests may still come into the queue after the end, from behind others.</summary>
    protected virtual bool MoreMayCome => false;

    /// <summary>What those are told who come too late.</summary>
    protected static Exception Stopped() => new StoreUnavailableException("The node is stopping; nothing was sent to the store. Ask again once it runs, or ask another node.");

    private bool IsOver => _ended && Queue.Count == 0 && !MoreMayCome;

    /// <summary>Under <see cref="Gate"/>, after items were lined up: whether <see cref="Wake"/> is to be called once the lock is free.</summary>
    protected bool TakeWaiting()
    {
        var waiting = _waiting && (Queue.Count > 0 || IsOver);
        if (waiting) _waiting = false;
        return waiting;
    }

    protected void Wake()
    {
        long arrived;
        lock (Gate) arrived = IsOver ? -1 : Queue.Arrived;
        _wake.SetResult(arrived);
    }

    long IValueTaskSource<long>.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);
}

/// <summary>What goes to the store together: of one namespace, and of no more than one transaction.</summary>
internal sealed class Batch<TItem>(TItem[] items) : IDisposable
    where TItem : LaneItem<TItem>
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _stop;
    private bool _unwanted;

    public TItem[] Items { get; } = items;

    /// <summary>Items that somebody still waits for.</summary>
    public int Wanted { get; set; } = items.Length;

    /// <summary>The token of its statements: their time is up, or nobody waits any more.</summary>
    public CancellationToken Begin(TimeSpan timeout, TimeProvider time)
    {
        lock (_gate)
        {
            _stop = new CancellationTokenSource(timeout, time);
            if (_unwanted) _stop.Cancel();
            return _stop.Token;
        }
    }

    public void Cancel()
    {
        lock (_gate)
        {
            _unwanted = true;
            _stop?.Cancel();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop?.Dispose();
            _stop = null;
        }
    }
}
