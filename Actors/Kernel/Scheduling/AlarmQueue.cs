namespace ActorPerf.Kernel;

/// <summary>Alarms that all wait equally long: they ring in the order in which they were set, so one timer, set for the first, serves them all.</summary>
/// <remarks>Most are taken out long before they would ring. The timer is then left as it is: when it fires too soon it is set for what is left,
/// and when nobody waits any more it rests. No alarm rings early, and none later than <see cref="Grain"/> and its timer's own precision.</remarks>
internal sealed class AlarmQueue
{
    /// <summary>Milliseconds by which a cheap clock may lag behind. Reading a precise one costs a tenth of an ask.</summary>
    public const int Grain = 16;

    private readonly TimeProvider _time;
    private readonly bool _isReal;
    private readonly long _wait;           // milliseconds
    private readonly ITimer _timer;
    private LaneAlarm? _first;
    private LaneAlarm? _last;
    private bool _isSet;                   // the timer will fire, or is firing
    private bool _isClosed;

    /// <param name="delay">Above zero.</param>
    public AlarmQueue(TimeProvider time, TimeSpan delay)
    {
        _time = time;
        _isReal = ReferenceEquals(time, TimeProvider.System);
        _wait = (long)Math.Ceiling(delay.TotalMilliseconds) + (_isReal ? Grain : 0);
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static queue => ((AlarmQueue)queue!).RingDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>In milliseconds.</summary>
    private long Now => _isReal ? Environment.TickCount64 : (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Alarms that wait. Counted when asked, for nobody asks often.</summary>
    public int SetAlarms
    {
        get
        {
            lock (Gate)
            {
                var count = 0;
                for (var alarm = _first; alarm is not null; alarm = alarm.Later) count++;
                return count;
            }
        }
    }

    /// <summary>Sets an alarm; false when the queue is closed.</summary>
    public bool TryEnter(LaneAlarm alarm)
    {
        alarm.Due = Now + _wait;
        lock (Gate)
        {
            if (_isClosed) return false;
            alarm.Earlier = _last;
            if (_last is null) _first = alarm;
            else _last.Later = alarm;
            _last = alarm;
            alarm.Queue = this;
            if (_isSet) return true;
            _isSet = true;
            SetTimer(_wait);
            return true;
        }
    }

    /// <summary>Takes an alarm out, if it has not rung.</summary>
    public void Leave(LaneAlarm alarm)
    {
        lock (Gate)
        {
            if (!ReferenceEquals(alarm.Queue, this)) return;
            Unlink(alarm);
            if (_isClosed && _first is null) _timer.Dispose();
        }
    }

    /// <summary>Lets nobody in any more. Who waits is still rung; the timer goes with the last.</summary>
    public void Close()
    {
        lock (Gate)
        {
            _isClosed = true;
            if (_first is null) _timer.Dispose();
        }
    }

    /// <summary>Whether nobody waits. Exact under <see cref="Gate"/> only.</summary>
    public bool IsEmpty => _first is null;

    /// <summary>What each change of it is made under; held by whoever closes several as one.</summary>
    public Lock Gate { get; } = new();

    private void RingDue()
    {
        while (TakeDue() is { } alarm) alarm.Ring();
    }

    /// <summary>The first alarm, if its time has come; otherwise sets the timer anew or lets it rest.</summary>
    private LaneAlarm? TakeDue()
    {
        lock (Gate)
        {
            if (_first is { } first && first.Due <= Now)
            {
                Unlink(first);
                return first;
            }
            _isSet = _first is not null;
            if (_first is { } next) SetTimer(Math.Max(1, next.Due - Now));
            else if (_isClosed) _timer.Dispose();
            return null;
        }
    }

    private void SetTimer(long milliseconds) => _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);

    private void Unlink(LaneAlarm alarm)
    {
        if (alarm.Earlier is null) _first = alarm.Later;
        else alarm.Earlier.Later = alarm.Later;
        if (alarm.Later is null) _last = alarm.Earlier;
        else alarm.Later.Earlier = alarm.Earlier;
        alarm.Earlier = alarm.Later = null;
        alarm.Queue = null;
    }
}
