namespace ActorPerf.Streams;

/// <summary>The group that is being gathered, and those that are ready. One adder; the clock closes groups beside it.</summary>
internal sealed class GroupLine<T> : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private readonly int _count;
    private readonly TimeSpan _within;
    private List<T> _open = [];
    private long _opened;                  // when the first of the group came
    private Task<bool> _closing = Task.FromResult(true);    // a group whose time was up, on its way to the consumer

    public GroupLine(int count, TimeSpan within, TimeProvider time)
    {
        (_count, _within, _time) = (count, within, time);
        _timer = time.CreateTimer(static line => ((GroupLine<T>)line!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>One group may wait while the next is gathered; then the source waits.</summary>
    public StreamBuffer<T[]> Ready { get; } = new(1);

    /// <summary>Adds an element; false when the consumer has gone.</summary>
    public ValueTask<bool> AddAsync(T item, CancellationToken ct)
    {
        Task<bool> closing;
        lock (_gate) closing = _closing;
        return closing.IsCompletedSuccessfully && closing.Result ? Add(item, ct) : AddAfterAsync(closing, item, ct);
    }

    /// <summary>The source has ended: what was gathered is the last group.</summary>
    public async ValueTask EndAsync(CancellationToken ct)
    {
        T[]? last;
        Task<bool> closing;
        lock (_gate)
        {
            closing = _closing;
            last = _open.Count > 0 ? Close() : null;
        }
        await closing;
        if (last is not null) await Ready.OfferAsync(last, ct);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private async ValueTask<bool> AddAfterAsync(Task<bool> closing, T item, CancellationToken ct) => await closing.WaitAsync(ct) && await Add(item, ct);

    private ValueTask<bool> Add(T item, CancellationToken ct)
    {
        T[]? full = null;
        lock (_gate)
        {
            _open.Add(item);
            if (_open.Count >= _count) full = Close();
            else if (_open.Count == 1) Open();
        }
        return full is null ? ValueTask.FromResult(true) : Ready.OfferAsync(full, ct);
    }

    private void Ring()
    {
        lock (_gate)
        {
            // A ring that was on its way when its group was closed is of no meaning to the next.
            if (_open.Count > 0 && _time.GetElapsedTime(_opened) >= _within) _closing = Ready.OfferAsync(Close()).AsTask();
        }
    }

    private void Open()
    {
        _opened = _time.GetTimestamp();
        _timer.Change(_within, Timeout.InfiniteTimeSpan);
    }

    private T[] Close()
    {
        T[] group = [.. _open];
        _open = new List<T>(Math.Min(_count, 16));
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return group;
    }
}
