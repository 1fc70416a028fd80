using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>One shard of the cache: lets one computation per key fly at a time (single flight) and keeps what comes back.</summary>
/// <remarks>Sole owner of its flights, their waiters and its part of the memo table, so there is no lock; hits are read beside it, without a
/// message. A failed flight reaches every waiter and is never stored. A flight belongs to nobody who waits: it runs under a context and a token
/// of its own, cancelled when the last waiter has left, unless it refreshes in the background. When too many wait it says so at once, and nothing piles up here.</remarks>
internal sealed partial class CachingActor : ReceiveActor
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinedSnooze = TimeSpan.FromSeconds(1);
    private const int SweepAtOnce = 1_000;
    private const int MaxFailureMarks = 10_000;

    private readonly MemoTable _table;
    private readonly MemoShard _memo;
    private readonly CacheBooks _books;
    private readonly ComputeDirectory _pools;
    private readonly CacheOptions _options;
    private readonly SecondLevel? _second;
    private readonly ShardHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<CacheKey, Flight> _flights = [];
    private readonly HashSet<Flight> _airborne = [];                       // those of _flights, and those of one caller
    private readonly Dictionary<object, LandedValue> _landed = [];         // by the job's ticket
    private readonly Dictionary<CacheKey, LandedValue> _landedByKey = [];
    private readonly FailureMarks _failures = new(MaxFailureMarks);
    private ICancelable? _sweeping;
    private int _waiting;                                                  // over all flights; callers never above options.MaxWaiters

    public CachingActor(ShardParts parts, int index)
    {
        (_table, _books, _pools, _options, _second, _time, _log) = (parts.Table, parts.Books, parts.Pools, parts.Options, parts.Second, parts.Time, parts.Log);
        (_memo, _health) = (parts.Table.Shards[index], parts.Health[index]);
        Receive<FlightCommand.Join>(Join);
        Receive<FlightCommand.Refresh>(refresh => Refresh(refresh.Launch));
        Receive<CacheCommand.RunJob>(job => RunJob(job, Sender));
        Receive<AttemptEnded>(ended => Land((Flight)ended.Ticket, ended.Outcome, ended.Took));
        Receive<CacheCommand.Settled>(Settle);
        Receive<FlightCommand.Leave>(leave => Leave(leave.Waiter));
        Receive<FlightCommand.Detach>(detach => Detach(detach.Caller));
        Receive<FlightCommand.Recalled>(Recalled);
        Receive<FlightCommand.NotStored>(lost => _log.NotStored(lost.Key.Namespace.Name, lost.Key.Task, lost.Fault));
        Receive<GateReply.Busy>(busy => CouldNotStart((Flight)busy.Ticket, busy.RetryAfter));
        Receive<FlightCommand.Expired>(expired => TimeIsUp(expired.Flight));
        Receive<FlightCommand.Overdue>(overdue => GiveUp(overdue.Flight));
        Receive<FlightCommand.Unsettled>(unsettled => Drop(unsettled.Value));
        Receive<FlightCommand.Forget>(Forget);
        Receive<FlightCommand.Reclaim>(_ => Reclaim());
        Receive<FlightCommand.ReclaimOn>(_ => ReclaimOn());
        Receive<FlightCommand.Sweep>(_ => Sweep());
        Receive<Status.Success>(static _ => { });      // a write to the second level
        Receive<Status.Failure>(failure => _log.CallbackFailed(failure.Cause));
    }

    protected override void PreStart() => _sweeping = Context.System.Scheduler.ScheduleTellRepeatedlyCancelable(
        SweepInterval, SweepInterval, Self, FlightCommand.Sweep.Instance, Self);

    protected override void PostStop()
    {
        _sweeping?.Cancel();
        foreach (var flight in _airborne) Refuse(flight, new Refusal("draining", "The node is stopping; ask another one, or again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) });
    }

    protected override void PreRestart(Exception reason, object message)
    {
        _log.ShardFailed(reason, _waiting);
        var lost = new AttemptOutcome.Failed(new TaskError("lost", "The cache shard that awaited the computation failed. Ask again."));
        foreach (var flight in _airborne)
        {
            GiveBack(flight);
            Cancel(flight);
            EndRefresh(flight);
            Answer(flight, lost, TimeSpan.Zero, result: null);
            Refuse(flight, new Refusal("busy", lost.Error.Message) { RetryAfter = TimeSpan.FromSeconds(1) }); // those who wait for the next one
        }
        _airborne.Clear();
        base.PreRestart(reason, message);
    }

    // Callers

    private void Join(FlightCommand.Join join)
    {
        var (launch, caller) = (join.Launch, join.Caller);
        if (launch.Key is not { } key)
        {
            if (IsFull) RefuseOne(caller);
            else Start(launch, caller, book: null);
            return;
        }
        var book = _books.Of(launch.Namespace, launch.Task);
        if (TryAnswer(launch, book, caller)) return;
        if (Landed(key, join.Directive) is { } landed)
        {
            book.CountJoined();
            caller.Tell(new ComputeOutcome.Found(landed.Result, CacheSource.Collapsed));
        }
        else if (IsFull)
        {
            RefuseOne(caller);
        }
        else if (_flights.TryGetValue(key, out var flight))
        {
            Await(flight, launch, join.Directive.NoCache, caller);
        }
        else if (!join.Directive.NoCache && Throttled(key) is { } mark)
        {
            book.CountMiss();
            caller.Tell(new ComputeOutcome.Failed(mark.Error) { RetryAfter = _time.GetElapsedTime(_table.Now, mark.RetryAt) });
        }
        else
        {
            book.CountMiss();
            Start(launch with { Anew = join.Directive.NoCache }, caller, book);
        }
    }

    /// <summary>Looks again: an entry may have come while the call was on its way.</summary>
    private bool TryAnswer(Launch launch, TaskBook book, Caller caller)
    {
        if (launch.Key is null || _memo.Get(launch.Key) is not { } entry) return false;
        switch (_table.Read(entry, caller.Directive))
        {
            case EntryAnswer.Hit:
            case EntryAnswer.HitAndRefresh:      // the next one that reads it beside the shard starts it
                caller.Tell(entry.AnswerHit());
                return true;
            case EntryAnswer.Stale:
                caller.Tell(Stale(entry));
                return true;
            case EntryAnswer.StaleAndRefresh:
                if (entry.TryBeginRefresh(_table.Now, _table.ToTicks(ComputeService.LongestRefresh))) Refresh(launch);
                caller.Tell(Stale(entry));
                return true;
            default:
                return false;
        }
    }

    private static ComputeOutcome.Found Stale(MemoEntry entry)
    {
        entry.Book.CountStale();
        return new ComputeOutcome.Found(entry.Result, CacheSource.Stale) { LastError = entry.LastError };
    }

    private bool IsFull => _waiting >= _options.MaxWaiters;

    private static void RefuseOne(Caller caller) => caller.Tell(new ComputeOutcome.Refused(
        new Refusal("busy", "Too many callers wait for computations on this node. Ask again in 1 s, or raise actorperf.cache.max-waiters.") { RetryAfter = TimeSpan.FromSeconds(1) }));

    private FailureMark? Throttled(CacheKey key) => _table.Now is var now && _failures.Of(key, now) is { } mark && now < mark.RetryAt ? mark : null;

    /// <summary>A job's value that the call may have although the job has not committed: as fresh as an entry would have to be.</summary>
    private LandedValue? Landed(CacheKey key, in CacheDirective call) =>
        _landedByKey.TryGetValue(key, out var landed) && landed.Flight.IsCurrent && _table.IsHit(landed.LandedAt, landed.Memoize.Duration, call) ? landed : null;

    /// <summary>Joins a flight under way, or the next one where this one may not answer: it was cancelled, its data were invalidated, or the
    /// caller wants a computation that starts after its call.</summary>
    private void Await(Flight flight, Launch launch, bool anew, Waiter waiter)
    {
        _waiting++;
        waiter.Flight = flight;
        if (flight.IsJoinable && !anew)
        {
            flight.Add(waiter);
            flight.Trace?.Join(waiter.Span);
            if (waiter is JobWaiter job) flight.Context.Join(job.Job.Attempt.Context);
            else flight.Context.Share();
            if (!launch.Quiet) Hasten(flight);
            flight.Book?.CountJoined();      // last: whom the numbers tell of hears what the task says from now on
            return;
        }
        waiter.TakesThisOne = flight.IsCurrent && !anew;
        flight.Later.Add(waiter);
        // Whoever of those that wait wants the most decides for all of them.
        flight.Next = launch with { Anew = launch.Anew || anew || flight.Next is { Anew: true }, Quiet = launch.Quiet && flight.Next is not { Quiet: false } };
    }

    /// <summary>Somebody waits for a computation that let everybody else go before.</summary>
    private void Hasten(Flight flight)
    {
        if (!flight.Quiet) return;
        flight.Quiet = false;
        if (flight.Begin is null) flight.Gate.Tell(new GateCommand.Hasten(flight), Self);
    }

    /// <summary>One flight in the background, unless one is under way or the entry has been replaced meanwhile.</summary>
    private void Refresh(Launch launch)
    {
        if (launch.Key is not { } key || _flights.ContainsKey(key)) return; // its landing ends the refresh
        if (_memo.Get(key) is not { } entry || entry.Life.At(_table.Now) == EntryPhase.Fresh) return;
        entry.Book.CountRefresh();
        Start(launch with { Anew = true }, starter: null, entry.Book);
    }

    private void EndRefresh(Flight flight)
    {
        if (flight.Key is { } key) _memo.Get(key)?.EndRefresh();
    }

    // Jobs

    private void RunJob(CacheCommand.RunJob job, IActorRef holder)
    {
        var attempt = job.Attempt;
        var book = _books.Of(job.Key.Namespace, attempt.Task);
        var waiter = new JobWaiter(job, holder);
        if (_memo.Get(job.Key) is { } hit && _table.Read(hit, default) is EntryAnswer.Hit or EntryAnswer.HitAndRefresh)
        {
            hit.AnswerHit();
            job.Gate.Tell(new GateCommand.Return(1), holder);
            waiter.Tell(new AttemptOutcome.Succeeded(hit.Result.Json), TimeSpan.Zero, CacheSource.Hit, Self);
        }
        else if (Landed(job.Key, default) is { } landed)
        {
            book.CountJoined();
            job.Gate.Tell(new GateCommand.Return(1), holder);
            waiter.Tell(new AttemptOutcome.Succeeded(landed.Result.Json), landed.Result.Duration, CacheSource.Collapsed, Self);
        }
        else if (_flights.TryGetValue(job.Key, out var flight) && !IsFull && attempt.Task.Memoize is not null)
        {
            job.Gate.Tell(new GateCommand.Return(1), holder);
            Await(flight, AsLaunch(job), anew: false, waiter);
            LeaveWhenCancelled(waiter);
        }
        else
        {
            // Where too many wait the job runs beside the flight of its key: its permit bounds that.
            var alone = flight is not null || attempt.Task.Memoize is null;
            if (!alone) book.CountMiss();
            var own = Take(AsLaunch(job) with { Key = alone ? null : job.Key }, job.Gate, alone ? null : book, waiter, attempt.Context);
            LeaveWhenCancelled(waiter);
            waiter.TookPermit = true;
            own.Begin = () => own.Gate.Tell(new GateCommand.StartJob(AttemptOf(own, attempt.Args, new FlightChain(job.Key, null), limit: null), Self), holder);
            RecallOrBegin(own, anew: false);
        }
    }

    private void LeaveWhenCancelled(JobWaiter waiter)
    {
        var self = Self;
        waiter.Cancelled = waiter.Job.Attempt.Cancellation.UnsafeRegister(
            static state =>
            {
                if (state is (IActorRef self, JobWaiter waiter)) self.Tell(new FlightCommand.Leave(waiter), self);
            }, (self, waiter));
    }

    /// <summary>What starts the next flight when a job waits for it. It takes a permit like a caller: the job has given its own back.</summary>
    private static Launch AsLaunch(CacheCommand.RunJob job) => new(job.Key, job.Key.Namespace, job.Attempt.Task, job.Attempt.Args, null) { Span = job.Attempt.Trace?.Above };
}
