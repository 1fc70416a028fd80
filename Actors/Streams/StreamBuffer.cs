using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace ActorPerf.Streams;

/// <summary>A bounded line between those who produce and one who consumes: the source of a stream (Akka.Streams' <c>Source.Queue</c>).</summary>
/// <remarks>
/// Full, it makes producers wait, in the order of their offers; nothing is dropped. Elements keep their order. Many producers, one consumer, which either
/// enumerates the elements or takes them in batches (<see cref="Stages.Batch{T}(StreamBuffer{T}, int, int)"/>).
/// </remarks>
public sealed class StreamBuffer<T> : IAsyncEnumerable<T>, IBatchLine<T[]>, IValueTaskSource<long>
{
    private const int FirstSize = 16;

    private readonly Lock _gate = new();
    private readonly int _capacity;
    private ManualResetValueTaskSourceCore<long> _wake = new() { RunContinuationsAsynchronously = true };
    private T[] _items;                    // a ring; grows up to the capacity
    private int _head;
    private int _count;
    private long _arrived;
    private LinkedList<Offer>? _offers;    // producers that wait for room
    private bool _waiting;                 // the consumer waits for an element
    private bool _ended;
    private Exception? _failure;

    /// <param name="capacity">Elements that may wait; 1 and up.</param>
    public StreamBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _items = new T[Math.Min(capacity, FirstSize)];
    }

    /// <summary>Elements that wait now.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    long IBatchLine<T[]>.Arrived => Volatile.Read(ref _arrived);

    bool IBatchLine<T[]>.HasWork => Count > 0;

    bool IBatchLine<T[]>.IsFull(int max) => Count >= Math.Min(max, _capacity);

    /// <summary>Adds an element, waiting for room.</summary>
    /// <returns>False when the buffer has ended: nobody will take it.</returns>
    public ValueTask<bool> OfferAsync(T item, CancellationToken ct = default)
    {
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<bool>(ct);
        Offer? offer = null;
        bool wake;
        lock (_gate)
        {
            if (_ended) return ValueTask.FromResult(false);
            if (_count == _capacity || _offers is { Count: > 0 })
            {
                offer = new Offer(this, item);
                offer.Place = (_offers ??= []).AddLast(offer);
            }
            else
            {
                Add(item);
            }
            wake = TakeWaiting();
        }
        if (wake) _wake.SetResult(_arrived);
        return offer?.WaitAsync(ct) ?? ValueTask.FromResult(true);
    }

    /// <summary>Adds an element if there is room.</summary>
    public bool TryOffer(T item)
    {
        bool wake;
        lock (_gate)
        {
            if (_ended || _count == _capacity || _offers is { Count: > 0 }) return false;
            Add(item);
            wake = TakeWaiting();
        }
        if (wake) _wake.SetResult(_arrived);
        return true;
    }

    /// <summary>No more elements: the consumer gets what waits, then the end, or the failure. The first call counts.</summary>
    public void Complete(Exception? failure = null) => End(failure, drop: false);

    /// <inheritdoc/>
    public void Abandon(Exception? reason = null) => End(reason, drop: true);

    /// <inheritdoc/>
    public bool TryTake(int max, [MaybeNullWhen(false)] out T[] batch)
    {
        List<Offer>? admitted = null;
        lock (_gate)
        {
            batch = null;
            if (_count == 0) return false;
            batch = new T[Math.Min(max, _count)];
            var first = Math.Min(batch.Length, _items.Length - _head);
            Array.Copy(_items, _head, batch, 0, first);
            Array.Copy(_items, 0, batch, first, batch.Length - first);
            Array.Clear(_items, _head, first);
            Array.Clear(_items, 0, batch.Length - first);
            _head = (_head + batch.Length) % _items.Length;
            _count -= batch.Length;
            Admit(ref admitted);
        }
        Answer(admitted, true);
        return true;
    }

    /// <summary>Takes the oldest element; false where there is none.</summary>
    public bool TryRead([MaybeNullWhen(false)] out T item)
    {
        List<Offer>? admitted = null;
        lock (_gate)
        {
            item = default;
            if (_count == 0) return false;
            item = _items[_head];
            _items[_head] = default!;
            _head = (_head + 1) % _items.Length;
            _count--;
            Admit(ref admitted);
        }
        Answer(admitted, true);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<long> WaitAsync()
    {
        lock (_gate)
        {
            if (_count > 0) return ValueTask.FromResult(_arrived);
            if (!_ended)
            {
                if (_waiting) throw new InvalidOperationException("A buffer has one consumer; another one waits already.");
                _wake.Reset();
                _waiting = true;
                return new ValueTask<long>(this, _wake.Version);
            }
        }
        return ValueTask.FromResult(Ended());
    }

    /// <summary>The elements in order, until <see cref="Complete"/>. Leaving early abandons the buffer.</summary>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await using var stop = cancellationToken.Register(static (state, ct) => ((StreamBuffer<T>)state!).Abandon(new OperationCanceledException(ct)), this);
        try
        {
            while (await WaitAsync() >= 0)
                while (TryRead(out var item)) yield return item;
        }
        finally
        {
            Abandon();
        }
    }

    long IValueTaskSource<long>.GetResult(short token)
    {
        var arrived = _wake.GetResult(token);
        return arrived >= 0 ? arrived : Ended();
    }

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private long Ended()
    {
        // The failure is told once; afterwards the line has simply ended.
        if (Interlocked.Exchange(ref _failure, null) is { } failure) ExceptionDispatchInfo.Throw(failure);
        return -1;
    }

    private void End(Exception? failure, bool drop)
    {
        var wake = false;
        List<Offer>? refused = null;
        lock (_gate)
        {
            if (drop)
            {
                Array.Clear(_items);
                _count = 0;
                refused = [.. _offers ?? []];
                _offers = null;
            }
            if (!_ended)
            {
                (_ended, _failure) = (true, failure);
                wake = TakeWaiting();
            }
        }
        Answer(refused, false);
        if (wake) _wake.SetResult(-1);
    }

    private void Add(T item)
    {
        if (_count == _items.Length) Grow();
        _items[(_head + _count) % _items.Length] = item;
        _count++;
        _arrived++;
    }

    private void Grow()
    {
        var larger = new T[Math.Min(_capacity, _items.Length * 2)];
        var first = Math.Min(_count, _items.Length - _head);
        Array.Copy(_items, _head, larger, 0, first);
        Array.Copy(_items, 0, larger, first, _count - first);
        (_items, _head) = (larger, 0);
    }

    private bool TakeWaiting()
    {
        var waiting = _waiting && (_count > 0 || _ended);
        if (waiting) _waiting = false;
        return waiting;
    }

    private void Admit(ref List<Offer>? admitted)
    {
        while (_count < _capacity && _offers is { First: { } first })
        {
            _offers.RemoveFirst();
            Add(first.Value.Item);
            (admitted ??= []).Add(first.Value);
        }
    }

    private static void Answer(List<Offer>? offers, bool taken)
    {
        if (offers is null) return;
        foreach (var offer in offers) offer.Answer(taken);
    }

    private bool Withdraw(Offer offer)
    {
        lock (_gate)
        {
            if (offer.Place?.List is null) return false;
            _offers!.Remove(offer.Place);
            return true;
        }
    }

    /// <summary>A producer that waits for room.</summary>
    private sealed class Offer(StreamBuffer<T> buffer, T item) : IValueTaskSource<bool>
    {
        private ManualResetValueTaskSourceCore<bool> _answer = new() { RunContinuationsAsynchronously = true };
        private CancellationTokenRegistration _leaving;

        public T Item { get; } = item;

        public LinkedListNode<Offer>? Place { get; set; }

        public ValueTask<bool> WaitAsync(CancellationToken ct)
        {
            if (ct.CanBeCanceled)
            {
                _leaving = ct.UnsafeRegister(
                    static (state, token) =>
                    {
                        var offer = (Offer)state!;
                        if (offer.Buffer.Withdraw(offer)) offer._answer.SetException(new OperationCanceledException(token));
                    }, this);
            }
            return new ValueTask<bool>(this, _answer.Version);
        }

        public void Answer(bool taken) => _answer.SetResult(taken);

        private StreamBuffer<T> Buffer { get; } = buffer;

        bool IValueTaskSource<bool>.GetResult(short token)
        {
            _leaving.Dispose();
            return _answer.GetResult(token);
        }

        ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _answer.GetStatus(token);

        void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _answer.OnCompleted(continuation, state, token, flags);
    }
}
