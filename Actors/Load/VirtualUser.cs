namespace ActorPerf.Load;

/// <summary>A user: does one iteration after another, waits between them as its kind says, and goes when told.</summary>
/// <remarks>An iteration runs outside the actor and comes back as a message; its session is the iteration's while it runs and the actor's between. In an
/// open model the run says when an iteration begins; in a closed one the user does.</remarks>
internal sealed class VirtualUser : ReceiveActor, IWithTimers
{
    private readonly LoadRunContext _run;
    private readonly LoadUser _kind;
    private readonly int _kindIndex;
    private readonly LoadSession _session;
    private readonly IActorRef _owner;
    private readonly int[] _weights;
    private readonly long? _iterations;
    private bool _busy;
    private bool _leaving;
    private bool _spent;
    private bool _goodbye;
    private long? _pending;       // the iteration that the user came for, until it is ready
    private long _startedAt;

    /// <param name="plannedAt">When the iteration was planned for that the user comes for; null where it comes before there is any, and in a closed model.</param>
    public VirtualUser(LoadRunContext run, int kindIndex, int user, IActorRef owner, long? plannedAt)
    {
        (_run, _kind, _kindIndex, _owner, _pending) = (run, run.Users[kindIndex], kindIndex, owner, plannedAt);
        _session = run.SessionOf(_kind, user);         // disposed when the user stops
        _weights = [.. _kind.Tasks.Select(task => run.Plan.EqualWeights ? 1 : task.Weight)];
        _iterations = (run.Plan.Model as LoadModel.Closed)?.IterationsPerUser;
        Receive<UserCommand.Begin>(begin => Iterate(begin.PlannedAt));
        Receive<UserCommand.Leave>(_ =>
        {
            _leaving = true;
            if (!_busy) Finish();
        });
        Receive<WaitOver>(over =>
        {
            _run.Book.TimerLateness.Record(_run.Time.GetElapsedTime(over.Due));
            if (!_busy) Iterate(over.Due);
        });
        Receive<Ended>(ended => Next(ended));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (!TryMake()) Context.Stop(Self);
        else if (_kind.OnStart is { } start) Greet(start);
        else Ready();
    }

    protected override void PostStop()
    {
        if (_pending is not null) _run.Book.Drop();
        // What still runs uses its buffer: that is left to the collector.
        if (_busy) _session.Abandon();
        else _session.Dispose();
        _owner.Tell(new UserNote.Gone(_session.User, _spent));
    }

    /// <summary>A user whose class cannot be made is told as an exception, and nobody comes in its place: the next one would fail as well.</summary>
    private bool TryMake()
    {
        try
        {
            _session.Make();
            return true;
        }
#pragma warning disable CA1031 // Whatever a user's constructor throws is a figure of the run, and must not end it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _run.Book.Threw(_kind.Name, fault is System.Reflection.TargetInvocationException { InnerException: { } cause } ? cause : fault);
            _spent = true;
            return false;
        }
    }

    private void Greet(LoadBody body)
    {
        _busy = true;
        _session.BeginUnplanned();
        _ = RunAsync(body, _run.Users[_kindIndex].Name, -1, Self);
    }

    private void Ready()
    {
        if (!_run.IsOpen) Iterate(_run.Time.GetTimestamp());
        else if (_pending is { } planned) Iterate(planned);
        else _owner.Tell(UserNote.Idle.Instance, Self);
    }

    private void Iterate(long plannedAt)
    {
        _pending = null;
        if (_iterations is { } most && _session.Iteration >= most || !_run.Book.TryTakeIteration())
        {
            _spent = true;
            Finish();
            return;
        }
        _busy = true;
        _startedAt = _run.Time.GetTimestamp();
        var paced = _run.IsOpen || _kind.Wait.Pace is not null;
        _run.Book.Begin(late: paced && _run.Time.GetElapsedTime(plannedAt, _startedAt) > LoadBook.Late);
        var task = _weights.Length == 1 ? 0 : LoadChoice.Pick(_session.Random, _weights);
        _session.Begin(plannedAt);
        _ = RunAsync(_kind.Tasks[task].Body, _kind.Tasks[task].Name, task, Self);
    }

    /// <summary>Never fails: what an iteration throws is counted as the task's.</summary>
    private async Task RunAsync(LoadBody body, string name, int task, IActorRef self)
    {
        var cutOff = false;
        try
        {
            await body(_session, _run.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_run.Ended.IsCancellationRequested || _run.Book.IsSpent)
        {
            cutOff = true;
        }
#pragma warning disable CA1031 // Whatever a user's code throws is a figure of the run, and must not end it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _run.Book.Threw(name, fault);
        }
        self.Tell(new Ended(task, cutOff), self);
    }

    private void Next(Ended ended)
    {
        _busy = false;
        if (ended.Task >= 0)
        {
            if (ended.CutOff) _run.Book.CutOff(_run.Ended.IsCancellationRequested);
            else _run.Book.End(_kindIndex, ended.Task, _run.Time.GetElapsedTime(_startedAt));
            _session.Iteration++;
        }
        if (ended.CutOff && !_leaving) _spent = _leaving = true;
        if (_leaving) Finish();
        else if (ended.Task < 0 || _run.IsOpen) Ready();
        else Wait();
    }

    private void Wait()
    {
        var now = _run.Time.GetTimestamp();
        var wait = _kind.Wait.Next(_session.Random, _run.Time.GetElapsedTime(_startedAt, now));
        // A pace that was missed is charged to the next iteration: it was due in the past.
        var due = _kind.Wait.Pace is { } pace ? _startedAt + _run.TicksOf(pace) : now + _run.TicksOf(wait);
        if (wait <= TimeSpan.Zero) Iterate(due);
        else Timers.StartSingleTimer(WaitOver.Key, new WaitOver(due), wait);
    }

    private void Finish()
    {
        Timers.CancelAll();
        if (_kind.OnStop is { } stop && !_goodbye && !_run.Ended.IsCancellationRequested)
        {
            (_goodbye, _leaving) = (true, true);
            Greet(stop);
            return;
        }
        Context.Stop(Self);
    }

    private sealed record Ended(int Task, bool CutOff);

    private sealed record WaitOver(long Due)
    {
        public static readonly object Key = new();
    }
}
