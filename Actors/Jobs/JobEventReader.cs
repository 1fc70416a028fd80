using ActorPerf.Cluster;

namespace ActorPerf.Jobs;

/// <summary>Where several nodes share a database: brings the changes of all of them, in the feed's order, to those who follow jobs on this one.</summary>
/// <remarks>
/// A reader of the second kind (<see cref="IFeedStore"/>): it stops at the horizon, so a place that was told can be resumed behind. It reads only while somebody follows.
/// Who comes while a slice is being read is taken in behind it, so that nothing falls between what was read before for him and what he is told. Progress and log lines
/// of this node's runs come from the tracker; those of other nodes are read once a second from what they stored (<see cref="RunNote"/>).
/// </remarks>
internal sealed class JobEventReader : ReceiveActor, IWithTimers
{
    private const int Page = 500;
    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    private readonly IFeedStore _feed;
    private readonly IJobStore _store;
    private readonly IActorRef _tracker;
    private readonly RunningAttempts _running;
    private readonly TimeSpan _poll;
    private readonly ILogger _log;
    private readonly List<JobSubscription> _followers = [];
    private readonly List<JobSubscription> _coming = [];
    private FeedPlace? _after;      // told up to here; null while nobody follows
    private bool _busy;
    private bool _again;
    private NoteCursor? _heard;     // null until the store's time is known, and while nobody follows
    private bool _listening;

