namespace ActorPerf.Jobs;

/// <summary>One claim under limits: how many it may take, and which jobs it has to pass over.</summary>
/// <remarks>Order: <see cref="Open"/>; while <see cref="Left"/> is above 0 meet the jobs of the queue without a mark, in their order: <see cref="Passes"/>
/// for each, <see cref="Took"/> for those that run; then <see cref="Close"/>.</remarks>
internal sealed class FlowPass
{
    /// <summary>Jobs that one claim marks; it looks again when it met more, so that it does not hold the writer for long.</summary>
    public const int MaxBlocks = 2_000;

    private readonly FlowBook _book;
    private readonly FlowQueue _queue;
    private readonly QueueLimits _limits;
    private readonly JobWrite.Claim _claim;
    private readonly IFlowRows _rows;
    private readonly DateTimeOffset _now;
    private readonly long _byConcurrency;
    private readonly long _byRate;
    private int _taken;
    private int _blocks;

    public FlowPass(FlowBook book, FlowQueue queue, QueueLimits limits, JobWrite.Claim claim, IFlowRows rows, DateTimeOffset now)
    {
        (_book, _queue, _limits, _claim, _rows, _now) = (book, queue, limits, claim, rows, now);
        _byConcurrency = limits.Concurrency == 0 ? long.MaxValue : Math.Max(0, limits.Concurrency - rows.Running(queue.Name));
        _byRate = limits.Rate.IsNone ? long.MaxValue : queue.Starts.Free(limits.Rate, now);
    }

    /// <summary>Jobs that may still be taken.</summary>
    public int Left => _limits.Paused || _blocks >= MaxBlocks ? 0 : (int)(Math.Min(_claim.Count, Math.Min(_byConcurrency, _byRate)) - _taken);

    /// <summary>How many rows to read for so many jobs: more than them where many had to be passed over.</summary>
    public int Rows => Math.Max(Left, Math.Min(64, _blocks));

    /// <summary>Lets blocked jobs back into the line whose keys have become free.</summary>
    public void Open()
    {
        while (_queue.Timed.TryPeek(out var due, out var at) && at <= _now)
        {
            _queue.Timed.Dequeue();
            due.Timed = false;
            if (due.Ready || due.Blocked == 0) continue;
            due.Ready = true;
            _queue.Ready.Add(due);
        }
        if (Left > 0 && _queue.Ready.Count > 0) _queue.Ready.RemoveAll(Relieved);
    }

    /// <summary>Whether the job's key lets it start. If not it is marked.</summary>
    public bool Passes(JobRow row)
    {
        if (row.LimitKey is not { } name) return true;
        var limit = LimitOf(name);
        if (limit.IsNone) return true;
        var key = _book.Key(row.Namespace, name);
        if (Free(key, limit) > 0) return true;
        _blocks++;
        _rows.Block(row);
        _book.Block(key, _queue);
        Arrange(key, limit);
        return false;
    }

    /// <summary>A job that passed runs now.</summary>
    public void Took(JobRow row)
    {
        _taken++;
        if (!_limits.Rate.IsNone)
        {
            _queue.Starts.Take(_limits.Rate, _now);
            _book.Touch(_queue);
        }
        if (row.LimitKey is not { } name || LimitOf(name) is not { Rate.IsNone: false } limit) return;
        var key = _book.Key(row.Namespace, name);
        key.Starts.Take(limit.Rate, _now);
        _book.Touch(key);
        Arrange(key, limit);
    }

    /// <summary>Says when to look again, and whether the end of a run is of interest.</summary>
    public void Close()
    {
        _queue.Stalled = _byConcurrency <= _taken && _claim.Count > _taken;
        if (_limits.Paused) return;
        DateTimeOffset? again = _blocks >= MaxBlocks ? _now : null;
        if (_byRate <= _taken) again = Earlier(again, _queue.Starts.NextAt(_limits.Rate, _now));
        if (_queue.Timed.TryPeek(out _, out var at)) again = Earlier(again, at);
        _claim.LookAgain = again;
    }

    /// <summary>Unmarks as many of a line as may start; true when nothing more is to be done about it for now.</summary>
    private bool Relieved(FlowLine line)
    {
        if (line.Blocked == 0)
        {
            line.Ready = false;
            return true;
        }
        var limit = LimitOf(line.Key.Name);
        var free = Free(line.Key, limit);
        var wanted = (int)Math.Min(free, Left);
        if (wanted > 0) _book.Unblocked(line, _rows.Unblock(line, wanted));
        if (line.Blocked > 0 && free > wanted) return false;
        line.Ready = false;
        Arrange(line.Key, limit);
        return true;
    }

    private KeyLimit LimitOf(string key) => _claim.Limits is { } configured && configured.Keys.TryGetValue(key, out var named)
        ? named
        : new KeyLimit(_limits.KeyConcurrency, _limits.KeyRate);

    private long Free(FlowKey key, KeyLimit limit)
    {
        var free = limit.Concurrency == 0 ? long.MaxValue : Math.Max(0, limit.Concurrency - key.Running);
        return limit.Rate.IsNone ? free : Math.Min(free, key.Starts.Free(limit.Rate, _now));
    }

    /// <summary>Sees to it that the key's lines are looked at when its rate lets more start.</summary>
    private void Arrange(FlowKey key, KeyLimit limit)
    {
        if (limit.Rate.IsNone || key.Lines.Count == 0 || key.Starts.NextAt(limit.Rate, _now) is not { } at) return;
        foreach (var line in key.Lines)
        {
            if (line.Timed || line.Blocked == 0) continue;
            line.Timed = true;
            line.Queue.Timed.Enqueue(line, at);
            // Nobody else's claim says when to look at that queue.
            if (line.Queue != _queue) _book.Wakes(line.Queue.Name);
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;
}
