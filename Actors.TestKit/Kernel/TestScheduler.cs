namespace ActorPerf.TestKit;

/// <summary>Virtual time: nothing scheduled happens before <see cref="Advance"/>, and then on its thread, in the order of the times.
/// Choose it with <c>akka.scheduler.implementation</c> and the type's assembly-qualified name.</summary>
public class TestScheduler : ActorPerf.Kernel.IScheduler, ActorPerf.Kernel.IAdvancedScheduler
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Entry, (DateTimeOffset Due, long Order)> _entries = new();
    private readonly DateTimeOffset _start = DateTimeOffset.UnixEpoch.AddYears(56);
    private DateTimeOffset _now;
    private long _order;

    public TestScheduler(Config schedulerConfig)
    {
        ArgumentNullException.ThrowIfNull(schedulerConfig);
        _now = _start;
    }

    public IAdvancedScheduler Advanced => this;

    public DateTimeOffset Now
    {
        get
        {
            lock (_gate) return _now;
        }
    }

    public TimeSpan MonotonicClock => Now - _start;

    public TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <summary>Moves time forward and does what becomes due.</summary>
    public void Advance(TimeSpan offset) => AdvanceTo(Now + offset);

    public void AdvanceTo(DateTimeOffset when)
    {
        while (TakeDue(when) is { } action) action();
        lock (_gate)
        {
            if (when > _now) _now = when;
        }
    }

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        ScheduleOnce(delay, () => receiver.Tell(message, sender), cancelable);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        ScheduleRepeatedly(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) => Enter(new Entry(action, null, cancelable), delay);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) => ScheduleRepeatedly(initialDelay, interval, action, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Enter(new Entry(action, interval, cancelable), initialDelay);
    }

    private void Enter(Entry entry, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        lock (_gate) _entries.Enqueue(entry, (_now + delay, _order++));
    }

    private Action? TakeDue(DateTimeOffset when)
    {
        lock (_gate)
        {
            while (_entries.TryPeek(out var entry, out var at) && at.Due <= when)
            {
                _entries.Dequeue();
                if (entry.Cancelable?.IsCancellationRequested == true) continue;
                if (at.Due > _now) _now = at.Due;
                if (entry.Interval is { } interval) _entries.Enqueue(entry, (_now + interval, _order++));
                return entry.Action;
            }
            return null;
        }
    }

    private sealed record Entry(Action Action, TimeSpan? Interval, ICancelable? Cancelable);
}
