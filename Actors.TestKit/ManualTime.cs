namespace ActorPerf.TestKit;

/// <summary>A clock that stands still until it is told to go on. Timers ring inside <see cref="Advance"/>, in the order of their times.</summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Alarm, (DateTimeOffset Due, long Order)> _alarms = new();
    private DateTimeOffset _now;
    private long _order;

    /// <param name="start">The first reading; noon of 1 January 2026 UTC unless given.</param>
    public ManualTime(DateTimeOffset? start = null) => _now = start ?? new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Moves the clock forward and rings what becomes due, on this thread.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        DateTimeOffset end;
        lock (_gate) end = _now + by;
        while (TakeDue(end) is { } alarm) alarm.Ring();
        lock (_gate)
        {
            if (end > _now) _now = end;
        }
    }

    /// <summary>How long until the next timer rings; null when none is set.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_gate)
            {
                while (_alarms.TryPeek(out var alarm, out var at))
                {
                    if (alarm.IsSetFor(at.Order)) return at.Due > _now ? at.Due - _now : TimeSpan.Zero;
                    _alarms.Dequeue();
                }
                return null;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    private Alarm? TakeDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            while (_alarms.TryPeek(out var alarm, out var at) && at.Due <= end)
            {
                _alarms.Dequeue();
                if (!alarm.IsSetFor(at.Order)) continue;
                if (at.Due > _now) _now = at.Due;
                alarm.Taken();
                return alarm;
            }
            return null;
        }
    }

    private long Enter(Alarm alarm, TimeSpan delay)
    {
        var order = ++_order;
        _alarms.Enqueue(alarm, (_now + delay, order));
        return order;
    }

    private sealed class Alarm(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _setFor;              // the entry that counts; others in the queue are of earlier settings
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public bool IsSetFor(long order) => _setFor == order;

        public void Ring() => callback(state);

        public void Taken() => _setFor = _period == Timeout.InfiniteTimeSpan ? 0 : time.Enter(this, _period);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                _period = period;
                _setFor = dueTime == Timeout.InfiniteTimeSpan ? 0 : time.Enter(this, dueTime);
            }
            return true;
        }

        public void Dispose()
        {
            lock (time._gate) _setFor = 0;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
