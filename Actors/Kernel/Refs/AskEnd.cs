namespace ActorPerf.Kernel;

/// <summary>A question that time or cancellation may end.</summary>
internal interface IEndable
{
    void TimedOut(TimeSpan timeout);

    void Cancelled(CancellationToken token);
}

/// <summary>What may end a question before its answer: an alarm and a registration, both given back with <see cref="Release"/>.</summary>
internal sealed class AskEnd(IEndable question, TimeSpan timeout) : LaneAlarm, IAlarmClock
{
    private IDisposable? _alarm;
    private CancellationTokenRegistration _registration;

    /// <summary>Begins to wait. The question may end before this returns; who set it then releases once more.</summary>
    public void Start(ActorSystemImpl system, CancellationToken cancellation)
    {
        if (timeout != Timeout.InfiniteTimeSpan && !system.TryEnterLane(this, timeout)) _alarm = system.StartAlarm(this, timeout);
        if (cancellation.CanBeCanceled)
        {
            _registration = cancellation.UnsafeRegister(static (state, token) => ((IEndable)state!).Cancelled(token), question);
        }
    }

    public override void Ring() => question.TimedOut(timeout);

    /// <summary>Any number of times, from any thread.</summary>
    public void Release()
    {
        LeaveLane();
        _alarm?.Dispose();
        _registration.Unregister();
    }
}
