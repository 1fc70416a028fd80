using System.Threading.Tasks.Sources;

namespace ActorPerf.Data;

/// <summary>A write that knows whether somebody looks at its outcome: a failure that nobody has seen must not be lost.</summary>
internal sealed class WatchedWrite(Task<Entity?> task) : IValueTaskSource<Entity?>
{
    private volatile bool _observed;

    public bool IsObserved => _observed;

    /// <summary>Its outcome, without looking at it.</summary>
    public Task<Entity?> Task => task;

    public ValueTask<Entity?> ToValueTask() => new(this, 0);

    Entity? IValueTaskSource<Entity?>.GetResult(short token)
    {
        _observed = true;
        return task.GetAwaiter().GetResult();
    }

    ValueTaskSourceStatus IValueTaskSource<Entity?>.GetStatus(short token) => task.Status switch
    {
        TaskStatus.RanToCompletion => ValueTaskSourceStatus.Succeeded,
        TaskStatus.Faulted => ValueTaskSourceStatus.Faulted,
        TaskStatus.Canceled => ValueTaskSourceStatus.Canceled,
        _ => ValueTaskSourceStatus.Pending,
    };

    void IValueTaskSource<Entity?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _observed = true;
        var awaiter = task.ConfigureAwait((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0).GetAwaiter();
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0) awaiter.OnCompleted(() => continuation(state));
        else awaiter.UnsafeOnCompleted(() => continuation(state));
    }
}
