namespace ActorPerf.Kernel;

/// <summary>Gives cells their turns. The only owner of threads.</summary>
internal abstract class MessageDispatcher
{
    /// <summary>User messages a cell may handle before others get their turn.</summary>
    public abstract int Throughput { get; }

    /// <summary>How long a turn of cheap messages may go on batch by batch, in stopwatch ticks; 0 for one batch a turn.</summary>
    public virtual long TurnTicks => 0;

    /// <summary>Whether turns follow each other so fast that a cell does better to stay in line than to sleep and be woken. Asked once a turn,
    /// by the thread that ran it.</summary>
    public virtual bool IsHurried => false;

    /// <summary>Wakes a cell that had nothing to do.</summary>
    public abstract void Schedule(ActorCell cell);

    /// <summary>Sends a cell that has more to do to the end of the line.</summary>
    public abstract void Reschedule(ActorCell cell);

    /// <summary>Runs what a dead actor left behind.</summary>
    public abstract void RunOutside(IThreadPoolWorkItem work);

    /// <summary>The cell's actor has stopped; from inside its last turn.</summary>
    public virtual void Detach(ActorCell cell) { }
}

/// <summary>A dispatcher and the bounds of a mailbox, as an actor's props and deployment name them. Zero: no bound.</summary>
internal readonly record struct DispatcherBinding(MessageDispatcher Dispatcher, int MailboxCapacity, int StashCapacity);
