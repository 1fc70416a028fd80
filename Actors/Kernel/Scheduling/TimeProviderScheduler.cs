using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>Alarms on a <see cref="TimeProvider"/>: real time in a node, virtual time where the provider is a manual one.</summary>
internal sealed class TimeProviderScheduler(TimeProvider time, ILogger log) : IScheduler, IAdvancedScheduler, IDisposable
{
    private readonly long _started = time.GetTimestamp();
    private volatile bool _stopped;

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

    /// <summary>No alarm rings any more.</summary>
    public void Dispose() => _stopped = true;

    private void Arm(Alarm alarm, TimeSpan delay, TimeSpan? interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (interval is { } every) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(every, TimeSpan.Zero, nameof(interval));
        if (_stopped || alarm.IsCancelled) return;
        alarm.Start(time, delay, interval);
    }

    private sealed class Alarm(TimeProviderScheduler owner, Action action, ICancelable? cancelable)
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
            if (cancelable is Cancelable own) own.Own(_timer);
            _timer.Change(delay, interval ?? Timeout.InfiniteTimeSpan);
        }

        private void Ring()
        {
            if (!_repeats || IsCancelled || owner._stopped) _timer?.Dispose();
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