    /// <param name="tracker">Tells followers.</param>
    /// <param name="running">What runs here, and is told of by the tracker.</param>
    public JobEventReader(IFeedStore feed, IJobStore store, IActorRef tracker, RunningAttempts running, TimeSpan poll, ILogger log)
    {
        (_feed, _store, _tracker, _running, _poll, _log) = (feed, store, tracker, running, poll, log);
        Receive<EventCommand.Start>(start => Start(start.Follower));
        Receive<EventCommand.Stop>(stop => Stop(stop.Follower));
        Receive<EventCommand.Look>(_ => Look());
        Receive<EventCommand.Came>(_ => Arrive());
        Receive<FeedNews.Hint>(_ => Look());
        Receive<EventCommand.Listen>(_ => Listen());
        Receive<EventCommand.Noted>(Noted);
        Receive<EventCommand.Deaf>(deaf => Deaf(deaf.Cause));
        Receive<EventCommand.Began>(began => Began(began.Place));
        Receive<EventCommand.Read>(Heard);
        Receive<Status.Failure>(failure => Failed(failure.Cause));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void Start(JobSubscription follower)
    {
        _coming.Add(follower);
        Arrive();
    }

    private void Stop(JobSubscription follower)
    {
        _coming.Remove(follower);
        if (!_followers.Remove(follower) || _followers.Count > 0) return;
        Rest();
    }

    /// <summary>Nobody follows any more.</summary>
    private void Rest()
    {
        (_after, _heard) = (null, null);
        Timers.Cancel(EventCommand.Look.Instance);
        Timers.Cancel(EventCommand.Listen.Instance);
    }

    private void Arrive()
    {
        if (!_busy) TakeIn();
    }

    /// <summary>Nothing is being read: who came meanwhile follows from here.</summary>
    private void TakeIn()
    {
        if (_coming.Count == 0) return;
        if (_after is null)
        {
            _busy = true;
            _ = _feed.EndAsync(CancellationToken.None).PipeTo(Self, success: place => new EventCommand.Began(place));
            return;
        }
        _followers.AddRange(_coming);
        foreach (var follower in _coming) follower.Begin();
        _coming.Clear();
    }

    private void Began(FeedPlace place)
    {
        (_busy, _after) = (false, place);
        Timers.StartPeriodicTimer(EventCommand.Look.Instance, EventCommand.Look.Instance, _poll);
        Timers.StartPeriodicTimer(EventCommand.Listen.Instance, EventCommand.Listen.Instance, Listening);
        Listen();
        TakeIn();
        if (_followers.Count > 0)
        {
            Look();
            return;
        }
        Rest();     // they left while it was asked for
    }

    /// <summary>Reads what runs elsewhere have said since the last time; the first time, from when on that is.</summary>
    private void Listen()
    {
        if (_listening || _after is null) return;
        _listening = true;
        _ = ListenAsync(_heard, [.. _followers]).PipeTo(Self, failure: cause => new EventCommand.Deaf(cause));
    }

    private async Task<EventCommand.Noted> ListenAsync(NoteCursor? heard, JobSubscription[] followers)
    {
        var notes = await _store.ReadNotesAsync(heard?.Since, NoteCursor.Page, CancellationToken.None);
        if (heard is null) return new EventCommand.Noted(null, NoteCursor.At(notes.Now), []);
        var (fresh, next) = heard.Hear(notes);
        var told = await FeedEvents.LoadAsync(_store, fresh, _running, note => Array.Exists(followers, follower => follower.MayWant(note)), CancellationToken.None);
        return new EventCommand.Noted(heard, next, told);
    }

    private void Noted(EventCommand.Noted noted)
    {
        _listening = false;
        if (_after is null || _heard != noted.Before) return;
        _heard = noted.Next;
        if (noted.Told.Count > 0) _tracker.Tell(new TrackerCommand.Happened(noted.Told));
    }

    /// <summary>What was not heard is heard with the next look.</summary>
    private void Deaf(Exception cause)
    {
        _listening = false;
        _log.EventsAway(cause, (long)Listening.TotalMilliseconds);
    }

    private void Look()
    {
        if (_after is not { } after) return;
        _again = _busy;
        if (_busy) return;
        _busy = true;
        _ = ReadAsync(after, [.. _followers]).PipeTo(Self);
    }

    private async Task<EventCommand.Read> ReadAsync(FeedPlace after, JobSubscription[] followers)
    {
        var slice = await _feed.ReadAsync(after, except: null, Page, CancellationToken.None);
        var told = await FeedEvents.LoadAsync(
            _store, slice.Rows.Where(row => row.Place <= slice.Horizon), row => Array.Exists(followers, follower => follower.MayWant(row)), CancellationToken.None);
        return new EventCommand.Read(after, slice, told);
    }

    private void Heard(EventCommand.Read read)
    {
        var (again, more) = (_again, false);
        (_busy, _again) = (false, false);
        if (_after == read.After)
        {
            if (read.Slice.Pruned) _tracker.Tell(TrackerCommand.Missed.Instance);
            if (read.Told.Count > 0) _tracker.Tell(new TrackerCommand.Happened(read.Told));
            if (read.Slice.Complete > read.After) _after = read.Slice.Complete;
            // Behind the horizon there is nothing to go on with until it moves.
            more = read.Slice.More && read.Slice.Complete < read.Slice.Horizon;
        }
        TakeIn();
        if (more) Look();
        else if (again) Timers.StartSingleTimer(Breath, EventCommand.Look.Instance, Breath);
    }

    private void Failed(Exception cause)
    {
        _busy = false;
        _log.EventsAway(cause, (long)_poll.TotalMilliseconds);
        // The poll's next look goes on; who could not be taken in yet has none.
        if (_after is null) Timers.StartSingleTimer(EventCommand.Came.Instance, EventCommand.Came.Instance, _poll);
        else TakeIn();
    }
}

/// <summary>What can be asked of the reader of events.</summary>
internal abstract record EventCommand
{
    private EventCommand()
    {
    }

    /// <summary>Somebody follows; told by <see cref="JobSubscription.Begun"/> from when on.</summary>
    public sealed record Start(JobSubscription Follower) : EventCommand;

    public sealed record Stop(JobSubscription Follower) : EventCommand;

    /// <summary>There may be news.</summary>
    public sealed record Look : EventCommand
    {
        public static Look Instance { get; } = new();
    }

    /// <summary>Those who came are to be taken in, which failed before.</summary>
    public sealed record Came : EventCommand
    {
        public static Came Instance { get; } = new();
    }

    public sealed record Began(FeedPlace Place) : EventCommand;

    /// <summary>Runs elsewhere may have said something.</summary>
    public sealed record Listen : EventCommand
    {
        public static Listen Instance { get; } = new();
    }

    public sealed record Noted(NoteCursor? Before, NoteCursor Next, IReadOnlyList<ToldJob> Told) : EventCommand;

    public sealed record Deaf(Exception Cause) : EventCommand;

    public sealed record Read(FeedPlace After, FeedSlice Slice, IReadOnlyList<ToldJob> Told) : EventCommand;
}
