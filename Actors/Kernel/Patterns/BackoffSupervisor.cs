namespace ActorPerf.Kernel;

/// <summary>Keeps one child alive, with a growing pause before each new start, and passes messages on to it.</summary>
public sealed class BackoffSupervisor : UntypedActor
{
    private readonly BackoffSettings _settings;
    private IActorRef? _child;
    private int _restarts;
    private bool _finalStop;
    private bool _failed;                  // the child is being stopped for a failure after which it may start again

    internal BackoffSupervisor(BackoffSettings settings) => _settings = settings;

    public static Props Props(BackoffOptions options) => Kernel.Props.Internal(typeof(BackoffSupervisor), () => new BackoffSupervisor(options.Settings));

    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        Props(Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor));

    protected override void PreStart() => StartChild();

    protected override SupervisorStrategy SupervisorStrategy()
    {
        var inner = _settings.Strategy ?? (OneForOneStrategy)Kernel.SupervisorStrategy.DefaultStrategy;
        if (!_settings.OnFailure) return inner;
        return new OneForOneStrategy(inner.MaxNumberOfRetries, inner.WithinTimeRangeMilliseconds, cause => AfterFailure(inner.Decider.Decide(cause)));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Terminated { ActorRef: var dead } when dead.Equals(_child): ChildStopped(); break;
            case StartChildAgain: StartChild(); break;
            case ResetIfStill still when still.Restarts == _restarts: _restarts = 0; break;
            case ResetIfStill: break;
            case Reset when _settings.AutoReset is null: _restarts = 0; break;
            case Reset: Unhandled(message); break;
            case GetCurrentChild: Sender.Tell(new CurrentChild(_child ?? Nobody.Instance)); break;
            case GetRestartCount: Sender.Tell(new RestartCount(_restarts)); break;
            default: PassOn(message); break;
        }
    }

    private void StartChild()
    {
        if (_child is not null) return;
        _child = Context.Watch(Context.ActorOf(_settings.ChildProps, _settings.ChildName));
        if (_settings.AutoReset is { } after && _restarts > 0)
        {
            Context.System.Scheduler.ScheduleTellOnce(after, Self, new ResetIfStill(_restarts), Self);
        }
    }

    /// <summary>A restart becomes a stop, after which the child is started anew when the pause is over.</summary>
    private Directive AfterFailure(Directive directive)
    {
        if (directive != Directive.Restart) return directive;
        _failed = true;
        return Directive.Stop;
    }

    private void ChildStopped()
    {
        _child = null;
        var byItself = _settings.OnFailure && !_failed;
        _failed = false;
        if (_finalStop || byItself || (_settings.MaxRetries >= 0 && _restarts >= _settings.MaxRetries))
        {
            Context.Stop(Self);
            return;
        }
        var random = ((ActorSystemImpl)Context.System).Setup.Random;
        TimeSpan delay;
        lock (random) delay = _settings.Delay(_restarts, random);
        _restarts++;
        Context.System.Scheduler.ScheduleTellOnce(delay, Self, StartChildAgain.Instance, Self);
    }

    private void PassOn(object message)
    {
        if (_settings.IsFinalStop?.Invoke(message) == true) _finalStop = true;
        if (_child is { } child)
        {
            if (child.Equals(Sender)) Context.Parent.Forward(message);
            else child.Forward(message);
        }
        else if (_settings.ReplyWhileStopped is { } reply)
        {
            Sender.Tell(reply);
        }
        else
        {
            Context.System.DeadLetters.Forward(message);
        }
        if (_finalStop && _child is null) Context.Stop(Self);
    }

    /// <summary>Asks for the <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        private GetCurrentChild() { }

        public static GetCurrentChild Instance { get; } = new();
    }

    /// <summary>The child, or <see cref="Nobody"/> during a pause.</summary>
    public sealed class CurrentChild
    {
        public CurrentChild(IActorRef @ref) => Ref = @ref;

        public IActorRef Ref { get; }
    }

    /// <summary>Begins with the shortest pause again.</summary>
    public sealed class Reset
    {
        private Reset() { }

        public static Reset Instance { get; } = new();
    }

    /// <summary>Asks for the <see cref="RestartCount"/>.</summary>
    public sealed class GetRestartCount
    {
        private GetRestartCount() { }

        public static GetRestartCount Instance { get; } = new();
    }

    /// <summary>Starts since the last reset, beside the first.</summary>
    public sealed class RestartCount
    {
        public RestartCount(int count) => Count = count;

        public int Count { get; }
    }

    private sealed record ResetIfStill(int Restarts);

    private sealed record StartChildAgain
    {
        public static readonly StartChildAgain Instance = new();
    }
}
