namespace ActorPerf.Kernel;

/// <summary>Calls off what was scheduled with it.</summary>
public class Cancelable : ICancelable, IDisposable
{
    private readonly IActionScheduler _scheduler;
    private volatile bool _cancelled;
    private CancellationTokenSource? _source;      // made when somebody asks for the token
    private IDisposable? _timer;                   // the alarm that belongs to this, disposed with the cancellation

    public Cancelable(IScheduler scheduler) : this(scheduler.Advanced) { }

    public Cancelable(IActionScheduler scheduler) => _scheduler = scheduler;

    public Cancelable(IScheduler scheduler, TimeSpan delay) : this(scheduler.Advanced, delay) { }

    public Cancelable(IScheduler scheduler, int millisecondsDelay) : this(scheduler.Advanced, TimeSpan.FromMilliseconds(millisecondsDelay)) { }

    public Cancelable(IActionScheduler scheduler, TimeSpan delay) : this(scheduler) => CancelAfter(delay);

    public bool IsCancellationRequested => _cancelled;

    public bool IsDisposed { get; private set; }

    public CancellationToken Token
    {
        get
        {
            var source = Volatile.Read(ref _source);
            if (source is null)
            {
                source = new CancellationTokenSource();
                source = Interlocked.CompareExchange(ref _source, source, null) ?? source;
            }
            if (_cancelled) source.Cancel();
            return source.Token;
        }
    }

    public void Cancel() => Cancel(false);

    public void Cancel(bool throwOnFirstException)
    {
        _cancelled = true;
        Interlocked.Exchange(ref _timer, null)?.Dispose();
        Volatile.Read(ref _source)?.Cancel(throwOnFirstException);
    }

    public void CancelAfter(TimeSpan delay) => _scheduler.ScheduleOnce(delay, Cancel);

    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    /// <summary>One that is cancelled already.</summary>
    public static ICancelable CreateCanceled()
    {
        var cancelled = new Cancelable(NoScheduler.Instance);
        cancelled.Cancel();
        return cancelled;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || IsDisposed) return;
        IsDisposed = true;
        _source?.Dispose();
    }

    /// <summary>Gives up <paramref name="timer"/> with the cancellation, at once if that has already been.</summary>
    internal void Own(IDisposable timer)
    {
        Interlocked.Exchange(ref _timer, timer)?.Dispose();
        if (_cancelled) Interlocked.Exchange(ref _timer, null)?.Dispose();
    }

    private sealed class NoScheduler : IActionScheduler
    {
        public static NoScheduler Instance { get; } = new();

        public void ScheduleOnce(TimeSpan delay, Action action) { }

        public void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) { }

        public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) { }

        public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) { }
    }
}
