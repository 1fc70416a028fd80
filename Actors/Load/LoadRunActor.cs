namespace ActorPerf.Load;

/// <summary>One run: brings users and lets them go as its plan says, tells open models' users when to begin, shows figures once a second, and ends in time.</summary>
/// <remarks>It always ends: by its time, its stages, its counts, a threshold or a stop, then at most <see cref="LoadPlan.StopTimeout"/> for what users do,
/// and <see cref="LastPatience"/> for what does not listen to its cancellation.</remarks>
internal sealed partial class LoadRunActor : ReceiveActor, IWithTimers
{
    /// <summary>After this, what users still do is left to itself.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    private readonly LoadRunParts _parts;
    private readonly LoadRunContext _run;
    private readonly LoadFigures _figures;
    private readonly GeneratorWatch _watch = new();
    private readonly TimeProvider _time;
    private LoadPlan _plan;
    private long _startedAt;
    private DateTimeOffset _began;
    private TimeSpan _eraFrom;
    private TimeSpan _endsAt;           // what is due from here on does not begin
    private TimeSpan? _stopsAt;         // since when no iteration starts
    private LoadState _end;
    private string? _fault;
    private bool _over;

    public LoadRunActor(LoadRunParts parts)
    {
        (_parts, _run, _time, _plan) = (parts, parts.Run, parts.Run.Time, parts.Run.Plan with { Seed = parts.Run.Seed, Key = null });
        _figures = new LoadFigures(_run);
        _present = new int[_run.Users.Count];
        _everPresent = new int[_run.Users.Count];
        _active = [.. _run.Users.Select(static _ => new List<int>())];
        Receive<UserNote.Idle>(_ => Serve(Sender));
        Receive<UserNote.Gone>(gone => Gone(gone));
        Receive<Due>(due => Do(due.What));
        Receive<Looked>(looked => Note(looked));
        Receive<LoadCommand.Stop>(stop =>
        {
            End(LoadState.Stopped, null);
            stop.Reply.TrySetResult(new LoadOutcome.Done(_parts.Board.Latest));
        });
        Receive<LoadCommand.Edit>(edit => Edit(edit));
        Receive<LoadCommand.Reset>(reset =>
        {
            if (_stopsAt is null) BeginEra();
            Show();
            reset.Reply.TrySetResult(new LoadOutcome.Done(_parts.Board.Latest));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Elapsed => _time.GetElapsedTime(_startedAt);

    /// <summary>A user that fails by a fault of ours is gone; its run goes on.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    protected override void PreStart()
    {
        (_startedAt, _began) = (_time.GetTimestamp(), _time.GetUtcNow());
        _watch.Note(TimeSpan.Zero, _parts.Reading());
        Timers.StartPeriodicTimer(What.Second, Due.Second, TimeSpan.FromSeconds(1));
        if (_plan.WarmUp > TimeSpan.Zero) Timers.StartSingleTimer(What.Warm, Due.Warm, _plan.WarmUp);
        Plan();
        ArmEnd();
        Begin();
        Look();
        Show();
    }

    protected override void PostStop()
    {
        if (_over) return;
        // Stopped from outside, or failed: nobody waits for its end in vain.
        _run.End();
        _fault ??= "The process that made the load stopped, or the run failed; its log says why.";
        Conclude(LoadState.Failed);
    }

    private void Do(What what)
    {
        switch (what)
        {
            case What.Second: Second(); break;
            case What.Warm: BeginEra(); break;
            case What.End: End(LoadState.Finished, null); break;
            case What.Adjust: Adjust(); break;
            case What.Arrive: Arrive(); break;
            case What.CutOff:
                _run.End();
                Timers.StartSingleTimer(What.GiveUp, Due.GiveUp, LastPatience);
                break;
            case What.GiveUp: Finish(); break;
        }
    }

    private void Second()
    {
        var at = Elapsed;
        _watch.Note(at, _parts.Reading());
        _figures.NotePoint(at, _users.Count, _watch, TakeTarget());
        Look();
        var progress = Show();
        if (_stopsAt is not null) return;
        if (at >= _plan.WarmUp && ThresholdRules.Aborting(progress.Thresholds, at) is { } failed) End(LoadState.Aborted, $"The threshold {failed.Threshold} failed.");
        else if (_run.Book.IsSpent && _run.Book.Busy == 0) End(LoadState.Finished, null);
    }

    /// <summary>What is measured counts from here.</summary>
    private void BeginEra()
    {
        _run.Book.Reset();
        _eraFrom = Elapsed;
    }

    private void ArmEnd()
    {
        var end = _plan.RunTime;
        if (_plan.Model is LoadModel.Closed { Stages.Count: > 0 } && _userPlan!.End < end) end = _userPlan.End;
        if (_plan.Model is LoadModel.Open { Stages.Count: > 0 } && _arrivals!.End < end) end = _arrivals.End;
        _endsAt = end;
        var left = end - Elapsed;
        Timers.StartSingleTimer(What.End, Due.End, left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void Edit(LoadCommand.Edit edit)
    {
        if (_stopsAt is not null)
        {
            edit.Reply.TrySetResult(new LoadOutcome.Refused(LoadRefusals.Ended(_parts.Board.Latest)));
            return;
        }
        var change = edit.Change;
        if (change.RunTime is { } time) _plan = _plan with { RunTime = time };
        if (_plan.Model is LoadModel.Closed closed && (change.Users is not null || change.SpawnRate is not null)) EditUsers(closed, change);
        if (_plan.Model is LoadModel.Open open && change.Rate is { } rate) EditRate(open, rate);
        ArmEnd();
        Follow();
        edit.Reply.TrySetResult(new LoadOutcome.Done(Show()));
    }

    private void End(LoadState state, string? fault)
    {
        if (_stopsAt is not null) return;
        (_stopsAt, _end, _fault) = (Elapsed, state, fault);
        foreach (var what in new[] { What.End, What.Adjust, What.Arrive, What.Warm }) Timers.Cancel(what);
        GiveUpArrivals();
        foreach (var user in _users.Values) user.Actor.Tell(UserCommand.Leave.Instance, Self);
        if (_users.Count == 0)
        {
            Finish();
            return;
        }
        Timers.StartSingleTimer(What.CutOff, Due.CutOff, _plan.StopTimeout);
        Show();
    }

    private void Finish()
    {
        if (_over) return;
        Conclude(_end);
        Context.Stop(Self);
    }

    private void Conclude(LoadState state)
    {
        _over = true;
        _stopsAt ??= Elapsed;
        if (_stopsAt < _plan.WarmUp)
        {
            BeginEra();
            _fault ??= $"The run ended within its warm-up of {Tasks.Durations.Format(_plan.WarmUp)}: nothing of it counts.";
        }
        var at = Elapsed;
        _watch.Note(at, _parts.Reading());
        _figures.NotePoint(at, _users.Count, _watch, TakeTarget());
        var final = Progress(state);
        var (series, jobs) = LoadFigures.Series(_run.Book.Era);
        _run.End();         // a look at the target may be under way
        _parts.Board.End(new LoadResult(final, series, jobs));
        _run.Dispose();
    }

    private LoadProgress Show()
    {
        var progress = Progress(State());
        _parts.Board.Show(progress);
        return progress;
    }

    private LoadState State() => _stopsAt is not null ? LoadState.Stopping : Elapsed < _plan.WarmUp ? LoadState.WarmingUp
        : _userPlan is not null && _userPlan.NextChange(Elapsed) is not null && _plan.Model is LoadModel.Closed { Stages.Count: 0 } ? LoadState.Spawning : LoadState.Running;

    private LoadProgress Progress(LoadState state)
    {
        var (at, era, isFinal) = (Elapsed, _run.Book.Era, state >= LoadState.Finished);
        var measured = Measured(era, at);
        // What users still do when nobody waits for them any more is cut off as well.
        var interrupted = Volatile.Read(ref era.Interrupted) + (isFinal ? _run.Book.Busy : 0);
        var (rows, total, jobs, figures) = _figures.Read(era, at, measured, _mostUsers, interrupted);
        var (iterations, dropped, late) = (Volatile.Read(ref era.Iterations), Volatile.Read(ref era.Dropped), Volatile.Read(ref era.Late));
        var progress = new LoadProgress
        {
            Id = _parts.Id,
            Plan = _plan,
            State = state,
            StartedAt = _began,
            FinishedAt = isFinal ? _time.GetUtcNow() : null,
            Elapsed = at,
            Measured = measured,
            Users = _users.Count,
            TargetUsers = _stopsAt is not null ? 0 : _userPlan?.At(at) ?? _users.Count,
            Busy = _run.Book.Busy,
            PlannedRate = _arrivals?.RateAt(at),
            Iterations = iterations,
            DroppedIterations = dropped,
            LateIterations = late,
            InterruptedIterations = interrupted,
            UnansweredRequests = Volatile.Read(ref era.Unanswered),
            LongestUnanswered = new TimeSpan(Volatile.Read(ref era.LongestUnanswered)),
            Requests = rows,
            Total = total,
            Jobs = jobs,
            Failures = LoadFigures.Failures(era.Failures),
            Exceptions = LoadFigures.Failures(era.Exceptions),
            Checks = Volatile.Read(ref era.Checks),
            ChecksHeld = Volatile.Read(ref era.ChecksHeld),
            Thresholds = ThresholdRules.Judge(_plan.Thresholds, figures, isFinal),
            Shares = _figures.Shares(era, _everPresent),
            Health = _watch.Health(_run.Book, dropped, late, iterations + dropped + _backlog.Count),
            History = _figures.History,
            TargetFault = _targetFault,
            Fault = _fault,
        };
        return HealthRules.CutOff(progress) is { } warning ? progress with { Health = progress.Health with { Warnings = [.. progress.Health.Warnings, warning] } } : progress;
    }

    /// <summary>The time that counts: to the end, and on to the last answer where users finish what they do behind it.</summary>
    private TimeSpan Measured(LoadEra era, TimeSpan at)
    {
        if (_stopsAt is not { } stopped) return at - _eraFrom;
        var last = Volatile.Read(ref era.LastAt) is > 0 and var stamp ? _time.GetElapsedTime(_startedAt, stamp) : TimeSpan.Zero;
        var end = last > stopped ? last : stopped;
        return end > _eraFrom ? end - _eraFrom : TimeSpan.Zero;
    }

    private enum What
    {
        Second,
        Warm,
        End,
        Adjust,
        Arrive,
        CutOff,
        GiveUp,
    }

    /// <summary>It is time for something.</summary>
    private sealed record Due(What What)
    {
        public static readonly Due Second = new(What.Second);
        public static readonly Due Warm = new(What.Warm);
        public static readonly Due End = new(What.End);
        public static readonly Due Adjust = new(What.Adjust);
        public static readonly Due Arrive = new(What.Arrive);
        public static readonly Due CutOff = new(What.CutOff);
        public static readonly Due GiveUp = new(What.GiveUp);
    }
}

/// <summary>What a run is made of.</summary>
internal sealed record LoadRunParts
{
    public required Guid Id { get; init; }

    public required LoadRunContext Run { get; init; }

    public required RunBoard Board { get; init; }

    /// <summary>How the generating process fares.</summary>
    public Func<GeneratorReading> Reading { get; init; } = GeneratorReading.OfThisProcess;
}
