namespace ActorPerf.Jobs;

/// <content>The node stops: no more work is taken, what runs may end, and what does not goes back to its queue.</content>
internal sealed partial class JobTracker
{
    private void Drain(TrackerCommand.Drain drain)
    {
        _log.Draining(_parts.Running.Count);
        _parts.Draining = new Draining(drain.Done, drain.Patience, _parts.Time.GetTimestamp());
        foreach (var dispatcher in _parts.Dispatchers.Values) dispatcher.Tell(new DispatcherCommand.Drain());
        if (!IsIdle && drain.Patience <= TimeSpan.Zero) HandAllBack();
        TellIfDrained();
    }

    private void TellIfDrained()
    {
        if (_parts.Draining is { } draining && IsIdle) draining.Done.TrySetResult();
    }

    /// <summary>Nothing that anybody waits for will happen here any more.</summary>
    private void LetGo()
    {
        _parts.LetGo = true;
        _parts.Waiters.LetGo();
        foreach (var subscription in _parts.Subscriptions) subscription.End();
    }

    private void Await(JobWaiter waiter)
    {
        if (_parts.LetGo) waiter.TrySetCanceled();
        else _parts.Waiters.Add(waiter);
    }

    private void Subscribe(JobSubscription subscription)
    {
        _parts.Subscriptions.Add(subscription);
        if (_parts.LetGo) subscription.End();
        else if (_parts.Events is { } events) events.Tell(new EventCommand.Start(subscription));
        else subscription.Begin();
    }

    private void Unsubscribe(JobSubscription subscription)
    {
        _parts.Subscriptions.Remove(subscription);
        _parts.Events?.Tell(new EventCommand.Stop(subscription));
    }

    private void HandAllBack()
    {
        var left = _parts.Running.All.Where(attempt => !attempt.Settled).ToArray();
        if (left.Length == 0) return;
        _log.HandedBack(left.Length);
        foreach (var attempt in left) GiveUp(attempt);
    }

    /// <summary>A run is handed back while its code goes on: its routee is replaced if the code does not follow its token.</summary>
    private void GiveUp(RunningAttempt attempt)
    {
        Release(attempt);
        _parts.Lingering.Add(attempt);
    }

    private void WatchLingering()
    {
        foreach (var attempt in _parts.Lingering.Where(attempt => attempt.StoppedAt is { } stopped && _parts.Time.GetElapsedTime(stopped) >= Grace).ToArray())
        {
            _parts.Lingering.Remove(attempt);
            ReplaceRoutee(attempt);
        }
    }

    /// <summary>Nothing runs here, and no claim is under way that could bring something.</summary>
    private bool IsIdle => _parts.Running.Count == 0 && !_pending.Keys.Any(write => write is JobWrite.Claim or JobWrite.Submit { AtOnce: not null });
}

/// <summary>A drain under way.</summary>
/// <param name="Since">A timestamp.</param>
internal sealed record Draining(TaskCompletionSource Done, TimeSpan Patience, long Since);
