namespace ActorPerf.Kernel;

/// <summary>Messages put aside to be handled later.</summary>
public interface IStash
{
    /// <summary>How many it may hold, −1 without bound.</summary>
    int Capacity { get; }

    int Count { get; }

    bool IsEmpty { get; }

    bool IsFull { get; }

    bool NonEmpty { get; }

    /// <summary>Takes everything out without handling it, oldest first.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Puts envelopes before those already stashed.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);

    /// <summary>Puts the message being handled aside.</summary>
    /// <exception cref="IllegalActorStateException">It already is.</exception>
    /// <exception cref="StashOverflowException">The stash is full.</exception>
    void Stash();

    /// <summary>Moves the oldest one to the front of the mailbox.</summary>
    void Unstash();

    /// <summary>Moves all to the front of the mailbox, oldest first.</summary>
    void UnstashAll();

    /// <summary>Moves those that satisfy <paramref name="predicate"/> to the front of the mailbox and drops the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);
}

/// <summary>An actor with a stash, given to it right after its constructor.</summary>
public interface IActorStash
{
    IStash Stash { get; set; }
}

#pragma warning disable CA1040 // Marker interfaces: that is Akka.NET's API.
/// <summary>An actor whose stash may be bounded by <c>stash-capacity</c>.</summary>
public interface IWithStash : IActorStash;

/// <summary>An actor whose stash has no bound.</summary>
public interface IWithUnboundedStash : IActorStash;
#pragma warning restore CA1040
