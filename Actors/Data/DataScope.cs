using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Where reads are remembered and writes are seen through: one request, one attempt of a job, or <c>await using var scope = data.BeginScope()</c>.</summary>
/// <remarks>
/// What was read once is not read again, misses included, until this scope writes it; so a scope sees one state of each entity, and its own writes. It is found by whatever runs
/// inside it (<see cref="Current"/>), child work too, and never by what runs beside it. A scope inside another one reads what that one remembers and remembers for itself.
/// Leaving it awaits every write that was started, awaited or not, and throws the failures that nobody has seen. Any thread may use it.
/// </remarks>
public sealed class DataScope : IAsyncDisposable
{
    private const int MaxFailuresKept = 1_000;

    private static readonly AsyncLocal<DataScope?> Ambient = new();

    private readonly Lock _gate = new();
    private readonly ScopeParts _parts;
    private readonly DataScope? _parent;
    private readonly ITimer? _alarm;
    private readonly Dictionary<Key, ScopeEntry> _entries = [];
    private readonly LinkedList<ScopeEntry> _known = new();          // least recently used first
    private readonly HashSet<ScopeOperation> _open = [];
    private readonly List<ScopeOperation> _failed = [];
    private long _bytes;
    private long _hits;
    private long _evictions;
    private int _moreFailed;
    private bool _left;
    private bool _expired;
    private TaskCompletionSource? _quiet;                            // all writes have ended

