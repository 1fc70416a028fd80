namespace ActorPerf.Kernel;

/// <summary>Messages of the life cycle.</summary>
internal sealed partial class ActorCell
{
    private void RunSystemMessages()
    {
        while (_systemQueue.TakeAll() is { } message)
        {
            for (SystemMessage? next; message is not null; message = next)
            {
                next = message.Next;
                message.Next = null;
                Accept(message);
                RunDelayed();
            }
        }
    }

    private void Accept(SystemMessage message)
    {
        if (MustWait(message)) (Extras.Delayed ??= new()).Enqueue(message);
        else Handle(message);
    }

    private bool MustWait(SystemMessage message) =>
        !IsTerminated && ((message.WaitsForChildren && Has(CellFlags.WaitsForChildren)) || (message.WaitsWhileSuspended && _suspensions > 0));

    private void RunDelayed()
    {
        while (_extras?.Delayed is { Count: > 0 } delayed && !MustWait(delayed.Peek())) Handle(delayed.Dequeue());
    }

    private void Handle(SystemMessage message)
    {
        if (IsTerminated)
        {
            HandleDead(message);
            return;
        }
        try
        {
            HandleAlive(message);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void HandleAlive(SystemMessage message)
    {
        switch (message)
        {
            case SystemMessage.Continuation continuation: RunContinuation(continuation); break;
            case SystemMessage.HandlerCompleted completed: HandlerEnded(completed); break;
            case SystemMessage.DeathWatchNotification death: ActorDied(death); break;
            case SystemMessage.Terminate: BeginTermination(); break;
            case SystemMessage.Failed failed: ChildFailed(failed); break;
            case SystemMessage.Watch watch: AddWatcher(watch.Watcher); break;
            case SystemMessage.Unwatch unwatch: _extras?.WatchedBy?.Remove(unwatch.Watcher); break;
            case SystemMessage.Suspend: SuspendWithChildren(); break;
            case SystemMessage.Resume resume: ResumeAfter(resume.Cause); break;
            case SystemMessage.Recreate recreate: BeginRestart(recreate.Cause); break;
            case SystemMessage.ReceiveTimeoutCheck: CheckReceiveTimeout(); break;
        }
    }

    private void HandleDead(SystemMessage message)
    {
        if (message is SystemMessage.Watch watch) DeadLetterRef.TellWatcherOfTheDead(watch);
        else if (message is SystemMessage.Continuation continuation) _dispatcher.RunOutside(continuation);
    }
}
