namespace ActorPerf.Kernel;

/// <summary>The address of one incarnation of an actor. Immutable; may be kept, compared and sent after the actor died.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>
{
    ActorPath Path { get; }
}

/// <summary>Something that can be sent a message.</summary>
public interface ICanTell
{
    /// <summary>Sends <paramref name="message"/> and returns at once. At most once, in order per sender and receiver.</summary>
    /// <param name="message">Never null. Must not be changed after it was sent.</param>
    /// <param name="sender">Who gets the answers; <c>null</c> (<see cref="ActorRefs.NoSender"/>) sends them to dead letters.</param>
    /// <exception cref="InvalidMessageException"><paramref name="message"/> is null.</exception>
    void Tell(object message, IActorRef? sender);
}
