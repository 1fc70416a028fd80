namespace ActorPerf.Kernel;

/// <summary>What few actors need; allocated with the first need so that an idle actor stays small.</summary>
internal sealed class CellExtras
{
    /// <summary>Behaviours below the present one.</summary>
    public Stack<Receive?>? Behaviors;

    /// <summary>Messages that come before the mailbox: unstashed ones, next one on top.</summary>
    public Stack<Envelope>? Front;

    public StashBox? Stash;
    public int StashCapacity = -1;
    public long StashedTurn = -1;
    public MailboxBound? Bound;
    public ActorTimers? Timers;
    public ReceiveTimeoutClock? ReceiveTimeout;

    /// <summary>Whom this actor watches, with the message it wants instead of <see cref="Terminated"/>, if any.</summary>
    public Dictionary<IActorRef, object?>? Watching;

    public HashSet<IInternalActorRef>? WatchedBy;

    /// <summary>Actors whose <see cref="Terminated"/> is in the mailbox and still wanted.</summary>
    public Dictionary<IActorRef, object?>? TerminatedQueued;

    public ActorSynchronizationContext? Synchronization;

    /// <summary>The task of the handler that is awaited.</summary>
    public Task? Awaiting;

    /// <summary>Messages of the life cycle put aside until the actor is in a state to handle them.</summary>
    public Queue<SystemMessage>? Delayed;

    /// <summary>Whose failure suspended this actor: itself, or the child it could not decide about.</summary>
    public IActorRef? Perpetrator;

    public SupervisorStrategy? Strategy;
    public RestartStatistics? Restarts;
    public Exception? LastFailure;
}
