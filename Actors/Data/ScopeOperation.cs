using System.Diagnostics;
using System.Threading.Tasks.Sources;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>Something that a scope has to see through: a write, with the place in the source that asked for it.</summary>
internal abstract class ScopeOperation(DataScope? scope, string file, int line)
{
    private volatile bool _observed;

    /// <summary>Of the call; null where nobody traces it.</summary>
    public Activity? Span { get; init; }

    public string File { get; } = file;
    public int Line { get; } = line;
    protected DataScope? Scope { get; } = scope;

    /// <summary>Whether its outcome was awaited; then a failure is the awaiter's.</summary>
    public bool IsObserved
    {
        get => _observed;
        protected set => _observed = value;
    }

    /// <summary>Such as <c>Put Account/12</c>.</summary>
    public abstract string What { get; }

    /// <summary>Told what it consists of, before any of it is sent.</summary>
    public abstract void Begin(IReadOnlyList<PendingWrite> writes);

    /// <summary>What is lost if nobody looks; null when all went well or nothing is decided yet.</summary>
    public abstract Exception? Loss { get; }

    /// <summary>Its caller gets no answer any more: what was not sent is not sent.</summary>
    public abstract void Abort(Exception reason);

    public sealed override string ToString() => File.Length == 0 ? What : $"{What} ({Path.GetFileName(File)}:{Line})";

    protected static string NameOf(EntityWrite write) => $"{write.GetType().Name} {write.Key}";
}

/// <summary>One write and the one who may await it.</summary>
internal sealed class DataWrite : ScopeOperation, IWriteSink, IValueTaskSource<Entity?>
{
    private readonly WriteLine _writes;
    private ManualResetValueTaskSourceCore<Entity?> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _leaving;
    private PendingWrite _write = null!;
    private Exception? _failure;
    private int _answered;

    private readonly EntityWrite _asked;

    public DataWrite(WriteLine writes, DataScope? scope, EntityWrite asked, string file, int line)
        : base(scope, file, line) => (_writes, _asked) = (writes, asked);

    public override string What => NameOf(_asked);

    public override Exception? Loss => _failure;

    public override void Begin(IReadOnlyList<PendingWrite> writes) => _write = writes[0];

    /// <summary>Once it is on its way.</summary>
    public ValueTask<Entity?> WaitAsync(CancellationToken ct)
    {
        if (ct.CanBeCanceled) _leaving = ct.UnsafeRegister(static (self, token) => ((DataWrite)self!).Abort(new OperationCanceledException(token)), this);
        return new ValueTask<Entity?>(this, _answer.Version);
    }

    public override void Abort(Exception reason)
    {
        if (!_writes.Withdraw(_write, reason) && IsFirst()) _answer.SetException(reason);
    }

    void IWriteSink.OnDecided(PendingWrite write)
    {
        _failure = write.Failure ?? FailureOf(write.Write.Key, write.Outcome);
        Spans.End(Span, _failure);
        Scope?.OnEnded(this);
        if (!IsFirst()) return;
        if (_failure is null) _answer.SetResult(write.Entity);
        else _answer.SetException(_failure);
    }

    Entity? IValueTaskSource<Entity?>.GetResult(short token)
    {
        IsObserved = true;
        _leaving.Dispose();
        return _answer.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<Entity?>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Entity?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        IsObserved = true;
        _answer.OnCompleted(continuation, state, token, flags);
    }

    internal static Exception? FailureOf(Key key, WriteOutcome outcome) => outcome.Status switch
    {
        WriteStatus.Written => null,
        WriteStatus.Exists => new EntityStateException(key, exists: true),
        WriteStatus.Missing => new EntityStateException(key, exists: false),
        _ => new VersionConflictException([key]),
    };

    private bool IsFirst() => Interlocked.Exchange(ref _answered, 1) == 0;
}

/// <summary>Many writes and the one who may await all of them.</summary>
internal sealed class DataWrites : ScopeOperation, IWriteSink, IValueTaskSource<IReadOnlyList<WriteOutcome>>
{
    private readonly WriteLine _line;
    private readonly IReadOnlyList<EntityWrite> _asked;
    private readonly WriteOutcome[] _outcomes;
    private readonly Exception?[] _failures;
    private ManualResetValueTaskSourceCore<IReadOnlyList<WriteOutcome>> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _leaving;
    private IReadOnlyList<PendingWrite> _writes = [];
    private int _open;
    private int _answered;

    public DataWrites(WriteLine line, IReadOnlyList<EntityWrite> asked, DataScope? scope, string file, int sourceLine)
        : base(scope, file, sourceLine)
    {
        (_line, _asked) = (line, asked);
        _open = asked.Count;
        _outcomes = new WriteOutcome[asked.Count];
        _failures = new Exception?[asked.Count];
    }

    public override string What => _asked.Count == 1 ? NameOf(_asked[0]) : $"{NameOf(_asked[0])} and {_asked.Count - 1} more";

    public override Exception? Loss => Array.Find(_failures, failure => failure is not null)
        ?? (Volatile.Read(ref _open) > 0 ? null : _outcomes.Select((outcome, i) => DataWrite.FailureOf(_asked[i].Key, outcome)).FirstOrDefault(failure => failure is not null));

    public override void Begin(IReadOnlyList<PendingWrite> writes) => _writes = writes;

    /// <summary>Once they are on their way.</summary>
    public ValueTask<IReadOnlyList<WriteOutcome>> WaitAsync(CancellationToken ct)
    {
        if (ct.CanBeCanceled) _leaving = ct.UnsafeRegister(static (self, token) => ((DataWrites)self!).Abort(new OperationCanceledException(token)), this);
        return new ValueTask<IReadOnlyList<WriteOutcome>>(this, _answer.Version);
    }

    public override void Abort(Exception reason)
    {
        var sent = false;
        foreach (var write in _writes) sent |= !_line.Withdraw(write, reason);
        if (sent && IsFirst()) _answer.SetException(reason);
    }

    void IWriteSink.OnDecided(PendingWrite write)
    {
        _outcomes[write.Index] = write.Outcome;
        _failures[write.Index] = write.Failure;
        if (Interlocked.Decrement(ref _open) > 0) return;
        Spans.End(Span, Array.Find(_failures, static failure => failure is not null));
        Scope?.OnEnded(this);
        if (!IsFirst()) return;
        if (Array.Find(_failures, failure => failure is not null) is { } failure) _answer.SetException(failure);
        else _answer.SetResult(_outcomes);
    }

    IReadOnlyList<WriteOutcome> IValueTaskSource<IReadOnlyList<WriteOutcome>>.GetResult(short token)
    {
        IsObserved = true;
        _leaving.Dispose();
        return _answer.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<IReadOnlyList<WriteOutcome>>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<IReadOnlyList<WriteOutcome>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        IsObserved = true;
        _answer.OnCompleted(continuation, state, token, flags);
    }

    private bool IsFirst() => Interlocked.Exchange(ref _answered, 1) == 0;
}
