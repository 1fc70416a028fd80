namespace ActorPerf.Caching;

/// <summary>Deletes from the second level what is over or too much, a little every minute.</summary>
internal sealed class SecondLevelSweeper : ReceiveActor, IWithTimers
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private const int AtOnce = 1_000;

    private readonly ICacheStore _store;
    private readonly long _maxEntries;
    private readonly TimeProvider _time;
    private bool _busy;

    public SecondLevelSweeper(ICacheStore store, long maxEntries, TimeProvider time, ILogger log)
    {
        (_store, _maxEntries, _time) = (store, maxEntries, time);
        Receive<Turn>(_ => Sweep());
        Receive<Swept>(swept =>
        {
            _busy = false;
            if (swept.Count == AtOnce) Sweep();
        });
        Receive<Status.Failure>(failure =>
        {
            _busy = false;
            log.NotSwept(failure.Cause);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(Turn.Instance, Turn.Instance, Period);

    private void Sweep()
    {
        if (_busy) return;
        _busy = true;
        _ = SweepAsync().PipeTo(Self, Self);
    }

    private async Task<Swept> SweepAsync() => new(await _store.SweepAsync(_time.GetUtcNow(), _maxEntries, AtOnce, CancellationToken.None));

    private sealed record Swept(int Count);

    private sealed class Turn
    {
        public static readonly Turn Instance = new();
    }
}
