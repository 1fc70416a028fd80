namespace ActorPerf.Kernel;

/// <summary>What the actor system throws.</summary>
public abstract class AkkaException : Exception
{
    private protected AkkaException(string? message, Exception? cause = null) : base(message, cause) { }
}

/// <summary>An actor could not be constructed, or failed before its first message.</summary>
public class ActorInitializationException : AkkaException
{
    public ActorInitializationException() : base("The actor could not be started.") { }

    public ActorInitializationException(string message) : base(message) { }

    public ActorInitializationException(string message, Exception cause) : base(message, cause) { }

    public ActorInitializationException(IActorRef? actor, string message, Exception? cause = null) : base(message, cause) => Actor = actor;

    public IActorRef? Actor { get; }
}

/// <summary><c>PreRestart</c> threw; the restart goes on all the same.</summary>
public class PreRestartException : ActorInitializationException
{
    public PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? optionalMessage)
        : base(actor, $"PreRestart of {actor.Path} threw {restartException.GetType().Name}: {restartException.Message} (restarted because of {cause.GetType().Name}).", restartException)
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    public Exception RestartException { get; }

    public object? OptionalMessage { get; }
}

/// <summary>The new instance could not be constructed, or its <c>PostRestart</c> threw.</summary>
public class PostRestartException : ActorInitializationException
{
    internal PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, $"{actor.Path} could not be restarted: {cause.GetType().Name}: {cause.Message}", cause) => OriginalCause = originalCause;

    public Exception OriginalCause { get; }
}

/// <summary>Thrown inside an actor that was told <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    public ActorKilledException() : base("Kill") { }

    public ActorKilledException(string message) : base(message) { }
}

/// <summary>An actor that watches another did not handle its <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    public DeathPactException(IActorRef deadActor) : base($"Monitored actor [{deadActor}] terminated and the watcher does not handle Terminated.") =>
        DeadActor = deadActor;

    public IActorRef DeadActor { get; }
}

/// <summary>The name is taken by a sibling, or may not name an actor.</summary>
public class InvalidActorNameException : AkkaException
{
    public InvalidActorNameException(string message) : base(message) { }

    public InvalidActorNameException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A null was sent as a message.</summary>
public class InvalidMessageException : AkkaException
{
    public InvalidMessageException() : base("Message is null.") { }

    public InvalidMessageException(string message) : base(message) { }
}

/// <summary>Nobody answered an <c>Ask</c> in time.</summary>
public class AskTimeoutException : AkkaException
{
    public AskTimeoutException(string message) : base(message) { }
}

/// <summary>The actor cannot do that in its present state.</summary>
public class IllegalActorStateException : AkkaException
{
    public IllegalActorStateException(string message) : base(message) { }
}

/// <summary>More messages were stashed than the stash may hold.</summary>
public class StashOverflowException : AkkaException
{
    public StashOverflowException(string message, Exception? cause = null) : base(message, cause) { }
}

/// <summary>A setting is missing or cannot be read.</summary>
public class ConfigurationException : AkkaException
{
    public ConfigurationException(string message) : base(message) { }

    public ConfigurationException(string message, Exception exception) : base(message, exception) { }
}
