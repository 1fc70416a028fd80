using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A store's memory of its limits: stored settings, jobs running and queued under each limit key, and which lines of blocked jobs may move.</summary>
/// <remarks>
/// <para>A queued job whose key is used up is <em>blocked</em>: marked in its row when a claim meets it, and out of the claims' index until the
/// mark is taken away, so that no claim meets it again and again. It does not move: its state, version and history stay.</para>
/// <para>Invariant, for each line (the blocked jobs of a key in a queue): the line is <see cref="FlowLine.Ready"/>, or as many queued jobs of the
/// key stand in that queue without the mark as the key could start now; and where the key has a rate with starts of late, the line is
/// <see cref="FlowLine.Timed"/>. It holds because a line becomes ready whenever a run of its key ends, an unmarked job of the key leaves the
/// queue without running, or the queue's settings change; and because a claim takes a line out of <see cref="FlowQueue.Ready"/> only after it
/// has unmarked as many as may start. So no job is forgotten, and each is marked about once. A job that is stored while every queued job of its key
/// is marked, in a line that is not ready, is marked as it is stored (<see cref="StandsBehind"/>): by the invariant its key could start none.</para>
/// <para>Whoever could use what became free is named in <see cref="TakeWakes"/>. The book belongs to the store's writer. What it counts is
/// stored with the transaction; after a rollback, and at the opening, it is loaded again, with every line ready and every queue stalled.</para>
/// </remarks>
internal sealed class FlowBook
{
    private readonly Dictionary<string, FlowQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<(Namespace, string), FlowKey> _keys = [];
    private readonly Dictionary<string, QueueOverrides> _overrides = new(StringComparer.Ordinal);
    private readonly List<FlowKey> _dirtyKeys = [];
    private readonly List<FlowQueue> _dirtyQueues = [];
    private List<string>? _wakes;

    /// <summary>Something changed since <see cref="Settled"/>.</summary>
    public bool Touched { get; private set; }

    public IEnumerable<FlowKey> Keys => _keys.Values;

    public IEnumerable<FlowQueue> Queues => _queues.Values;

    public IReadOnlyDictionary<string, QueueOverrides> Overrides => _overrides;

    /// <summary>Empties the book, to be filled with what is stored: <see cref="Put(string, QueueOverrides)"/>, <see cref="PutKey"/>, <see cref="PutStarts"/>, <see cref="PutBlocked"/>.</summary>
    public void Clear()
    {
        _queues.Clear();
        _keys.Clear();
        _overrides.Clear();
        _dirtyKeys.Clear();
        _dirtyQueues.Clear();
        _wakes = null;
    }

    public void Put(string queue, QueueOverrides overrides)
    {
        if (overrides.IsNone) _overrides.Remove(queue);
        else _overrides[queue] = overrides;
    }

    public void PutKey(Namespace ns, string key, long running, long queued, string? lastQueue, RateWindow starts)
    {
        var found = Key(ns, key);
        (found.Running, found.Queued, found.LastQueue, found.Starts) = (running, queued, lastQueue, starts);
    }

    public void PutStarts(string queue, RateWindow starts) => Queue(queue).Starts = starts;

    public void PutBlocked(Namespace ns, string key, string queue, long count)
    {
        var line = Line(Key(ns, key), Queue(queue));
        line.Blocked += count;
        Wake(line);
        _wakes = null;
    }

    /// <summary>The limits under which a claim stands; null where nothing can hold it back, and then it costs nothing.</summary>
    public FlowPass? Enter(JobWrite.Claim claim, IFlowRows rows, DateTimeOffset now)
    {
        if (claim.Limits is null && _overrides.Count == 0 && _queues.Count == 0) return null;
        var overrides = _overrides.GetValueOrDefault(claim.Queue);
        if (claim.Limits is null && overrides is null && !_queues.ContainsKey(claim.Queue)) return null;
        var configured = claim.Limits?.Queue ?? QueueLimits.None;
        var limits = overrides?.Over(configured) ?? configured;
        var queue = Queue(claim.Queue);
        queue.Limited = limits is not { Paused: false, Concurrency: 0, Rate.IsNone: true };
        return new FlowPass(this, queue, limits, claim, rows, now);
    }

