namespace ActorPerf.Kernel;

/// <summary>Starting, failing, restarting, stopping.</summary>
internal sealed partial class ActorCell
{
    /// <summary>How often the actor was restarted.</summary>
    public int Restarts => Volatile.Read(ref _extras)?.Restarts?.Total ?? 0;

    public Exception? LastFailure => Volatile.Read(ref _extras)?.LastFailure;

    public long Processed => _actor is { } actor ? Volatile.Read(ref actor.Handled) : 0;

    public ActorBase? Actor => _actor;

    /// <summary>Whether the actor ended by <see cref="PoisonPill"/>, that is on purpose.</summary>
    public bool StoppedByPill => Has(CellFlags.StoppedByPill);

    public RestartStatistics RestartStatistics => Extras.Restarts ??= new RestartStatistics();

    private void CreateFirst()
    {
        try
        {
            Create();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Create()
    {
        try
        {
            Install(NewActor()).RunPreStart();
        }
        catch (Exception e)
        {
            ForgetInstance();
            _actor = null;
            throw e as ActorInitializationException
                ?? new ActorInitializationException(_self, $"Exception during creation of {_self.Path}: {e.GetType().Name}: {e.Message}", e);
        }
    }

    private ActorBase NewActor()
    {
        _behavior = null;
        _extras?.Behaviors?.Clear();
        Set(CellFlags.Constructing);
        ActorBase actor;
        try
        {
            actor = _props.NewActor();
        }
        finally
        {
            Clear(CellFlags.Constructing);
        }
        actor.OnConstructed();
        if (actor is IActorStash stashing) stashing.Stash = NewStash(stashing);
        if (actor is IWithTimers timed) timed.Timers = Extras.Timers = new ActorTimers(this);
        return actor;
    }

    private ActorBase Install(ActorBase fresh)
    {
        Clear(CellFlags.Disposed);
        return _actor = fresh;
    }

    private StashBox NewStash(IActorStash actor) =>
        Extras.Stash = new StashBox(this, actor is IWithUnboundedStash ? -1 : _props.StashCapacity ?? Extras.StashCapacity);

    /// <summary>Suspends the actor and its children and asks the parent for its verdict.</summary>
    private void Fail(Exception cause) => Fail(cause, _self);

    private void Fail(Exception cause, IActorRef perpetrator)
    {
        Extras.LastFailure = cause;
        if (Has(CellFlags.Failed) || IsTerminated) return;
        Set(CellFlags.Failed);
        Extras.Perpetrator = perpetrator;
        Suspend();
        SuspendChildren(except: perpetrator);
        _parent.SendSystemMessage(new SystemMessage.Failed(_self, cause));
    }

    private void ClearFailure()
    {
        Clear(CellFlags.Failed);
        ForgetMessage();
        if (_extras is { } extras) extras.Perpetrator = null;
    }

    private void Suspend() => _suspensions++;

    private void Unsuspend()
    {
        if (_suspensions > 0) _suspensions--;
    }

    private void SuspendWithChildren()
    {
        Suspend();
        SuspendChildren(except: null);
    }

    private void ResumeAfter(Exception? cause)
    {
        if (_actor is null)
        {
            RetryCreation();
            return;
        }
        var perpetrator = _extras?.Perpetrator;
        Unsuspend();
        if (cause is not null) ClearFailure();
        ResumeChildren(cause, perpetrator);
    }

    private void BeginRestart(Exception cause)
    {
        if (_actor is null)
        {
            RetryCreation();
        }
        else if (ChildrenAreNormal)
        {
            AbandonHandler();
            CountRestart(cause);
            var message = Has(CellFlags.Failed) ? _actor.Message : null;         // none when the parent restarts and takes its children with it
            RunHook("PreRestart", () => _actor.RunPreRestart(cause, message), e => new PreRestartException(_self, e, cause, message));
            ForgetInstance();
            if (!AwaitChildren(new ChildrenWait.Restart(cause))) FinishRestart(cause);
        }
        else
        {
            ResumeAfter(null);             // keeps suspensions and resumptions balanced
        }
    }

    private void FinishRestart(Exception cause)
    {
        var survivors = ChildrenSnapshot();
        try
        {
            Unsuspend();
            ClearFailure();
            var fresh = NewActor();
            fresh.Handled = _actor?.Handled ?? 0;
            Install(fresh).RunPostRestart(cause);
            foreach (var child in survivors) child.SendSystemMessage(new SystemMessage.Recreate(cause));
        }
        catch (Exception e)
        {
            ForgetInstance();
            _actor = null;                 // half an instance: no hook of it runs any more, another try constructs anew
            Fail(new PostRestartException(_self, e, cause));
        }
    }

    /// <summary>The first instance could not be made and the supervisor wants another try.</summary>
    private void RetryCreation()
    {
        SetReceiveTimeout(null);
        StopAllChildren();
        if (!AwaitChildren(new ChildrenWait.Creation())) FinishCreation();
    }

    private void FinishCreation()
    {
        Unsuspend();
        ClearFailure();
        CountRestart(_extras?.LastFailure);
        CreateFirst();
    }

    private void CountRestart(Exception? cause)
    {
        RestartStatistics.Total++;
        if (cause is not null) _system.Restarts.Add(_props.Type, cause);
    }

    private void BeginTermination()
    {
        if (Has(CellFlags.Terminating)) return;
        SetReceiveTimeout(null);
        UnwatchAll();
        CloseChildren();
        Set(CellFlags.Terminating);
        if (AwaitChildren(new ChildrenWait.Termination())) Set(CellFlags.Failed);      // failures no longer interest anybody
        else FinishTermination();
    }

    private void FinishTermination()
    {
        if (IsTerminated) return;
        var actor = _actor;
        if (actor is not null) RunHook("PostStop", actor.RunPostStop, null);
        Set(CellFlags.Terminating);
        ForgetInstance();
        Interlocked.MemoryBarrier();
        Set(CellFlags.Terminated);
        BuryMailbox();
        _actor = null;
        _system.Stopped.Add(_props.Type, actor?.Handled ?? 0, Restarts);
        _suspensions = 0;
        _parent.SendSystemMessage(new SystemMessage.DeathWatchNotification(_self, existenceConfirmed: true));
        TellWatchers();
        UnwatchAll();
        while (_extras?.Delayed is { Count: > 0 } delayed) HandleDead(delayed.Dequeue());
        _dispatcher.Detach(this);
    }

    private void BuryMailbox()
    {
        while (TryTake(out var message, out var sender)) Bury(message, sender);
    }

    /// <summary>Ends what belongs to the instance: timers, behaviours, what it disposes. Stashed messages go back to the front of the mailbox.</summary>
    private void ForgetInstance()
    {
        _behavior = null;
        if (_actor is IDisposable disposable && !Has(CellFlags.Disposed))
        {
            Set(CellFlags.Disposed);
            RunHook("Dispose", disposable.Dispose, null);
        }
        if (_extras is not { } extras) return;
        extras.Behaviors?.Clear();
        extras.Timers?.CancelAll();
        extras.Stash?.UnstashAll();
        extras.Strategy = null;
    }

    private void RunHook(string name, Action hook, Func<Exception, Exception>? describe)
    {
        try
        {
            hook();
        }
        catch (Exception e)
        {
            _system.Log.HookFailed(describe?.Invoke(e) ?? e, _self.Path.ToString(), name);
        }
    }
}
