namespace ActorPerf.Kernel;

/// <summary>Async handlers: the mailbox waits, continuations come back as turns of this actor.</summary>
internal sealed partial class ActorCell
{
    /// <summary>Runs a handler that returns a task. One that ended at once costs no suspension.</summary>
    public void RunHandler<T>(Func<T, Task> handler, T message)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Extras.Synchronization ??= new ActorSynchronizationContext(this));
        try
        {
            var task = handler(message);
            if (task.IsCompleted) task.GetAwaiter().GetResult();           // already ended: throws what it threw
            else Await(task);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Suspends the mailbox until the task has ended. Called inside the actor's synchronization context, which the end comes back to:
    /// with another one the pool would carry it.</summary>
    private void Await(Task task)
    {
        if (Extras.Awaiting is { } other) task = Task.WhenAll(other, task);        // a second task of one message
        else Suspend();
        Extras.Awaiting = task;
        task.GetAwaiter().UnsafeOnCompleted(() => PostSystem(new SystemMessage.HandlerCompleted(task)));
    }

    private void RunContinuation(SystemMessage.Continuation continuation)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_extras?.Synchronization);
        try
        {
            continuation.Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void HandlerEnded(SystemMessage.HandlerCompleted completed)
    {
        if (_extras is not { } extras || !ReferenceEquals(extras.Awaiting, completed.Handler)) return;     // the instance was replaced meanwhile
        extras.Awaiting = null;
        Unsuspend();
        try
        {
            completed.Handler.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Fail(e);
        }
        if (_actor?.Message is { } message) extras.ReceiveTimeout?.Handled(message);
        if (!Has(CellFlags.Failed)) ForgetMessage();
    }

    /// <summary>Forgets the handler of an instance that is being replaced.</summary>
    private void AbandonHandler()
    {
        if (_extras?.Awaiting is null) return;
        _extras.Awaiting = null;
        Unsuspend();
    }
}
