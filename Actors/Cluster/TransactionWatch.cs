using System.Globalization;

namespace ActorPerf.Cluster;

/// <summary>Looks now and then for a transaction that somebody left open in the database, and has this node say so: in its log once for each, in its health for as long as it is there.</summary>
internal sealed class TransactionWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(30);

    private readonly IFeedStore _store;
    private readonly TimeSpan _long;
    private readonly Action<string?> _tell;
    private readonly ILogger _log;
    private int _told;

    /// <param name="length">From here on a transaction counts as left open.</param>
    /// <param name="tell">Takes what is wrong, in words; null: nothing.</param>
    public TransactionWatch(IFeedStore store, TimeSpan length, Action<string?> tell, ILogger log)
    {
        (_store, _long, _tell, _log) = (store, length, tell, log);
        Receive<Look>(_ => LookOn());
        Receive<Seen>(seen => Judge(seen.Oldest));
        Receive<Status.Failure>(_ => Judge(null));      // a store that is away is told of by those who need it
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartSingleTimer(Look.Instance, Look.Instance, Period);

    private TimeSpan Period => _long / 2 < LongestPeriod ? _long / 2 : LongestPeriod;

    private void LookOn() => _ = _store.OldestTransactionAsync(CancellationToken.None).PipeTo(Self, success: static oldest => new Seen(oldest));

    private void Judge(OpenTransaction? oldest)
    {
        Timers.StartSingleTimer(Look.Instance, Look.Instance, Period);      // after the answer: looks never pile up
        if (oldest is null || oldest.Open < _long)
        {
            _told = 0;
            _tell(null);
            return;
        }
        var words = Words(oldest);
        _tell(words);
        if (_told != oldest.Process) _log.LeftOpen(words);
        _told = oldest.Process;
    }

    private static string Words(OpenTransaction oldest) => string.Create(CultureInfo.InvariantCulture,
        $"A transaction of {(oldest.Program.Length == 0 ? "a program without a name" : $"'{oldest.Program}'")} has been open in the database for {Length(oldest.Open)}: {(oldest.Writes ? "streams of events wait for it, and " : "")}what changed since cannot be vacuumed, so tables grow. If it was forgotten, end it: SELECT pg_terminate_backend({oldest.Process})");

    private static string Length(TimeSpan open) => open < TimeSpan.FromMinutes(2) ? string.Create(CultureInfo.InvariantCulture, $"{open.TotalSeconds:0} s") : string.Create(CultureInfo.InvariantCulture, $"{open.TotalMinutes:0} min");

    private sealed record Seen(OpenTransaction? Oldest);

    private sealed class Look
    {
        public static Look Instance { get; } = new();
    }
}
