namespace ActorPerf.Kernel;

/// <summary>The sender of one question: its first message is the answer. It is its own task source, so an ask costs one object and its task.</summary>
internal sealed class AskRef<T>(ActorSystemImpl system) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously),
    IInternalActorRef, ISystemBound, IEndable
{
    private AskEnd? _end;
    private ActorPath? _path;
    private HashSet<IInternalActorRef>? _watchers;

    public ActorSystemImpl SystemImpl => system;

    public bool IsOpen => !Task.IsCompleted;

    public bool IsTerminated => Task.IsCompleted;

    /// <summary>Named only when somebody looks.</summary>
    public ActorPath Path
    {
        get
        {
            if (_path is null) Interlocked.CompareExchange(ref _path, system.TempPath(system.NextUid()), null);
            return _path;
        }
    }

    /// <summary>Ends the question by time or by cancellation; neither leaves anything behind once it is answered.</summary>
    public void EndAfter(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled) return;
        var end = _end = new AskEnd(this, timeout);
        end.Start(system, cancellationToken);
        if (!IsOpen) end.Release();        // it ended before all of its end was known there
    }

    public void Tell(object message, IActorRef? sender)
    {
        var taken = message switch
        {
            null => throw new InvalidMessageException(),
            T answer => TrySetResult(answer),
            Status.Failure failure => TrySetException(failure.Cause ?? new TaskCanceledException("The answer was a Status.Failure without a cause.")),
            _ => TrySetException(new ArgumentException(
                $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}].", nameof(message))),
        };
        if (taken) Close();
        else if (!Task.IsCanceled) system.DeadLetterRef.Undelivered(message, sender, this);       // who cancelled has said that no answer is wanted
    }

    /// <summary>Ends a question that could not be sent.</summary>
    public void Abandon()
    {
        if (TrySetCanceled()) Close();
    }

    public void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case SystemMessage.Watch watch: AddWatcher(watch); break;
            case SystemMessage.Unwatch unwatch: RemoveWatcher(unwatch.Watcher); break;
        }
    }

    public bool Equals(IActorRef? other) => ReferenceEquals(this, other);

    public override string ToString() => $"[{Path}]";

    void IEndable.TimedOut(TimeSpan timeout)
    {
        if (TrySetException(new AskTimeoutException($"Timeout after {timeout} seconds: nobody answered."))) Close();
    }

    void IEndable.Cancelled(CancellationToken token)
    {
        if (TrySetCanceled(token)) Close();
    }

    private void Close()
    {
        _end?.Release();
        if (Volatile.Read(ref _watchers) is not { } watchers) return;
        lock (watchers)
        {
            foreach (var watcher in watchers) watcher.SendSystemMessage(new SystemMessage.DeathWatchNotification(this, existenceConfirmed: true));
            watchers.Clear();
        }
    }

    private void AddWatcher(SystemMessage.Watch watch)
    {
        Interlocked.CompareExchange(ref _watchers, [], null);
        lock (_watchers)
        {
            if (IsOpen && _watchers.Add(watch.Watcher)) return;
        }
        DeadLetterRef.TellWatcherOfTheDead(watch);
    }

    private void RemoveWatcher(IInternalActorRef watcher)
    {
        if (Volatile.Read(ref _watchers) is not { } watchers) return;
        lock (watchers) watchers.Remove(watcher);
    }
}
