using ActorPerf.Cluster;
using System.Diagnostics;
using ActorPerf.Jobs;

namespace ActorPerf.Storage;

/// <summary>A feature's part of a transaction.</summary>
internal interface IWriteHandler
{
    /// <summary>Applies a write in the open transaction. Expected outcomes go into the write; an exception rolls the transaction back.</summary>
    void Apply(object write);

    /// <summary>Before the commit: writes what was summed up over the transaction.</summary>
    void Flush();

    /// <summary>The transaction was rolled back: forget what was summed up.</summary>
    void Forget();

    /// <summary>These writes are durable. In the order in which they were applied; nothing here may wait.</summary>
    void Committed(IReadOnlyList<object> writes);

    /// <summary>This write changed nothing.</summary>
    void Failed(object write, Exception cause);
}

/// <summary>The connection a <see cref="WriteQueue"/> writes through. Used by its thread alone.</summary>
internal interface IWriteConnection
{
    void Begin();

    void Commit();

    /// <summary>Never throws: a transaction that the engine ended by itself counts as rolled back.</summary>
    void Rollback();

    /// <summary>After each commit; a place for checkpoints.</summary>
    void Tend();

    /// <summary>What an exception means for the node.</summary>
    WriteFault Classify(Exception exception);
}

internal enum WriteFault
{
    /// <summary>One item's doing.</summary>
    Item,

    /// <summary>No space: nothing changed, and it may pass.</summary>
    Full,

    /// <summary>What was acknowledged may be gone: no further answer may be given.</summary>
    Fatal,
}

/// <summary>The one line in front of a database's only writer: what arrives while a transaction commits goes together into the next one.</summary>
/// <remarks>
/// Invariant: a write is reported exactly once, as durable after the commit that carried it, or as failed when nothing of it changed.
/// Two lanes: urgent writes (finishes, leases) go before the others, so that work under way ends before more is taken in. No timers: an idle
/// writer takes a lone write at once. A transaction carries at most 1,000 writes or 1 MiB. When it fails it is rolled back and its writes run once more one by one, so
/// that only the culprit fails. It owns its thread, for the driver blocks.
/// </remarks>
internal sealed class WriteQueue : IDisposable
{
    public const int MaxItems = 1_000;
    public const int MaxBytes = 1024 * 1024;
    public const int MaxWaiting = 100_000;
    public const long MaxWaitingBytes = 256L * 1024 * 1024;

    private readonly IWriteConnection _connection;
    private readonly Action<Exception> _fatal;
    private readonly Lock _gate = new();
    private readonly Queue<Entry> _urgent = new();
    private readonly Queue<Entry> _normal = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly List<Entry> _batch = new(MaxItems);
    private readonly Dictionary<IWriteHandler, List<object>> _applied = [];
    private readonly Thread _thread;
    private long _waitingBytes;
    private bool _sleeping;
    private bool _stopping;
    private Exception? _fault;

