namespace ActorPerf.Kernel;

/// <summary>Asking: a message whose answer is a task.</summary>
public static class Futures
{
    /// <summary>Sends <paramref name="message"/>; the task ends with the first answer.</summary>
    /// <param name="self">Who is asked.</param>
    /// <param name="message">Never null.</param>
    /// <param name="timeout">How long to wait; null for <c>akka.actor.ask-timeout</c>, infinite unless configured; zero or less for ever.</param>
    /// <exception cref="AskTimeoutException">The task's failure when nobody answered in time.</exception>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<object>(message, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<object>(message, null, cancellationToken);

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<object>(message, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<T>(message, null, cancellationToken);

    /// <summary>An answer of another type fails the task with <see cref="ArgumentException"/>, a <see cref="Status.Failure"/> with its cause, one without with <see cref="TaskCanceledException"/>.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        Send(self, new AskRef<T>(SystemOf(self)), message, timeout, cancellationToken);

    /// <summary>As above, for messages that name the one to answer.</summary>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var answer = new AskRef<T>(SystemOf(self));
        return Send(self, answer, messageFactory(answer), timeout, cancellationToken);
    }

    private static Task<T> Send<T>(ICanTell self, AskRef<T> answer, object message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var system = answer.SystemImpl;
        var limit = timeout ?? system.AskTimeout;
        answer.EndAfter(limit > TimeSpan.Zero ? limit : Timeout.InfiniteTimeSpan, cancellationToken);
        try
        {
            if (answer.IsOpen) self.Tell(message, answer);
        }
        catch
        {
            answer.Abandon();
            throw;
        }
        return system.Own(answer.Task);
    }

    private static ActorSystemImpl SystemOf(ICanTell asked) => asked.FindSystem() ?? ActorCell.Current?.SystemImpl
        ?? throw new ArgumentException($"{asked} belongs to no actor system, so it cannot be asked; tell it instead.", nameof(asked));
}

/// <summary>A reference that knows its system.</summary>
internal interface ISystemBound
{
    ActorSystemImpl SystemImpl { get; }
}
