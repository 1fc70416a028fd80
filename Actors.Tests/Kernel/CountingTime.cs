namespace ActorPerf.Tests.Kernel;

/// <summary>Counts the timers that were made and not yet given back.</summary>
internal sealed class CountingTime(TimeProvider inner) : TimeProvider
{
    private int _living;

    public int Living => Volatile.Read(ref _living);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _living);
        return new Counted(this, inner.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class Counted(CountingTime time, ITimer timer) : ITimer
    {
        private int _returned;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0) Interlocked.Decrement(ref time._living);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return timer.DisposeAsync();
        }
    }
}
