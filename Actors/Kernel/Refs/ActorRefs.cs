namespace ActorPerf.Kernel;

/// <summary>The references that stand for no actor.</summary>
public static class ActorRefs
{
    /// <summary>"There is no such actor", as an answer.</summary>
    public static Nobody Nobody => Nobody.Instance;

    /// <summary>"Nobody wants an answer", as the sender of a message.</summary>
    public static IActorRef? NoSender => null;
}
