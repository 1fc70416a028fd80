namespace ActorPerf.Jobs;

/// <content>Checkpoints of runs under way: the newest of each is written at most once a second; the end of the run carries the last one in any case.</content>
internal sealed partial class JobTracker
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<RunningAttempt> _savesDue = [];

    private void Saved(RunningAttempt attempt)
    {
        attempt.SaveHeard();
        if (attempt.Settled || _savesDue.Contains(attempt)) return;
        var wait = attempt.SavedAt is { } at ? SaveInterval - _parts.Time.GetElapsedTime(at) : TimeSpan.Zero;
        if (wait <= TimeSpan.Zero) Save(attempt);
        else SaveLater(attempt, wait);
    }

    private void SaveLater(RunningAttempt attempt, TimeSpan wait)
    {
        _savesDue.Add(attempt);
        Timers.StartSingleTimer(attempt, new Tick.Save(attempt), wait);
    }

    private void Save(RunningAttempt attempt)
    {
        _savesDue.Remove(attempt);
        if (attempt.Settled || attempt.Context.Saved is not { } checkpoint) return;
        attempt.SavedAt = _parts.Time.GetTimestamp();
        // One that the store has no room for is tried again: it must not wait for a newer one, which may never come.
        if (!_store.TryPost(new JobWrite.Save(attempt.Job, attempt.Run, checkpoint))) SaveLater(attempt, SaveInterval);
    }

    private void NoMoreSaves(RunningAttempt attempt)
    {
        if (_savesDue.Remove(attempt)) Timers.Cancel(attempt);
    }

    /// <summary>After a restart, whose timers are gone.</summary>
    private void SaveAgain()
    {
        foreach (var attempt in _parts.Running.All)
            if (attempt.Context.Saved is not null) Saved(attempt);
    }
}
