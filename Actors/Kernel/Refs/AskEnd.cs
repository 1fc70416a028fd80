namespace ActorPerf.Kernel;

/// <summary>A question that time or cancellation may end.</summary>
internal interface IEndable
{
    void TimedOut(TimeSpan timeout);

    void Cancelled(CancellationToken token);
}

/// <summary>What may end a question before its answer: an alarm and a registration, both given back with <see cref="Release"/>.</summary>
internal sealed class AskEnd : IAlarmClock
{
    private readonly IEndable _question;
    private readonly TimeSpan _timeout;
    private readonly IDisposable? _alarm;
    private readonly CancellationTokenRegistration _registration;

    public AskEnd(IEndable question, ActorSystemImpl system, TimeSpan timeout, CancellationToken cancellation)
    {
        _question = question;
        _timeout = timeout;
        if (timeout != Timeout.InfiniteTimeSpan) _alarm = system.StartAlarm(this, timeout);
        if (cancellation.CanBeCanceled)
        {
            _registration = cancellation.UnsafeRegister(static (state, token) => ((IEndable)state!).Cancelled(token), question);
        }
    }

    public void Ring() => _question.TimedOut(_timeout);

    public void Release()
    {
        _alarm?.Dispose();
        _registration.Unregister();
    }
}
