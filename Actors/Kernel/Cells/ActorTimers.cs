namespace ActorPerf.Kernel;

/// <summary>What a timer sends around the actor's message: one object for each timer, so that ticks of a cancelled one are recognised, and those of an instance that was replaced.</summary>
internal sealed class TimerTick(object key, object message, bool periodic)
{
    public object Key { get; } = key;

    public object Message { get; } = message;

    public bool Periodic { get; } = periodic;
}

/// <summary>The timers of one instance of an actor.</summary>
internal sealed class ActorTimers(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, (TimerTick Tick, ICancelable Timer)> _active = [];

    public IReadOnlyCollection<object> ActiveTimers => [.. _active.Keys];

    public bool IsTimerActive(object key) => _active.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_active.Remove(key, out var timer)) timer.Timer.Cancel();
    }

    public void CancelAll()
    {
        foreach (var (_, timer) in _active.Values) timer.Cancel();
        _active.Clear();
    }

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) => Start(key, msg, initialDelay, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) =>
        Start(key, msg, initialDelay, interval, sender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, null);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

    /// <summary>Whether the tick is of a timer that still counts; a single timer ends with it.</summary>
    public bool TryTake(TimerTick tick)
    {
        if (!_active.TryGetValue(tick.Key, out var timer) || !ReferenceEquals(timer.Tick, tick)) return false;
        if (!tick.Periodic) Cancel(tick.Key);
        return true;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(message);
        Cancel(key);
        var tick = new TimerTick(key, message, interval is not null);
        var scheduler = cell.System.Scheduler;
        var cancelable = new Cancelable(scheduler);
        _active[key] = (tick, cancelable);
        if (interval is { } every) scheduler.ScheduleTellRepeatedly(delay, every, cell.Self, tick, sender ?? cell.Self, cancelable);
        else scheduler.ScheduleTellOnce(delay, cell.Self, tick, sender ?? cell.Self, cancelable);
    }
}
