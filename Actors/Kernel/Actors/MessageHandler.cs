using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>Handles messages it accepts.</summary>
internal abstract class MessageHandler
{
    /// <summary>Whether no message is ever refused.</summary>
    public abstract bool TakesEverything { get; }

    /// <summary>Whether the message is of the type that was declared.</summary>
    public abstract bool Fits(object message);

    /// <summary>Handles <paramref name="message"/>, or refuses it with false.</summary>
    /// <param name="message">One that <see cref="Fits"/>, or one of the same class: nobody looks again.</param>
    public abstract bool TryHandle(object message);

    /// <summary>A cast that is known to succeed. Shared generic code would look its type up at every message.</summary>
    protected static T As<T>(object message) => typeof(T).IsValueType ? (T)message : Unsafe.As<object, T>(ref message);
}

internal sealed class ActionHandler<T>(Action<T> handler, Predicate<T>? accepts) : MessageHandler
{
    public override bool TakesEverything => typeof(T) == typeof(object) && accepts is null;

    public override bool Fits(object message) => message is T;

    public override bool TryHandle(object message)
    {
        var typed = As<T>(message);
        if (accepts is not null && !accepts(typed)) return false;
        handler(typed);
        return true;
    }
}

internal sealed class PredicateHandler<T>(Func<T, bool> handler) : MessageHandler
{
    public override bool TakesEverything => false;

    public override bool Fits(object message) => message is T;

    public override bool TryHandle(object message) => handler(As<T>(message));
}

internal sealed class AsyncHandler<T>(ReceiveActor actor, Func<T, Task> handler, Predicate<T>? accepts) : MessageHandler
{
    public override bool TakesEverything => typeof(T) == typeof(object) && accepts is null;

    public override bool Fits(object message) => message is T;

    public override bool TryHandle(object message)
    {
        var typed = As<T>(message);
        if (accepts is not null && !accepts(typed)) return false;
        actor.RunAsync(handler, typed);
        return true;
    }
}
