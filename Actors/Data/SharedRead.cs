using System.Diagnostics;
using System.Threading.Tasks.Sources;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>One key's way to the store and back, with everybody who waits for it. Its members belong to the read line, which locks.</summary>
internal sealed class SharedRead(Key key, LaneId id) : LaneItem<SharedRead>(id)
{
    public Key Key { get; } = key;

    /// <summary>The key's epoch when its statement was dispatched.</summary>
    public long Epoch { get; set; }

    public Batch<SharedRead>? Batch { get; set; }

    /// <summary>Whether anybody waits.</summary>
    public bool IsWanted => _first is not null;

    private ReadWaiter? _first;

    public void Attach(ReadWaiter waiter)
    {
        waiter.Read = this;
        FirstSpan ??= waiter.Span;
        waiter.After = _first;
        if (_first is not null) _first.Before = waiter;
        _first = waiter;
    }

    public void Detach(ReadWaiter waiter)
    {
        if (waiter.Before is null) _first = waiter.After;
        else waiter.Before.After = waiter.After;
        if (waiter.After is not null) waiter.After.Before = waiter.Before;
        waiter.Read = null;
    }

    /// <summary>Who waits now.</summary>
    public void TellCalls(StatementCalls calls)
    {
        for (var waiter = _first; waiter is not null; waiter = waiter.After) calls.Add(waiter.Call, waiter.Span);
    }

    /// <summary>All who wait, linked by <see cref="ReadWaiter.After"/>; afterwards nobody does, and nobody can leave any more.</summary>
    public ReadWaiter? TakeWaiters()
    {
        var all = _first;
        for (var waiter = all; waiter is not null; waiter = waiter.After) waiter.Read = null;
        _first = null;
        return all;
    }
}

/// <summary>One who waits for a key.</summary>
/// <param name="line">Where it waits.</param>
internal abstract class ReadWaiter(ReadLine line)
{
    public ReadLine Line { get; } = line;

    /// <summary>What it waits for; null once that is decided. Only under the read line's lock.</summary>
    public SharedRead? Read { get; set; }

    public ReadWaiter? Before { get; set; }
    public ReadWaiter? After { get; set; }

    /// <summary>Remembers what was read; null outside a scope.</summary>
    public IReadObserver? Observer { get; init; }

    /// <summary>Of the call it belongs to; null where nobody traces it.</summary>
    public abstract Activity? Span { get; }

    /// <summary>The call it belongs to: one call may wait for many keys.</summary>
    public abstract object Call { get; }

    /// <summary>The next of the same observer.</summary>
    public ReadWaiter? Sibling { get; set; }

    public void Settle(Entity? entity, bool isFresh)
    {
        Observer?.OnRead(this, entity, isFresh);
        OnSettled(entity);
    }

    public void Fail(Exception failure)
    {
        Observer?.OnFailed(this);
        OnFailed(failure);
    }

    protected abstract void OnSettled(Entity? entity);

    protected abstract void OnFailed(Exception failure);
}

/// <summary>Told before those who wait are.</summary>
internal interface IReadObserver
{
    /// <param name="isFresh">False: a write of the key may have come between, so what was read is an answer and nothing to keep.</param>
    void OnRead(ReadWaiter waiter, Entity? entity, bool isFresh);

    void OnFailed(ReadWaiter waiter);
}

/// <summary>Waits for one key alone.</summary>
internal sealed class SingleRead(ReadLine line) : ReadWaiter(line), IValueTaskSource<Entity?>
{
    private ManualResetValueTaskSourceCore<Entity?> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _leaving;
    private Activity? _span;

    public override Activity? Span => _span;

    public override object Call => this;

    /// <summary>Has a trace know of the call; before it is lined up.</summary>
    public void Trace(Key key, string file, int line, string member)
    {
        if (!Spans.IsTraced) return;
        _span = Spans.Begin(CallKind.Get, key.Kind, file, line, member);
        Spans.Read(_span, key.GetHashCode());
    }

    public ValueTask<Entity?> WaitAsync(CancellationToken ct)
    {
        if (ct.CanBeCanceled)
        {
            _leaving = ct.UnsafeRegister(
                static (state, token) =>
                {
                    var self = (SingleRead)state!;
                    self.Line.Leave(self, new OperationCanceledException(token));
                }, this);
        }
        return new ValueTask<Entity?>(this, _answer.Version);
    }

    protected override void OnSettled(Entity? entity)
    {
        Spans.End(_span);
        _answer.SetResult(entity);
    }

    protected override void OnFailed(Exception failure)
    {
        Spans.End(_span, failure);
        _answer.SetException(failure);
    }

    Entity? IValueTaskSource<Entity?>.GetResult(short token)
    {
        _leaving.Dispose();
        return _answer.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<Entity?>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Entity?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}

/// <summary>Waits for many keys: ends when all are there, with the first failure in their order.</summary>
internal sealed class ManyReads : IValueTaskSource<IReadOnlyList<Entity?>>
{
    private readonly ReadLine _line;
    private readonly Entity?[] _entities;
    private readonly List<Part> _parts = [];
    private ManualResetValueTaskSourceCore<IReadOnlyList<Entity?>> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _leaving;
    private Exception?[]? _failures;
    private int _open = 1;                 // what is still to come, and the one who adds parts

    /// <param name="count">Places to fill; those that no part is added for keep what <see cref="Put"/> gives them.</param>
    /// <param name="span">Of the call; whoever began it ends it.</param>
    public ManyReads(ReadLine line, int count, Activity? span) => (_line, _entities, Span) = (line, new Entity?[count], span);

    public Activity? Span { get; }

    /// <summary>What is to be read, in the order it was added.</summary>
    public IReadOnlyList<ReadWaiter> Parts => _parts;

    public void Put(int place, Entity? entity) => _entities[place] = entity;

    public ReadWaiter Add(int place, IReadObserver? observer)
    {
        var part = new Part(this, place) { Observer = observer };
        _parts.Add(part);
        Interlocked.Increment(ref _open);
        return part;
    }

    /// <summary>Once all parts are on their way.</summary>
    public ValueTask<IReadOnlyList<Entity?>> WaitAsync(CancellationToken ct)
    {
        if (ct.CanBeCanceled)
        {
            _leaving = ct.UnsafeRegister(
                static (state, token) =>
                {
                    var self = (ManyReads)state!;
                    foreach (var part in self._parts) part.Line.Leave(part, new OperationCanceledException(token));
                }, this);
        }
        var answer = new ValueTask<IReadOnlyList<Entity?>>(this, _answer.Version);
        CloseOne();
        return answer;
    }

    IReadOnlyList<Entity?> IValueTaskSource<IReadOnlyList<Entity?>>.GetResult(short token)
    {
        _leaving.Dispose();
        return _answer.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<IReadOnlyList<Entity?>>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<IReadOnlyList<Entity?>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void FailOne(int place, Exception failure)
    {
        var failures = Volatile.Read(ref _failures) ?? Interlocked.CompareExchange(ref _failures, new Exception?[_entities.Length], null) ?? _failures!;
        failures[place] = failure;
        CloseOne();
    }

    private void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) > 0) return;
        if (_failures is null) _answer.SetResult(_entities);
        else _answer.SetException(Array.Find(_failures, failure => failure is not null)!);
    }

    private sealed class Part(ManyReads all, int place) : ReadWaiter(all._line)
    {
        public override Activity? Span => all.Span;

        public override object Call => all;

        protected override void OnSettled(Entity? entity)
        {
            all._entities[place] = entity;
            all.CloseOne();
        }

        protected override void OnFailed(Exception failure) => all.FailOne(place, failure);
    }
}
