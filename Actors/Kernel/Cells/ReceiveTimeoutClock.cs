namespace ActorPerf.Kernel;

/// <summary>Notices that an actor got no message for a while. Messages only leave a time stamp; one timer at a time looks at it.</summary>
internal sealed class ReceiveTimeoutClock(ActorCell cell, TimeSpan timeout)
{
    private TimeSpan _last = cell.System.Scheduler.MonotonicClock;
    private Cancelable? _timer;
    private bool _sent;                    // one ReceiveTimeout per silence is under way

    public TimeSpan Timeout => timeout;

    public void Start() => Arm(timeout);

    public void Stop() => _timer?.Cancel();

    /// <summary>A message was handled; most of them begin the silence anew.</summary>
    public void Handled(object message)
    {
        if (message is INotInfluenceReceiveTimeout or TimerTick { Message: INotInfluenceReceiveTimeout }) return;
        _last = cell.System.Scheduler.MonotonicClock;
        if (!_sent) return;
        _sent = false;
        Arm(timeout);
    }

    /// <summary>The timer fired: either so much time has passed, or it is set for the rest.</summary>
    public void Check(bool busy)
    {
        var left = timeout - (cell.System.Scheduler.MonotonicClock - _last);
        if (busy)
        {
            Arm(timeout);
        }
        else if (left > TimeSpan.Zero)
        {
            Arm(left);
        }
        else
        {
            _sent = true;
            cell.Self.Tell(ReceiveTimeout.Instance, cell.Self);
        }
    }

    private void Arm(TimeSpan delay)
    {
        _timer?.Cancel();
        var timer = new Cancelable(cell.System.Scheduler);
        _timer = timer;
        cell.System.Scheduler.Advanced.ScheduleOnce(delay, () => cell.PostSystem(new SystemMessage.ReceiveTimeoutCheck()), timer);
    }
}
