using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>Alarms on a <see cref="TimeProvider"/>: real time in a node, virtual time where the provider is a manual one.</summary>
internal sealed class TimeProviderScheduler(TimeProvider time, ILogger log) : IScheduler, IAdvancedScheduler, IDisposable
{
    private readonly long _started = time.GetTimestamp();
    private readonly HashSet<Alarm> _set = [];
    private volatile bool _stopped;

    /// <summary>Alarms that are set and have neither rung for the last time nor been cancelled.</summary>
    public int SetAlarms
    {
        get
        {
            lock (_set) return _set.Count;
        }
    }

    /// <summary>Shared timers of real time. Null under a virtual one, whose owner sees each timer and goes from one to the next:
    /// there nobody may leave a timer behind that rings for nothing.</summary>
    public AlarmLanes? Lanes { get; } = ReferenceEquals(time, TimeProvider.System) ? new AlarmLanes(time) : null;

    public IAdvancedScheduler Advanced => this;

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeSpan MonotonicClock => time.GetElapsedTime(_started);

    public TimeSpan HighResMonotonicClock => MonotonicClock;

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Arm(new Alarm(this, () => receiver.Tell(message, sender), cancelable), delay, null);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Arm(new Alarm(this, () => receiver.Tell(message, sender), cancelable), initialDelay, interval);

    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) => Arm(new Alarm(this, action, cancelable), delay, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) => ScheduleRepeatedly(initialDelay, interval, action, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Arm(new Alarm(this, action, cancelable), initialDelay, interval);

    /// <summary>The cheapest alarm: no handle beside the timer itself.</summary>
    public IDisposable StartAlarm(IAlarmClock clock, TimeSpan delay)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(static state => ((IAlarmClock)state!).Ring(), clock, delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Nothing scheduled happens any more, and its timers are given back. Those of <see cref="StartAlarm"/> and of the lanes still ring: each ends somebody's wait.</summary>
    public void Dispose()
    {
        _stopped = true;
        Lanes?.Dispose();
        Alarm[] left;
        lock (_set) left = [.. _set];
        foreach (var alarm in left) alarm.Dispose();
    }

    private void Arm(Alarm alarm, TimeSpan delay, TimeSpan? interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (interval is { } every) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(every, TimeSpan.Zero, nameof(interval));
        if (_stopped || alarm.IsCancelled) return;
        alarm.Start(time, delay, interval);
    }

    private sealed class Alarm(TimeProviderScheduler owner, Action action, ICancelable? cancelable) : IDisposable
    {
        private ITimer? _timer;
        private bool _repeats;

        public bool IsCancelled => cancelable?.IsCancellationRequested == true;

        public void Start(TimeProvider time, TimeSpan delay, TimeSpan? interval)
        {
            _repeats = interval is not null;
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            {
                // Started only once it is known to the cancelable: an alarm of zero delay may ring before this line ends.
                _timer = time.CreateTimer(static state => ((Alarm)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
            lock (owner._set) owner._set.Add(this);
            if (cancelable is Cancelable own) own.Own(this);
            _timer.Change(delay, interval ?? Timeout.InfiniteTimeSpan);
            if (owner._stopped) Dispose();
        }

        public void Dispose()
        {
            lock (owner._set) owner._set.Remove(this);
            _timer?.Dispose();
        }

        private void Ring()
        {
            if (!_repeats || IsCancelled || owner._stopped) Dispose();
            if (IsCancelled || owner._stopped) return;
            owner.Run(action);
        }
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            log.ScheduledActionFailed(e);
        }
    }
}
