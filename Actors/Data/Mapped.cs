using System.Threading.Tasks.Sources;

namespace ActorPerf.Data;

/// <summary>An answer in another form. It looks at the first one only when it is looked at itself, so that a scope still knows what nobody has awaited.</summary>
internal sealed class Mapped<TIn, TOut> : IValueTaskSource<TOut>
{
    private readonly ValueTask<TIn> _inner;
    private readonly Func<TIn, TOut> _map;

    private Mapped(ValueTask<TIn> inner, Func<TIn, TOut> map) => (_inner, _map) = (inner, map);

    public static ValueTask<TOut> Of(ValueTask<TIn> inner, Func<TIn, TOut> map) => new(new Mapped<TIn, TOut>(inner, map), 0);

    public TOut GetResult(short token) => _map(_inner.Result);

    public ValueTaskSourceStatus GetStatus(short token) =>
        !_inner.IsCompleted ? ValueTaskSourceStatus.Pending
        : _inner.IsCompletedSuccessfully ? ValueTaskSourceStatus.Succeeded
        : _inner.IsCanceled ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var keepsContext = (flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0;
        var awaiter = _inner.ConfigureAwait(keepsContext).GetAwaiter();
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0) awaiter.OnCompleted(() => continuation(state));
        else awaiter.UnsafeOnCompleted(() => continuation(state));
    }
}