    /// <summary>Whether jobs of the queue without a limit key may have to wait: only a claim can tell.</summary>
    public bool Concerns(string queue) => _overrides.ContainsKey(queue) || (_queues.TryGetValue(queue, out var known) && (known.Limited || known.Lines.Count > 0));

    /// <summary>Changes what is stored for a queue.</summary>
    public void Set(string queue, QueueOverrides overrides)
    {
        Touched = true;
        Put(queue, overrides);
        Wakes(queue);
        if (!_queues.TryGetValue(queue, out var known)) return;
        foreach (var line in known.Lines) Wake(line);
    }

    /// <summary>Whether a new job is stored with a mark, which spares it the meeting with a claim that could not take it.</summary>
    public bool StandsBehind(JobRow row)
    {
        if (row is not { State: JobState.Queued, LimitKey: { } name } || !_keys.TryGetValue((row.Namespace, name), out var key)) return false;
        var (blocked, stands) = (0L, false);
        foreach (var line in key.Lines)
        {
            blocked += line.Blocked;
            stands |= line is { Ready: false, Blocked: > 0 } && line.Queue.Name == row.Queue;
        }
        return stands && blocked == key.Queued;
    }

    /// <summary>A job with a limit key was stored.</summary>
    /// <param name="blocked">With a mark.</param>
    public void Added(JobRow row, bool blocked)
    {
        if (row.LimitKey is not { } name) return;
        var key = Key(row.Namespace, name);
        if (blocked) Block(key, Queue(row.Queue));
        if (row.State == JobState.Queued) key.Queued++;
        if (row.State.IsActive) key.Running++;
        key.LastQueue = row.Queue;
        Touch(key);
    }

    /// <summary>Whether jobs like this one are blocked in its queue, so that it may be itself.</summary>
    public bool MayBeBlocked(JobRow row) =>
        row is { State: JobState.Queued, LimitKey: { } name } && _keys.TryGetValue((row.Namespace, name), out var key) && key.Lines.Exists(line => line.Queue.Name == row.Queue);

    /// <summary>A job moved; the store has taken its mark away.</summary>
    public void Moved(JobRow was, JobRow next, bool wasBlocked)
    {
        if (_queues.Count > 0 && was.State.IsActive && !next.State.IsActive) Ended(was.Queue);
        if (was.LimitKey is not { } name) return;
        var key = Key(was.Namespace, name);
        key.Queued += (next.State == JobState.Queued ? 1 : 0) - (was.State == JobState.Queued ? 1 : 0);
        key.Running += (next.State.IsActive ? 1 : 0) - (was.State.IsActive ? 1 : 0);
        Touch(key);
        if (was.State == JobState.Queued && !next.State.IsActive) Left(key, was.Queue, wasBlocked);
        if (was.State.IsActive && !next.State.IsActive) Freed(key);
    }

    /// <summary>The queues for which something became free, once for each; null for none.</summary>
    public IReadOnlyList<string>? TakeWakes()
    {
        var wakes = _wakes;
        _wakes = null;
        return wakes;
    }

    /// <summary>Keys whose row is to be written; those without anything to say are forgotten, and their row goes.</summary>
    public IEnumerable<FlowKey> TakeDirtyKeys()
    {
        if (_dirtyKeys.Count == 0) return [];
        var dirty = _dirtyKeys.ToArray();
        _dirtyKeys.Clear();
        foreach (var key in dirty)
        {
            key.Dirty = false;
            if (key.IsIdle) _keys.Remove((key.Namespace, key.Name));
        }
        return dirty;
    }

