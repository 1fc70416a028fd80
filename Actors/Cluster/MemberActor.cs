namespace ActorPerf.Cluster;

/// <summary>Keeps this node's member row: its status, and every ten seconds its load.</summary>
internal sealed class MemberActor : ReceiveActor, IWithTimers
{
    /// <summary>How often the row is renewed.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly IMemberStore _store;
    private readonly Func<Member> _self;
    private readonly ILogger _log;
    private bool _writing;

    public MemberActor(IMemberStore store, Func<Member> self, ILogger log)
    {
        _store = store;
        _self = self;
        _log = log;
        Receive<Beat>(_ => Write());
        Receive<Status.Success>(_ => _writing = false);
        Receive<Status.Failure>(Failed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Beat.Instance, Beat.Instance, Period);
        Write();
    }

    private void Write()
    {
        if (_writing) return;      // the store is slow; the row's age tells it
        _writing = true;
        _ = WriteAsync().PipeTo(Self, Self);      // its end comes back as a message
    }

    private async Task<Status.Success> WriteAsync()
    {
        await _store.WriteAsync(_self(), CancellationToken.None);
        return Status.Success.Instance;
    }

    private void Failed(Status.Failure failure)
    {
        _writing = false;
        _log.HeartbeatFailed(failure.Cause);
    }

    private sealed class Beat
    {
        public static readonly Beat Instance = new();
    }
}
