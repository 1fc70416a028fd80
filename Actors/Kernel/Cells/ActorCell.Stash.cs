namespace ActorPerf.Kernel;

/// <summary>What the stash needs of the mailbox.</summary>
internal sealed partial class ActorCell
{
    /// <summary>The number of the message stashed last, so that stashing it twice is noticed.</summary>
    public long StashedTurn
    {
        get => Extras.StashedTurn;
        set => Extras.StashedTurn = value;
    }

    /// <summary>Makes an envelope the next one to be handled.</summary>
    public void PutInFront(Envelope envelope)
    {
        (Extras.Front ??= new()).Push(envelope);
        if (envelope.Message is Terminated terminated) (Extras.TerminatedQueued ??= []).TryAdd(terminated.ActorRef, null);     // its first delivery struck it out
    }
}
