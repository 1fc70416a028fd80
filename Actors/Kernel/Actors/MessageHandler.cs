namespace ActorPerf.Kernel;

/// <summary>Handles messages it accepts.</summary>
internal abstract class MessageHandler
{
    /// <summary>Whether no message is ever refused.</summary>
    public abstract bool TakesEverything { get; }

    /// <summary>Handles <paramref name="message"/>, or refuses it with false.</summary>
    public abstract bool TryHandle(object message);
}

internal sealed class ActionHandler<T>(Action<T> handler, Predicate<T>? accepts) : MessageHandler
{
    public override bool TakesEverything => typeof(T) == typeof(object) && accepts is null;

    public override bool TryHandle(object message)
    {
        if (message is not T typed || (accepts is not null && !accepts(typed))) return false;
        handler(typed);
        return true;
    }
}

internal sealed class PredicateHandler<T>(Func<T, bool> handler) : MessageHandler
{
    public override bool TakesEverything => false;

    public override bool TryHandle(object message) => message is T typed && handler(typed);
}

internal sealed class AsyncHandler<T>(ReceiveActor actor, Func<T, Task> handler, Predicate<T>? accepts) : MessageHandler
{
    public override bool TakesEverything => typeof(T) == typeof(object) && accepts is null;

    public override bool TryHandle(object message)
    {
        if (message is not T typed || (accepts is not null && !accepts(typed))) return false;
        actor.RunAsync(handler, typed);
        return true;
    }
}
