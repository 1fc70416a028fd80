namespace ActorPerf.Kernel;

/// <summary>Watching others and being watched.</summary>
internal sealed partial class ActorCell
{
    /// <inheritdoc/>
    public IActorRef Watch(IActorRef subject) => WatchFor(subject, null);

    /// <inheritdoc/>
    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WatchFor(subject, message);
    }

    /// <inheritdoc/>
    public IActorRef Unwatch(IActorRef subject)
    {
        if (ReferenceEquals(subject, _self) || _extras is not { } extras) return subject;
        if (extras.Watching?.Remove(subject) == true) subject.TellSystem(new SystemMessage.Unwatch(_self));
        extras.TerminatedQueued?.Remove(subject);
        return subject;
    }

    private IActorRef WatchFor(IActorRef subject, object? message)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (ReferenceEquals(subject, _self)) return subject;
        var watching = Extras.Watching ??= [];
        if (watching.TryGetValue(subject, out var known))
        {
            if (!Equals(known, message))
            {
                throw new InvalidOperationException(
                    $"{_self.Path} already watches {subject.Path} with another message. Unwatch it first.");
            }
            return subject;
        }
        watching.Add(subject, message);
        subject.TellSystem(new SystemMessage.Watch(subject, _self));
        return subject;
    }

    private void AddWatcher(IInternalActorRef watcher)
    {
        if (!ReferenceEquals(watcher, _self)) (Extras.WatchedBy ??= []).Add(watcher);
    }

    /// <summary>An actor has stopped: its Terminated joins the mailbox if it is watched, and a child is forgotten.</summary>
    private void ActorDied(SystemMessage.DeathWatchNotification death)
    {
        if (_extras?.Watching is { } watching && watching.Remove(death.Actor, out var instead) && !Has(CellFlags.Terminating))
        {
            (_extras.TerminatedQueued ??= [])[death.Actor] = instead;
            PostNotice(new Terminated(death.Actor, death.ExistenceConfirmed, addressTerminated: false), death.Actor);
        }
        if (death.Actor is LocalActorRef child) ChildDied(child);
    }

    private void ReceiveTerminated(ActorBase actor, Terminated terminated)
    {
        if (_extras?.TerminatedQueued is not { } queued || !queued.Remove(terminated.ActorRef, out var instead)) return;   // no longer watched
        if (instead is null) Deliver(actor, terminated);
        else Deliver(actor, actor.Message = instead);
    }

    private void TellWatchers()
    {
        if (_extras?.WatchedBy is not { } watchers) return;
        foreach (var watcher in watchers)
        {
            // The parent is told in any case, and once is enough.
            if (!ReferenceEquals(watcher, _parent)) watcher.SendSystemMessage(new SystemMessage.DeathWatchNotification(_self, existenceConfirmed: true));
        }
        watchers.Clear();
    }

    private void UnwatchAll()
    {
        if (_extras is not { } extras) return;
        extras.TerminatedQueued?.Clear();
        if (extras.Watching is not { Count: > 0 } watching) return;
        foreach (var subject in watching.Keys) subject.TellSystem(new SystemMessage.Unwatch(_self));
        watching.Clear();
    }
}
