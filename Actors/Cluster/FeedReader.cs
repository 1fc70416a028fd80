namespace ActorPerf.Cluster;

/// <summary>Reads what other nodes wrote, and tells this node's actors (<see cref="FeedNews"/>).</summary>
/// <remarks>
/// A reader of the first kind (<see cref="IFeedStore"/>): it takes rows also behind the horizon, so that a long transaction somewhere holds up nobody, remembers which of those
/// it has told, and begins each look where everything was seen. Hints make it look at once, one look at a time; while it reads, they gather. Without hints it looks every poll period.
/// Bounded: at most <see cref="MaxRemembered"/> rows behind the horizon are told; more wait until it moves.
/// </remarks>
internal sealed class FeedReader : ReceiveActor, IWithTimers
{
    public const int MaxRemembered = 100_000;

    private const int Page = 1_000;

    // Between looks that hints ask for: a writer that commits without pause is followed in batches.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    private readonly IFeedStore _store;
    private readonly TimeSpan _poll;
    private readonly ILogger _log;
    private readonly HashSet<FeedPlace> _told = [];      // behind _safe
    private FeedPlace _safe;       // up to here everything was seen
    private FeedPlace _from;       // where the read under way began
    private bool _reading;
    private bool _again;
    private bool _away;

    /// <param name="from">What is older is known: the node's state was read from the store after it.</param>
    /// <param name="poll">How often it looks without a hint.</param>
    public FeedReader(IFeedStore store, FeedPlace from, TimeSpan poll, ILogger log)
    {
        (_store, _safe, _poll, _log) = (store, from, poll, log);
        Receive<Look>(_ => LookOn());
        Receive<FeedSlice>(Heard);
        Receive<Status.Failure>(failure => Failed(failure.Cause));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var (self, news) = (Self, Context.System.EventStream);
        _store.Changed = () =>
        {
            self.Tell(Look.Instance, ActorRefs.NoSender);
            news.Publish(FeedNews.Hint.Instance);
        };
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, _poll);
        LookOn();
    }

    protected override void PostStop() => _store.Changed = null;

    private void LookOn()
    {
        _again = _reading;
        if (_reading) return;
        _reading = true;
        ReadFrom(_safe);
    }

    private void ReadFrom(FeedPlace from)
    {
        _from = from;
        _ = _store.ReadAsync(from, _store.Origin, Page, CancellationToken.None).PipeTo(Self);
    }

    private void Heard(FeedSlice slice)
    {
        if (_away) _log.FeedBack();
        _away = false;
        if (slice.Pruned) Context.System.EventStream.Publish(FeedNews.Gap.Instance);
        if (slice.Pruned && _from == _safe && slice.Complete < _safe) GoBack(slice.Complete);
        var news = _told.Count == 0 ? slice.Rows : [.. slice.Rows.Where(row => !_told.Contains(row.Place))];
        if (news.Count > 0) Context.System.EventStream.Publish(new FeedNews.Rows(news));
        if (_from <= _safe && slice.Complete > _safe)
        {
            _safe = slice.Complete;
            if (_told.Count > 0) _told.RemoveWhere(place => place <= _safe);
        }
        foreach (var row in news)
            if (row.Place > _safe) _told.Add(row.Place);
        if (slice.More && _told.Count < MaxRemembered) ReadFrom(slice.Rows[^1].Place);
        else Rest();
    }

    /// <summary>The database is an older one than was read before: what comes next is numbered below what was seen.</summary>
    private void GoBack(FeedPlace horizon)
    {
        _log.FeedWentBack();
        _safe = horizon;
        _told.Clear();
    }

    private void Failed(Exception cause)
    {
        // Once: it is asked again every poll period, and says so when it answers.
        if (!_away) _log.FeedAway(cause, (long)_poll.TotalMilliseconds);
        _away = true;
        _again = false;
        Rest();
    }

    private void Rest()
    {
        _reading = false;
        if (_again) Timers.StartSingleTimer(Breath, Look.Instance, Breath);
        _again = false;
    }

    private sealed class Look
    {
        public static Look Instance { get; } = new();
    }
}
