using System.Reflection;
using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>A store whose asynchronous calls go over a <see cref="StoreLine"/>, there and back. One class stands for all store interfaces.</summary>
internal class LineProxy : DispatchProxy
{
    private static readonly MethodInfo PassValue = typeof(LineProxy).GetMethod(nameof(PassAsync), 1, BindingFlags.Instance | BindingFlags.NonPublic, [typeof(MethodInfo), typeof(object?[])])!;

    protected object Target { get; private set; } = null!;

    protected StoreLine Line { get; private set; } = null!;

    public static T Of<T>(T store, StoreLine line) where T : class => store switch
    {
        IJobStore => Make<T, JobsLineProxy>(store, line),
        IFeedStore => Make<T, FeedLineProxy>(store, line),
        _ => Make<T, LineProxy>(store, line),
    };

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        var returns = targetMethod.ReturnType;
        if (returns == typeof(ValueTask)) return PassAsync(targetMethod, args);
        if (returns.IsGenericType && returns.GetGenericTypeDefinition() == typeof(ValueTask<>))
            return PassValue.MakeGenericMethod(returns.GetGenericArguments()[0]).Invoke(this, [targetMethod, args]);
        return Call(targetMethod, args);
    }

    protected object? Call(MethodInfo method, object?[]? args) => method.Invoke(Target, BindingFlags.DoNotWrapExceptions, null, args, null);

    private static T Make<T, TProxy>(T store, StoreLine line) where T : class where TProxy : LineProxy
    {
        var made = Create<T, TProxy>();
        var proxy = (LineProxy)(object)made;
        (proxy.Target, proxy.Line) = (store, line);
        return made;
    }

    private async ValueTask PassAsync(MethodInfo method, object?[]? args)
    {
        await Line.PassAsync();
        await (ValueTask)Call(method, args)!;
        await Line.PassAsync();
    }

    private async ValueTask<T> PassAsync<T>(MethodInfo method, object?[]? args)
    {
        await Line.PassAsync();
        var answer = await (ValueTask<T>)Call(method, args)!;
        await Line.PassAsync();
        return answer;
    }
}

/// <summary>Writes of jobs are handed over and reported apart: both ways lead over the line.</summary>
internal class JobsLineProxy : LineProxy
{
    private Action<IReadOnlyList<JobWrite>>? _reported;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod?.Name)
        {
            case "set_Reported":
                _reported = (Action<IReadOnlyList<JobWrite>>?)args![0];
                ((IJobStore)Target).Reported = writes => Line.Pass(() => _reported?.Invoke(writes), () => Lose(writes));
                return null;
            case "get_Reported":
                return _reported;
            case nameof(IJobStore.TryPost):
                Post((JobWrite)args![0]!);
                return true;
            default:
                return base.Invoke(targetMethod, args);
        }
    }

    private void Post(JobWrite write) => Line.Pass(
        () =>
        {
            if (!((IJobStore)Target).TryPost(write)) Lose([write]);
        },
        () => Lose([write]));

    /// <summary>Nobody knows whether they became durable.</summary>
    private void Lose(IReadOnlyList<JobWrite> writes)
    {
        foreach (var write in writes) write.Failure ??= StoreLine.Away();
        _reported?.Invoke(writes);
    }
}

/// <summary>Hints are heard over the line, or not at all.</summary>
internal class FeedLineProxy : LineProxy
{
    private Action? _changed;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod?.Name)
        {
            case "set_Changed":
                _changed = (Action?)args![0];
                ((IFeedStore)Target).Changed = _changed is null ? null : Hint;
                return null;
            case "get_Changed":
                return _changed;
            default:
                return base.Invoke(targetMethod, args);
        }
    }

    private void Hint()
    {
        if (Line is { Hints: true, IsOpen: true }) _changed?.Invoke();
    }
}
