namespace ActorPerf.Kernel;

/// <summary>Starting, finding, supervising and stopping children.</summary>
internal sealed partial class ActorCell
{
    private ChildTable? _children;

    private ChildTable Children => Volatile.Read(ref _children) ?? Interlocked.CompareExchange(ref _children, new ChildTable(), null) ?? _children;

    private bool ChildrenAreNormal => Volatile.Read(ref _children) is null or { IsNormal: true };

    /// <inheritdoc/>
    public IActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null) ActorNames.Check(name, _self.Path);
        return Attach(props, name, null);
    }

    /// <summary>Starts a child. From any thread: guardians are asked by everybody.</summary>
    /// <param name="props">How it is made.</param>
    /// <param name="name">Checked by the caller, or null for a generated one.</param>
    /// <param name="routee">Set for a router's routees, which must not look up the router's deployment again.</param>
    public LocalActorRef Attach(Props props, string? name, bool? routee)
    {
        var children = Children;
        name = children.Reserve(name, _self.Path);
        LocalActorRef child;
        try
        {
            child = _system.CreateRef(props, _self, new ChildActorPath(_self.Path, name, _system.NextUid()), routee ?? false);
        }
        catch
        {
            children.Release(name);
            throw;
        }
        children.Enter(name, child, _self.Path);
        child.Start();
        return child;
    }

    public IActorRef Child(string name) => (IActorRef?)Volatile.Read(ref _children)?.Find(name) ?? Nobody.Instance;

    public LocalActorRef? FindChild(string name) => Volatile.Read(ref _children)?.Find(name);

    public IEnumerable<IActorRef> GetChildren() => ChildrenSnapshot();

    public LocalActorRef[] ChildrenSnapshot() => Volatile.Read(ref _children)?.Snapshot() ?? [];

    public void Stop(IActorRef child)
    {
        if (child is LocalActorRef local) Volatile.Read(ref _children)?.MarkDying(local);
        child.TellSystem(new SystemMessage.Terminate());
    }

    /// <summary>What <c>PreRestart</c> does by default: children are let go before they are stopped, so that no <c>Terminated</c> is left over.</summary>
    public void StopChildrenForRestart()
    {
        foreach (var child in ChildrenSnapshot())
        {
            Unwatch(child);
            Stop(child);
        }
    }

    private void StopAllChildren()
    {
        foreach (var child in ChildrenSnapshot()) Stop(child);
    }

    private void SuspendChildren(IActorRef? except)
    {
        foreach (var child in ChildrenSnapshot())
        {
            if (!ReferenceEquals(child, except)) child.SendSystemMessage(new SystemMessage.Suspend());
        }
    }

    private void ResumeChildren(Exception? cause, IActorRef? perpetrator)
    {
        foreach (var child in ChildrenSnapshot())
        {
            child.SendSystemMessage(new SystemMessage.Resume(ReferenceEquals(child, perpetrator) ? cause : null));
        }
    }

    private void ChildFailed(SystemMessage.Failed failed)
    {
        var child = failed.Child;
        if (!ReferenceEquals(FindChild(child.Path.Name), child)) return;       // stopped meanwhile
        if (_actor is null || Has(CellFlags.Terminating)) return;
        _actor.Message = null;
        _actor.MessageSender = child;
        var strategy = Extras.Strategy ??= _props.SupervisorStrategy ?? _actor.CreateSupervisorStrategy();
        if (strategy.Decide(this, child, failed.Cause)) _actor.MessageSender = null;
        else Fail(failed.Cause, child);
    }

    private void ChildDied(LocalActorRef child)
    {
        if (Volatile.Read(ref _children)?.Remove(child) is not { } ended) return;
        Clear(CellFlags.WaitsForChildren);
        switch (ended)
        {
            case ChildrenWait.Restart restart: FinishRestart(restart.Cause); break;
            case ChildrenWait.Creation: FinishCreation(); break;
            case ChildrenWait.Termination: FinishTermination(); break;
        }
    }

    /// <summary>Waits, with the mailbox suspended as it is, until the children that are stopping have stopped; false when there are none.</summary>
    private bool AwaitChildren(ChildrenWait wait)
    {
        if (Volatile.Read(ref _children) is not { } children || !children.TryWait(wait)) return false;
        Set(CellFlags.WaitsForChildren);
        return true;
    }

    /// <summary>From here on nobody starts a child, on whatever thread, and all there are were told to stop.</summary>
    private void CloseChildren()
    {
        foreach (var child in Children.Close()) child.SendSystemMessage(new SystemMessage.Terminate());
    }
}
