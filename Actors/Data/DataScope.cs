using System.Diagnostics;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>Where reads are remembered and writes are seen through: one request, one attempt of a job, or <c>await using var scope = data.BeginScope()</c>.</summary>
/// <remarks>
/// What was read once is not read again, misses included, until this scope writes it; so a scope sees one state of each entity, and its own writes. It is found by whatever runs
/// inside it (<see cref="Current"/>), child work too, and never by what runs beside it. A scope inside another one reads what that one remembers and remembers for itself.
/// Leaving it awaits every write that was started, awaited or not, and throws the failures that nobody has seen. Any thread may use it.
/// </remarks>
public sealed partial class DataScope : IAsyncDisposable
{
    private static readonly AsyncLocal<DataScope?> Ambient = new();

    private readonly Lock _gate = new();
    private readonly ScopeParts _parts;
    private readonly DataScope? _parent;
    private readonly ITimer? _alarm;
    private readonly IdentityMap _map;
    private readonly StartedWrites _writes = new();
    private bool _left;

    internal DataScope(ScopeParts parts, DataScope? parent, ScopeSettings settings)
    {
        (_parts, _parent) = (parts, settings.IsTransaction ? null : parent);
        _map = new IdentityMap(this, parts.Options.ScopeEntities, parts.Options.ScopeBytes);
        Before = Ambient.Value;
        Namespace = settings.Namespace ?? parent?.Namespace ?? Namespace.Default;
        Deadline = Sooner(settings.Deadline, parent?.Deadline);
        Lane = settings.IsTransaction ? this : null;
        Transaction = settings.IsTransaction ? null : parent?.Transaction;
        if (Deadline is null) return;
        _isLate = Left == TimeSpan.Zero;
        if (!_isLate) _alarm = parts.Time.CreateTimer(static scope => ((DataScope)scope!).Expire(), this, Left, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The one around the code that asks; null outside any.</summary>
    public static DataScope? Current => Ambient.Value;

    /// <summary>Whose data it works with.</summary>
    public Namespace Namespace { get; }

    /// <summary>When its operations are given up, and from when on none is begun; null: never.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Entities it remembers now, misses included.</summary>
    public int Remembered
    {
        get
        {
            lock (_gate) return _map.Remembered;
        }
    }

    /// <summary>Gets answered from memory, and entities forgotten for want of room.</summary>
    public (long Hits, long Evictions) Usage
    {
        get
        {
            lock (_gate) return _map.Usage;
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

    /// <summary>Makes it the scope of the code that calls, and of what that calls.</summary>
    internal DataScope Enter()
    {
        Ambient.Value = this;
        return this;
    }

    internal ValueTask<Entity?> GetAsync(Key key, CancellationToken ct, string file = "", int line = 0, string member = "")
    {
        SingleRead read;
        lock (_gate)
        {
            ThrowIfLeft();
            if (_isLate) return ValueTask.FromException<Entity?>(Refused($"Reading {key}"));
            var (entry, write) = Look(key);
            if (entry is not null) return ValueTask.FromResult(entry.Entity);
            if (write is not null) return GetAfterAsync(write, key, file, line, member, ct);
            read = new SingleRead(_parts.Reads.Of(key.Kind).Line) { Observer = _map.Own(key) };
            Begin(read);
        }
        read.Trace(key, file, line, member);
        read.Line.Enter(key, new LaneId(key.Namespace, Lane), read);
        return read.WaitAsync(ct);
    }

    /// <param name="keys">Of one pipeline; at most what one batch takes.</param>
    /// <param name="span">Of the call; null where nobody traces it.</param>
    internal ValueTask<IReadOnlyList<Entity?>> GetManyAsync(IReadOnlyList<Key> keys, Activity? span, CancellationToken ct)
    {
        var line = _parts.Reads.Of(keys[0].Kind).Line;
        var many = new ManyReads(line, keys.Count, span);
        var asked = new List<Key>(keys.Count);
        lock (_gate)
        {
            ThrowIfLeft();
            if (_isLate) return ValueTask.FromException<IReadOnlyList<Entity?>>(Refused($"Reading {keys[0]}"));
            if (WritesOf(keys) is { Count: > 0 } writes) return GetManyAfterAsync(writes, keys, span, ct);
            for (var i = 0; i < keys.Count; i++)
            {
                if (Look(keys[i]).Known is { } entry)
                {
                    many.Put(i, entry.Entity);
                    continue;
                }
                Begin(many.Add(i, _map.Own(keys[i])));
                asked.Add(keys[i]);
            }
        }
        foreach (var key in span is null ? [] : asked) Spans.Read(span, key.GetHashCode());
        if (asked.Count > 0) line.Enter(asked, new LaneId(keys[0].Namespace, Lane), many.Parts);
        return many.WaitAsync(ct);
    }

    /// <summary>Sends writes on their way, each behind what this scope did before with its key.</summary>
    internal void Write<TOperation>(TOperation operation, IReadOnlyList<EntityWrite> writes)
        where TOperation : ScopeOperation, IWriteSink
    {
        var all = new PendingWrite[writes.Count];
        bool isLate, taken = false;
        lock (_gate)
        {
            ThrowIfLeft();
            _writes.Begin(operation);
            isLate = _isLate;
            for (var i = 0; i < all.Length; i++) all[i] = isLate ? NeverSent(operation, writes[i], i) : Line(operation, writes[i], i);
            operation.Begin(all);
            if (!isLate) taken = _parts.Writes.TryEnter(all);              // inside the lock: the order of calls is the order in the line
        }
        if (isLate) foreach (var write in all) write.Fail(Refused(operation.ToString()));
        else if (!taken) WriteLine.Refuse(all);
        foreach (var write in writes) ForgetAbove(write.Key);
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

    internal void OnRead(ScopeEntry entry, Entity? entity, bool isFresh)
    {
        lock (_gate)
        {
            if (entry.LastWrite is null && !_left) Take(entry, entity, isFresh);
        }
        OnReadFailed(entry);
    }

    internal void OnReadFailed(ScopeEntry entry)
    {
        List<PendingWrite>? held;
        lock (_gate)
        {
            if (--entry.Reading > 0) return;
            entry.Waiters = null;
            (held, entry.Held) = (entry.Held, null);
            if (entry.LastWrite is null && !entry.IsKnown) _map.Remove(entry);
        }
        if (held is null) return;
        _parts.Writes.Release(held);
        if (_left) _parts.Writes.Hurry();
    }

    internal void OnWritten(PendingWrite write)
    {
        var entry = write.Entry!;
        lock (_gate)
        {
            var wasLast = entry.LastWrite == write;
            entry.End(write);
            if (wasLast && entry.LastWrite is null)
            {
                if (write.Failure is null && write.WasAlone && write.Outcome.Status == WriteStatus.Written && !_left) _map.Know(entry, write.Entity);
                else if (entry.Reading == 0) _map.Remove(entry);
            }
        }
        ForgetAbove(entry.Key);
    }

    internal void OnEnded(ScopeOperation operation)
    {
        TaskCompletionSource? quiet;
        bool late;
        lock (_gate)
        {
            quiet = _writes.End(operation);
            late = _writes.AreGivenUp;
        }
        quiet?.TrySetResult();
        if (late && operation.Loss is { } loss) _parts.Log.FailedLate(loss, Namespace.Name, operation.What, operation.File, operation.Line);
    }

    private async ValueTask<Entity?> GetAfterAsync(PendingWrite write, Key key, string file, int line, string member, CancellationToken ct)
    {
        await WaitAsync(write, ct);
        return await GetAsync(key, ct, file, line, member);
    }

    private async ValueTask<IReadOnlyList<Entity?>> GetManyAfterAsync(List<PendingWrite> writes, IReadOnlyList<Key> keys, Activity? span, CancellationToken ct)
    {
        foreach (var write in writes) await WaitAsync(write, ct);
        return await GetManyAsync(keys, span, ct);
    }

    private PendingWrite Line<TOperation>(TOperation operation, EntityWrite asked, int index)
        where TOperation : ScopeOperation, IWriteSink
    {
        var entry = _map.Own(asked.Key);
        var write = new PendingWrite(asked, new LaneId(asked.Key.Namespace, Lane), operation, index) { Entry = entry, FirstSpan = operation.Span, IsHeld = entry.Reading > 0 };
        entry.Begin(write);
        _map.Unknow(entry);
        if (write.IsHeld) (entry.Held ??= []).Add(write);
        return write;
    }

    private void Begin(ReadWaiter waiter)
    {
        var entry = (ScopeEntry)waiter.Observer!;
        entry.Epoch = _parts.Fence.Of(entry.Key);
        waiter.Sibling = entry.Waiters;
        entry.Waiters = waiter;
        entry.Reading++;
    }

    private void ThrowIfLeft()
    {
        if (_left) throw new InvalidOperationException("The scope has been left. Await what needs it before leaving, or start background work with DataScope.Detach.");
    }

    private sealed class Resume(DataScope? scope) : IDisposable
    {
        public void Dispose() => Ambient.Value = scope;
    }
}