    internal DataScope(ScopeParts parts, DataScope? parent, ScopeSettings settings)
    {
        (_parts, _parent) = (parts, settings.IsTransaction ? null : parent);
        Before = Ambient.Value;
        Namespace = settings.Namespace ?? parent?.Namespace ?? Namespace.Default;
        Deadline = Sooner(settings.Deadline, parent?.Deadline);
        Lane = settings.IsTransaction ? this : null;
        Transaction = settings.IsTransaction ? null : parent?.Transaction;
        if (Deadline is not { } deadline) return;
        var left = deadline - parts.Time.GetUtcNow();
        _alarm = parts.Time.CreateTimer(static scope => ((DataScope)scope!).Expire(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The one around the code that asks; null outside any.</summary>
    public static DataScope? Current => Ambient.Value;

    /// <summary>Whose data it works with.</summary>
    public Namespace Namespace { get; }

    /// <summary>When its operations are given up; null: never.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Entities it remembers now, misses included.</summary>
    public int Remembered
    {
        get
        {
            lock (_gate) return _known.Count;
        }
    }

    /// <summary>Gets answered from memory, and entities forgotten for want of room.</summary>
    public (long Hits, long Evictions) Usage
    {
        get
        {
            lock (_gate) return (_hits, _evictions);
        }
    }

    /// <summary>That it belongs to; null outside one.</summary>
    internal DataTransaction? Transaction { get; set; }

    /// <summary>Of a transaction: its statements are shared with nobody. Null otherwise.</summary>
    internal object? Lane { get; }

    private DataScope? Before { get; }

    /// <summary>Starts work that goes on after this scope is left, in a scope of its own. Its failure is logged; the node awaits it when it stops.</summary>
    /// <param name="reason">Why nobody waits for it, for the log.</param>
    public void Detach(Func<Task> work, string reason)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _parts.Detached.Start(() => new DataScope(_parts, null, new ScopeSettings { Namespace = Namespace }), work, reason);
    }

    /// <summary>Awaits every write that was started, without leaving: before something is said, such as an answer of success, that rests on them.</summary>
    /// <remarks>Waits as long as leaving would. What it throws, leaving does not throw again.</remarks>
    /// <exception cref="UnawaitedWritesException">Writes failed whose outcome nobody has looked at.</exception>
    /// <exception cref="TimeoutException">Writes are still under way; the message says which, and where they were called.</exception>
    public async ValueTask FlushAsync()
    {
        TaskCompletionSource? quiet = null;
        lock (_gate)
        {
            if (_open.Count > 0) quiet = WhenQuiet();
        }
        if (quiet is not null) await DrainAsync(quiet.Task);
        ThrowUnseenFailures();
    }

    /// <summary>Leaves the scope: reads under way are cancelled, writes are awaited until the deadline, or 30 s unless the configuration says otherwise.</summary>
    /// <exception cref="UnawaitedWritesException">Writes failed whose outcome nobody has looked at.</exception>
    /// <exception cref="TimeoutException">Writes are still under way; the message says which, and where they were called.</exception>
    public ValueTask DisposeAsync()
    {
        // Here and not in the asynchronous part: what that sets does not flow back to the caller.
        if (Ambient.Value == this) Ambient.Value = Before;
        return LeaveAsync();
    }

    /// <summary>Makes it the scope of the code that calls, and of what that calls.</summary>
    internal DataScope Enter()
    {
        Ambient.Value = this;
        return this;
    }

    internal ValueTask<Entity?> GetAsync(Key key, CancellationToken ct)
    {
        SingleRead read;
        lock (_gate)
        {
            ThrowIfLeft();
            var (entry, write) = Look(key);
            if (entry is not null) return ValueTask.FromResult(entry.Entity);
            if (write is not null) return GetAfterAsync(write, key, ct);
            read = new SingleRead(_parts.Reads.Of(key.Kind).Line) { Observer = Own(key) };
            Begin(read);
        }
        read.Line.Enter(key, new LaneId(key.Namespace, Lane), read);
        return read.WaitAsync(ct);
    }

    /// <param name="keys">Of one pipeline; at most what one batch takes.</param>
    internal ValueTask<IReadOnlyList<Entity?>> GetManyAsync(IReadOnlyList<Key> keys, CancellationToken ct)
    {
        var line = _parts.Reads.Of(keys[0].Kind).Line;
        var many = new ManyReads(line, keys.Count);
        var asked = new List<Key>(keys.Count);
        lock (_gate)
        {
            ThrowIfLeft();
            if (WritesOf(keys) is { Count: > 0 } writes) return GetManyAfterAsync(writes, keys, ct);
            for (var i = 0; i < keys.Count; i++)
            {
                if (Look(keys[i]).Known is { } entry)
                {
                    many.Put(i, entry.Entity);
                    continue;
                }
                Begin(many.Add(i, Own(keys[i])));
                asked.Add(keys[i]);
            }
        }
        if (asked.Count > 0) line.Enter(asked, new LaneId(keys[0].Namespace, Lane), many.Parts);
        return many.WaitAsync(ct);
    }

    /// <summary>Sends writes on their way, each behind what this scope did before with its key.</summary>
    internal void Write<TOperation>(TOperation operation, IReadOnlyList<EntityWrite> writes)
        where TOperation : ScopeOperation, IWriteSink
    {
        var all = new PendingWrite[writes.Count];
        var free = new List<PendingWrite>(writes.Count);
        lock (_gate)
        {
            ThrowIfLeft();
            _open.Add(operation);
            for (var i = 0; i < all.Length; i++)
            {
                var entry = Own(writes[i].Key);
                all[i] = new PendingWrite(writes[i], new LaneId(writes[i].Key.Namespace, Lane), operation, i) { Entry = entry };
                entry.LastWrite = all[i];
                Unknow(entry);
                if (entry.Reading > 0) (entry.Deferred ??= []).Add(all[i]);
                else free.Add(all[i]);
            }
            operation.Begin(all);
        }
        _parts.Writes.Enter(free);
        foreach (var write in writes) ForgetAbove(write.Key);
    }

    /// <summary>Leaves it after its code has failed: that failure comes first, and what leaving throws besides is logged.</summary>
    internal async ValueTask LeaveAfterFailureAsync()
    {
        try
        {
            await DisposeAsync();
        }
        catch (Exception second)
        {
            _parts.Log.WritesFailedBeside(second, Namespace.Name, second is UnawaitedWritesException many ? many.InnerExceptions.Count : 1);
        }
    }

    /// <summary>Until now the code around belonged to a transaction; until this is disposed of it does not.</summary>
    internal static IDisposable Suppress()
    {
        var inside = Ambient.Value;
        var outside = inside;
        while (outside?.Transaction is not null) outside = outside.Before;
        Ambient.Value = outside;
        return new Resume(inside);
    }

    /// <summary>Waits until the writes called so far have their outcome, whatever it is; their callers, or the end of the scope, hear of it.</summary>
    internal async Task SettleAsync(CancellationToken ct)
    {
        Task quiet;
        lock (_gate)
        {
            if (_open.Count == 0) return;
            quiet = WhenQuiet().Task;
        }
        _parts.Writes.Hurry();
        await quiet.WaitAsync(ct);
    }

    /// <summary>A transaction inside has taken place: what it read and wrote is what stands there.</summary>
    internal void Learn(DataScope transaction, IReadOnlyList<(Key Key, Entity? Entity)> written)
    {
        if (Transaction is not null) return;                       // another transaction around it keeps to what it has seen
        (Key Key, Entity? Entity)[] read;
        lock (transaction._gate) read = [.. transaction._known.Select(entry => (entry.Key, entry.Entity))];
        lock (_gate)
        {
            foreach (var (key, entity) in read.Concat(written))
            {
                var entry = Own(key);
                if (entry.LastWrite is null && !_left) Know(entry, entity);
            }
        }
    }

    /// <summary>Entities were changed beside the pipelines: nothing is known of them any more.</summary>
    internal void Forget(Key key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry) && entry.IsKnown) Remove(entry);
        }
        ForgetAbove(key);
    }

    internal void OnRead(ScopeEntry entry, Entity? entity, bool isFresh)
    {
        lock (_gate)
        {
            if (isFresh && entry.LastWrite is null && !_left) Know(entry, entity);
        }
        OnReadFailed(entry);
    }

    internal void OnReadFailed(ScopeEntry entry)
    {
        List<PendingWrite>? deferred;
        lock (_gate)
        {
            if (--entry.Reading > 0) return;
            entry.Waiters = null;
            (deferred, entry.Deferred) = (entry.Deferred, null);
            if (entry.LastWrite is null && !entry.IsKnown) Remove(entry);
        }
        if (deferred is null) return;
        _parts.Writes.Enter(deferred);
        if (_left) _parts.Writes.Hurry();
    }

    internal void OnWritten(PendingWrite write)
    {
        var entry = write.Entry!;
        lock (_gate)
        {
            if (entry.LastWrite == write)
            {
                entry.LastWrite = null;
                if (write.Failure is null && write.Outcome.Status == WriteStatus.Written && !_left) Know(entry, write.Entity);
                else if (entry.Reading == 0) Remove(entry);
            }
        }
        ForgetAbove(entry.Key);
    }

    internal void OnEnded(ScopeOperation operation)
    {
        TaskCompletionSource? quiet = null;
        bool late;
        lock (_gate)
        {
            _open.Remove(operation);
            late = _expired;
            if (operation.Loss is not null && !operation.IsObserved)
            {
                if (_failed.Count < MaxFailuresKept) _failed.Add(operation);
                else _moreFailed++;
            }
            if (_open.Count == 0) quiet = _quiet;
        }
        quiet?.TrySetResult();
        if (late && operation.Loss is { } loss) _parts.Log.FailedLate(loss, Namespace.Name, operation.What, operation.File, operation.Line);
    }

    private async ValueTask<Entity?> GetAfterAsync(PendingWrite write, Key key, CancellationToken ct)
    {
        await write.WhenDecided().WaitAsync(ct);
        return await GetAsync(key, ct);
    }

    private async ValueTask<IReadOnlyList<Entity?>> GetManyAfterAsync(List<PendingWrite> writes, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        foreach (var write in writes) await write.WhenDecided().WaitAsync(ct);
        return await GetManyAsync(keys, ct);
    }

    /// <summary>What is known of a key here or further out, or the write whose outcome has to be awaited to know it.</summary>
    private (ScopeEntry? Known, PendingWrite? Write) Look(Key key)
    {
        if (!_entries.TryGetValue(key, out var entry)) return _parent is null ? default : _parent.LookFromWithin(key);
        if (entry.LastWrite is { } write) return (null, write);
        if (!entry.IsKnown) return default;
        _known.Remove(entry.Place!);
        _known.AddLast(entry.Place!);
        _hits++;
        return (entry, null);
    }

    private (ScopeEntry? Known, PendingWrite? Write) LookFromWithin(Key key)
    {
        lock (_gate) return Look(key);
    }

    private List<PendingWrite> WritesOf(IReadOnlyList<Key> keys)
    {
        var writes = new List<PendingWrite>();
        foreach (var key in keys)
            if (Look(key).Write is { } write) writes.Add(write);
        return writes;
    }

    private ScopeEntry Own(Key key)
    {
        if (!_entries.TryGetValue(key, out var entry)) _entries[key] = entry = new ScopeEntry(this, key);
        return entry;
    }

    private static void Begin(ReadWaiter waiter)
    {
        var entry = (ScopeEntry)waiter.Observer!;
        waiter.Sibling = entry.Waiters;
        entry.Waiters = waiter;
        entry.Reading++;
    }

    private void Know(ScopeEntry entry, Entity? entity)
    {
        Unknow(entry);
        entry.Entity = entity;
        entry.Place = _known.AddLast(entry);
        _bytes += entry.Bytes;
        while (_known.First is { } oldest && (_known.Count > _parts.Options.ScopeEntities || _bytes > _parts.Options.ScopeBytes))
        {
            _evictions++;
            if (oldest.Value.Reading > 0) Unknow(oldest.Value);
            else Remove(oldest.Value);
        }
    }

    private void Unknow(ScopeEntry entry)
    {
        if (entry.Place is null) return;
        _known.Remove(entry.Place);
        _bytes -= entry.Bytes;
        (entry.Place, entry.Entity) = (null, null);
    }

    private void Remove(ScopeEntry entry)
    {
        Unknow(entry);
        if (entry.Reading == 0 && entry.LastWrite is null && _entries.TryGetValue(entry.Key, out var current) && current == entry) _entries.Remove(entry.Key);
    }

    private void ForgetAbove(Key key) => _parent?.Forget(key);

    /// <summary>The deadline has come: everybody who still waits is told.</summary>
    private void Expire()
    {
        var late = new TimeoutException($"The deadline of the request ({Deadline:O}) has passed. What was sent to the store already may still take place.");
        List<ReadWaiter> reads;
        List<ScopeOperation> writes;
        lock (_gate)
        {
            reads = Waiters();
            writes = [.. _open];
        }
        foreach (var read in reads) read.Line.Leave(read, StoreFaults.For(late, "Reading"));
        foreach (var write in writes) write.Abort(StoreFaults.For(late, write.ToString()));
    }

    private async ValueTask LeaveAsync()
    {
        List<ReadWaiter> reads;
        TaskCompletionSource? quiet = null;
        lock (_gate)
        {
            if (_left) return;
            _left = true;
            reads = Waiters();
            if (_open.Count > 0) quiet = WhenQuiet();
        }
        foreach (var read in reads) read.Line.Leave(read, new OperationCanceledException("The scope was left while this read was under way, and nobody awaited it."));
        if (quiet is not null) await DrainAsync(quiet.Task);
        if (_alarm is not null) await _alarm.DisposeAsync();
        ThrowUnseenFailures();
    }

    private async ValueTask DrainAsync(Task quiet)
    {
        var patience = Patience();
        _parts.Writes.Hurry();
        try
        {
            await quiet.WaitAsync(patience, _parts.Time);
        }
        catch (TimeoutException)
        {
            ScopeOperation[] pending;
            lock (_gate)
            {
                _expired = true;
                pending = [.. _open];
            }
            if (pending.Length == 0) return;
            var names = string.Join(", ", pending.Take(20)) + (pending.Length > 20 ? $" and {pending.Length - 20} more" : "");
            _parts.Log.LeftBehind(Namespace.Name, pending.Length, (long)patience.TotalMilliseconds, names);
            throw new TimeoutException(
                $"After {patience.TotalSeconds:0.###} s {pending.Length} operations of the scope were still under way: {names}. "
                + "They may still take place. Await them earlier, allow the request more time, or raise actorperf.data.drain-timeout.");
        }
    }

    private TimeSpan Patience()
    {
        if (Deadline is not { } deadline) return _parts.Options.DrainTimeout;
        var left = deadline - _parts.Time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < _parts.Options.DrainTimeout ? left : _parts.Options.DrainTimeout;
    }

    private void ThrowUnseenFailures()
    {
        List<(ScopeOperation Operation, Exception Loss)> unseen;
        int more;
        lock (_gate)
        {
            unseen = [.. _failed.Where(operation => !operation.IsObserved).Select(operation => (operation, operation.Loss!))];
            more = _moreFailed;
            _failed.Clear();
            _moreFailed = 0;
        }
        if (unseen.Count > 0) throw new UnawaitedWritesException([.. unseen.Select(failed => $"{failed.Operation}: {failed.Loss.Message}")], [.. unseen.Select(failed => failed.Loss)], more);
    }

    private List<ReadWaiter> Waiters()
    {
        var waiters = new List<ReadWaiter>();
        foreach (var entry in _entries.Values)
            for (var waiter = entry.Waiters; waiter is not null; waiter = waiter.Sibling) waiters.Add(waiter);
        return waiters;
    }

    private TaskCompletionSource WhenQuiet() =>
        _quiet is { Task.IsCompleted: false } ? _quiet : _quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private void ThrowIfLeft()
    {
        if (_left) throw new InvalidOperationException("The scope has been left. Await what needs it before leaving, or start background work with DataScope.Detach.");
    }

    private sealed class Resume(DataScope? scope) : IDisposable
    {
        public void Dispose() => Ambient.Value = scope;
    }

    private static DateTimeOffset? Sooner(DateTimeOffset? left, DateTimeOffset? right) => (left, right) switch
    {
        (null, _) => right,
        (_, null) => left,
        _ => left < right ? left : right,
    };
}

/// <summary>How a scope begins.</summary>
public sealed record ScopeSettings
{
    public static ScopeSettings Default { get; } = new();

    /// <summary>Whose data; null: that of the scope around, or <c>default</c>.</summary>
    public Namespace? Namespace { get; init; }

    /// <summary>When its operations are given up; never later than that of the scope around.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The scope of a transaction: it knows nothing from outside, and its statements are shared with nobody.</summary>
    internal bool IsTransaction { get; init; }
}

/// <summary>What a scope works with.</summary>
internal sealed record ScopeParts(ReadPipelines Reads, WriteLine Writes, DetachedWork Detached, DataOptions Options, TimeProvider Time, ILogger Log);
