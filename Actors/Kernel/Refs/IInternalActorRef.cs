namespace ActorPerf.Kernel;

/// <summary>What the kernel itself asks of a reference beside telling it messages.</summary>
internal interface IInternalActorRef : IActorRef
{
    bool IsTerminated { get; }

    /// <summary>Sends a message of the life cycle; it overtakes user messages and is never lost to a full mailbox.</summary>
    void SendSystemMessage(SystemMessage message);
}

internal static class InternalActorRefs
{
    /// <summary>Sends a message of the life cycle to a reference that may come from outside the kernel (a test double): then there is no one to tell.</summary>
    public static void TellSystem(this IActorRef target, SystemMessage message)
    {
        if (target is IInternalActorRef known) known.SendSystemMessage(message);
    }

    /// <summary>The system it belongs to; null for a reference from outside the kernel.</summary>
    public static ActorSystemImpl? FindSystem(this ICanTell target) => target switch
    {
        LocalActorRef local => local.Cell.SystemImpl,
        ISystemBound bound => bound.SystemImpl,
        _ => null,
    };
}