    public WriteQueue(string name, IWriteConnection connection, Action<Exception> fatal)
    {
        _connection = connection;
        _fatal = fatal;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public WriteMeter Meter { get; } = new(TimeProvider.System);

    /// <summary>Writes that no transaction has taken yet.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _urgent.Count + _normal.Count;
        }
    }

    public void Start() => _thread.Start();

    /// <summary>It stops, or the store failed for good: nothing more is taken.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate) return _stopping || _fault is not null;
        }
    }

    /// <summary>False when the line is full, stopping, or the store failed for good.</summary>
    public bool TryPost(object write, IWriteHandler handler, bool urgent, int bytes)
    {
        bool wake;
        lock (_gate)
        {
            if (_stopping || _fault is not null) return false;
            var lane = urgent ? _urgent : _normal;
            // Urgent writes end work that was begun; refusing them would leave it hanging, and their number is bounded by the routees.
            if (!urgent && (lane.Count >= MaxWaiting || _waitingBytes >= MaxWaitingBytes)) return false;
            lane.Enqueue(new Entry(write, handler, bytes, urgent));
            _waitingBytes += bytes;
            wake = _sleeping;
            _sleeping = false;
        }
        if (wake) _arrived.Set();
        return true;
    }

    /// <summary>Commits what waits, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
        }
        _arrived.Set();
        if (_thread.IsAlive && _thread != Thread.CurrentThread) _thread.Join();
        _arrived.Dispose();
    }

    private void Run()
    {
        while (Gather())
        {
            Write(_batch);
            _batch.Clear();
        }
    }

    private bool Gather()
    {
        while (true)
        {
            lock (_gate)
            {
                var bytes = 0;
                Take(_urgent, ref bytes);
                Take(_normal, ref bytes);
                _waitingBytes -= bytes;
                if (_batch.Count > 0) return true;
                if (_stopping) return false;
                _sleeping = true;
            }
            _arrived.WaitOne();
        }
    }

    private void Take(Queue<Entry> lane, ref int bytes)
    {
        while (_batch.Count < MaxItems && (bytes < MaxBytes || _batch.Count == 0) && lane.TryDequeue(out var entry))
        {
            _batch.Add(entry);
            bytes += entry.Bytes;
        }
    }

    private void Write(List<Entry> batch)
    {
        if (_fault is { } fault)
        {
            foreach (var entry in batch) entry.Handler.Failed(entry.Write, new StoreUnavailableException("The store failed; this node stops.", fault));
            return;
        }
        var cause = TryCommit(batch);
        if (cause is null) return;
        switch (_connection.Classify(cause))
        {
            case WriteFault.Fatal:
                Fall(batch, cause);
                break;
            case WriteFault.Full:
                Shed(batch, cause);
                break;
            default:
                OneByOne(batch, cause);
                break;
        }
    }

    /// <summary>Null when the batch is durable; else what went wrong, with the transaction rolled back.</summary>
    private Exception? TryCommit(List<Entry> batch)
    {
        var began = Meter.Begin();
        try
        {
            _connection.Begin();
            foreach (var entry in batch) entry.Handler.Apply(entry.Write);
            foreach (var entry in batch) Note(entry);
            foreach (var handler in _applied.Keys) handler.Flush();
            _connection.Commit();
        }
#pragma warning disable CA1031 // Whatever it was, the transaction must be rolled back and the cause sorted by the caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _connection.Rollback();
            foreach (var entry in batch) entry.Handler.Forget();
            _applied.Clear();
            return exception;
        }
        Meter.Committed(batch.Count, began);
        foreach (var (handler, writes) in _applied) handler.Committed(writes);
        _applied.Clear();
        return TryTend();
    }

    private void Note(in Entry entry)
    {
        if (entry.Write is not WriteGroup group) Note(entry.Handler, entry.Write);
        else foreach (var (handler, write) in group.Applied) Note(handler, write);
    }

    private void Note(IWriteHandler handler, object write)
    {
        if (!_applied.TryGetValue(handler, out var writes)) _applied.Add(handler, writes = []);
        writes.Add(write);
    }

    private Exception? TryTend()
    {
        try
        {
            _connection.Tend();
        }
#pragma warning disable CA1031 // The commit stands; only a fault that endangers it may end the node.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_connection.Classify(exception) == WriteFault.Fatal) Fall([], exception);
        }
        return null;
    }

    private void OneByOne(List<Entry> batch, Exception cause)
    {
        if (batch.Count == 1)
        {
            batch[0].Handler.Failed(batch[0].Write, cause);
            return;
        }
        foreach (var entry in batch) Write([entry]);
    }

    /// <summary>No space: what would take more in fails; what ends work under way waits for space.</summary>
    private void Shed(List<Entry> batch, Exception cause)
    {
        var kept = new Queue<Entry>();
        Sort(batch, kept, cause);
        while (kept.Count > 0)
        {
            Sort(Arrived(), kept, cause);
            // One by one, round by round: what does not fit yet, as a large result, holds up nothing that does. The pause keeps a full disk from costing a core.
            for (var left = kept.Count; left > 0; left--)
                if (kept.Dequeue() is var entry && !TryAlone(entry)) kept.Enqueue(entry);
            if (kept.Count > 0) _arrived.WaitOne(TimeSpan.FromMilliseconds(250));
        }
    }

    private static void Sort(IReadOnlyList<Entry> entries, Queue<Entry> kept, Exception cause)
    {
        foreach (var entry in entries)
        {
            if (entry.Urgent) kept.Enqueue(entry);
            else entry.Handler.Failed(entry.Write, new StoreFullException("The disk that holds the database is full. Nothing changed; free space and try again.", cause));
        }
    }

    /// <summary>False when there is no space for it yet; else it was told of.</summary>
    private bool TryAlone(Entry entry)
    {
        if (_fault is not null)
        {
            Write([entry]);
            return true;
        }
        if (TryCommit([entry]) is not { } cause) return true;
        switch (_connection.Classify(cause))
        {
            case WriteFault.Full when !Volatile.Read(ref _stopping): return false;
            case WriteFault.Full:
                entry.Handler.Failed(entry.Write, new StoreFullException("The disk that holds the database is full.", cause));
                return true;
            case WriteFault.Fatal:
                Fall([entry], cause);
                return true;
            default:
                entry.Handler.Failed(entry.Write, cause);
                return true;
        }
    }

    private List<Entry> Arrived()
    {
        var arrived = new List<Entry>();
        lock (_gate)
        {
            while (_urgent.TryDequeue(out var entry) || _normal.TryDequeue(out entry))
            {
                _waitingBytes -= entry.Bytes;
                arrived.Add(entry);
            }
            _sleeping = true;
        }
        return arrived;
    }

    private void Fall(List<Entry> batch, Exception cause)
    {
        lock (_gate) _fault = cause;
        foreach (var entry in batch) entry.Handler.Failed(entry.Write, new StoreUnavailableException("The store failed; this node stops.", cause));
        _fatal(cause);
    }

    [DebuggerDisplay("{Write}")]
    private readonly record struct Entry(object Write, IWriteHandler Handler, int Bytes, bool Urgent);
}
