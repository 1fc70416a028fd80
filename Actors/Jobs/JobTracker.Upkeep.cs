namespace ActorPerf.Jobs;

/// <content>What time brings: jobs that come due or expire, retention, tokens whose time is over, and rows held against what runs here.</content>
internal sealed partial class JobTracker
{
    private const int SweepLimit = 1_000;
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ComparePeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FollowerPatience = TimeSpan.FromSeconds(1);

    private DateTimeOffset? _dueAt;
    private bool _sweeping;

    private void StartTimers()
    {
        Timers.StartPeriodicTimer(Tick.Second, Tick.Second, TimeSpan.FromSeconds(1));
        Timers.StartPeriodicTimer(Tick.Expire, Tick.Expire, ExpiryPeriod);
        Timers.StartPeriodicTimer(Tick.Prune, Tick.Prune, FirstPrune, PrunePeriod);
        Timers.StartPeriodicTimer(Tick.Compare, Tick.Compare, ComparePeriod);
    }

    private void OnTick(Tick tick)
    {
        switch (tick)
        {
            case Tick.Look look: Arrived(look.Queue, SweepLimit); break;
            case Tick.Save save: Save(save.Attempt); break;
            case Tick.Note note: Note(note.Attempt); break;
            case var _ when tick == Tick.Due: Sweep(); break;
            case var _ when tick == Tick.Expire: SweepAsLeader(); break;
            case var _ when tick == Tick.Prune: Prune(); break;
            case var _ when tick == Tick.Compare: ReadRunning(); break;
            case var _ when tick == Tick.All: LookAtAll(); break;
            default: Watch(); break;
        }
    }

    /// <summary>Once a second: tokens whose time is over, code that does not follow its token, and the figures that others read.</summary>
    private void Watch()
    {
        _parts.Statistics.Publish();
        List<RunningAttempt>? overdue = null;
        foreach (var attempt in _parts.Running.All)
        {
            if (attempt.Settled) continue;
            if (attempt.StoppedAt is null && AttemptJudge.IsOverdue(attempt))
            {
                attempt.TimedOut = true;
                attempt.Stop();
            }
            if (attempt.StoppedAt is { } stopped && _parts.Time.GetElapsedTime(stopped) >= Grace) (overdue ??= []).Add(attempt);
        }
        foreach (var attempt in overdue ?? []) Abandon(attempt);
        if (_parts.Lingering.Count > 0) WatchLingering();
        if (_parts.Draining is { } draining && _parts.Time.GetElapsedTime(draining.Since) >= draining.Patience) HandAllBack();
    }

    private void ReadRunning()
    {
        _ = _store.ReadRunningAsync(_parts.Incarnation, CancellationToken.None)
            .PipeTo(Self, success: rows => new TrackerCommand.Compare(rows));      // its end comes back as a message
        Recount();
    }

    private void Lose(Job stray) => _store.TryPost(new JobWrite.Change(stray, new JobCommand.Lose(stray.Row.Run!.Value, _parts.Random.NextDouble())));

    private void Due(DateTimeOffset at)
    {
        if (_dueAt <= at) return;
        _dueAt = at;
        var wait = at - _parts.Time.GetUtcNow();
        Timers.StartSingleTimer(Tick.Due, Tick.Due, wait > TimeSpan.Zero ? Shorter(wait) : TimeSpan.FromMilliseconds(1));
    }

    // Timers have a bound; a wait beyond it is taken in parts.
    private static TimeSpan Shorter(TimeSpan wait) => wait < TimeSpan.FromHours(1) ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.FromHours(1);

    private void SweepAsLeader()
    {
        if (_parts.Leadership.Leads) Sweep();
    }

    private void Sweep()
    {
        if (_sweeping) return;
        _sweeping = _store.TryPost(new JobWrite.Sweep(SweepLimit));
    }

    private void Swept(JobWrite.Sweep sweep)
    {
        _sweeping = false;
        _dueAt = null;
        foreach (var job in sweep.Moved) Moved(job, JobState.Scheduled);
        if (sweep.Moved.Count >= SweepLimit) Sweep();
        else if (sweep.NextDue is { } next) DueElsewhere(sweep.Moved.Count > 0 ? next : Later(next));
    }

    /// <summary>A sweep that moved nothing left what is due to somebody who holds its row: after a breath.</summary>
    private DateTimeOffset Later(DateTimeOffset due) => _parts.Time.GetUtcNow() + BusyRetry is var soon && soon > due ? soon : due;

    /// <summary>A job comes due that this node did not put off itself: the leader goes from one to the next, others come after it for what it may not have heard of.</summary>
    private void DueElsewhere(DateTimeOffset at) => Due(_parts.Leadership.Leads ? at : at + FollowerPatience);

    /// <summary>What a tick is for; the timers' keys and messages.</summary>
    private abstract record Tick
    {
        public static readonly Tick Second = new Plain("second");
        public static readonly Tick Due = new Plain("due");
        public static readonly Tick Expire = new Plain("expire");
        public static readonly Tick Prune = new Plain("prune");
        public static readonly Tick PruneOn = new Plain("prune-on");
        public static readonly Tick Compare = new Plain("compare");
        public static readonly Tick All = new Plain("all");

        public sealed record Plain(string Name) : Tick;

        public sealed record Look(string Queue) : Tick;

        public sealed record Save(RunningAttempt Attempt) : Tick;

        public sealed record Note(RunningAttempt Attempt) : Tick;
    }
}
