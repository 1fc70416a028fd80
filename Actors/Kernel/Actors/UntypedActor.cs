namespace ActorPerf.Kernel;

/// <summary>An actor that handles every message in one method.</summary>
public abstract class UntypedActor : ActorBase
{
    protected static new IUntypedActorContext Context => ActorCell.Required;

    protected abstract void OnReceive(object message);

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected void Become(UntypedReceive receive) => Cell.Become(receive);

    protected void BecomeStacked(UntypedReceive receive) => Cell.BecomeStacked(receive);

    /// <summary>Runs <paramref name="action"/> as part of this message: the mailbox waits until its task has ended.</summary>
    protected void RunTask(Func<Task> action) => RunHandler(static run => run(), action);
}