    /// <summary>Queues whose starts are to be written.</summary>
    public IEnumerable<FlowQueue> TakeDirtyQueues()
    {
        if (_dirtyQueues.Count == 0) return [];
        var dirty = _dirtyQueues.ToArray();
        _dirtyQueues.Clear();
        foreach (var queue in dirty) queue.Dirty = false;
        return dirty;
    }

    /// <summary>Forgets starts that no rate counts any more, and with them keys that nothing else keeps.</summary>
    public void Prune(DateTimeOffset now)
    {
        foreach (var key in _keys.Values)
        {
            if (key.Starts.IsEmpty) continue;
            key.Starts.Forget(now);
            if (key.Starts.IsEmpty) Touch(key);
        }
        foreach (var queue in _queues.Values)
        {
            if (queue.Starts.IsEmpty) continue;
            queue.Starts.Forget(now);
            if (queue.Starts.IsEmpty) Touch(queue);
        }
    }

    /// <summary>What was changed is durable.</summary>
    public void Settled() => Touched = false;

    internal FlowKey Key(Namespace ns, string name)
    {
        if (!_keys.TryGetValue((ns, name), out var key)) _keys.Add((ns, name), key = new FlowKey(ns, name));
        return key;
    }

    internal void Touch(FlowKey key)
    {
        Touched = true;
        if (key.Dirty) return;
        key.Dirty = true;
        _dirtyKeys.Add(key);
    }

    internal void Touch(FlowQueue queue)
    {
        Touched = true;
        if (queue.Dirty) return;
        queue.Dirty = true;
        _dirtyQueues.Add(queue);
    }

    internal void Block(FlowKey key, FlowQueue queue)
    {
        Touched = true;
        Line(key, queue).Blocked++;
    }

    internal void Unblocked(FlowLine line, long count)
    {
        Touched |= count > 0;
        line.Blocked -= count;
        if (line.Blocked > 0) return;
        // Its entries in Ready and Timed are passed over when they are met.
        line.Key.Lines.Remove(line);
        line.Queue.Lines.Remove(line);
    }

    internal void Wake(FlowLine line)
    {
        Wakes(line.Queue.Name);
        if (line.Ready) return;
        line.Ready = true;
        line.Queue.Ready.Add(line);
    }

    internal void Wakes(string queue) => (_wakes ??= []).Add(queue);

    private void Ended(string queue)
    {
        if (_queues.TryGetValue(queue, out var known) && known.Stalled) Wakes(queue);
    }

    private void Left(FlowKey key, string queue, bool wasBlocked)
    {
        if (key.Lines.Find(line => line.Queue.Name == queue) is not { } line) return;
        if (wasBlocked) Unblocked(line, 1);
        else Wake(line);
    }

    private void Freed(FlowKey key)
    {
        for (var i = 0; i < key.Lines.Count; i++) Wake(key.Lines[i]);
    }

    private FlowQueue Queue(string name)
    {
        if (_queues.TryGetValue(name, out var queue)) return queue;
        // Nothing is known of it: as far as anybody can tell a claim was held back by it.
        _queues.Add(name, queue = new FlowQueue(name) { Stalled = true });
        return queue;
    }

    private static FlowLine Line(FlowKey key, FlowQueue queue)
    {
        if (key.Lines.Find(line => line.Queue == queue) is { } found) return found;
        var line = new FlowLine(key, queue);
        key.Lines.Add(line);
        queue.Lines.Add(line);
        return line;
    }
}

/// <summary>What a claim under limits asks of its store's rows, inside the transaction.</summary>
internal interface IFlowRows
{
    /// <summary>Jobs of a queue that run or were asked to stop, of all namespaces.</summary>
    long Running(string queue);

    /// <summary>Marks a queued job.</summary>
    void Block(JobRow row);

    /// <summary>Takes the mark from the first of a line, by rank.</summary>
    /// <returns>From how many; fewer than asked when the line has no more.</returns>
    int Unblock(FlowLine line, int count);
}
