using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>One shard of the cache: lets one computation per key fly at a time (single flight) and keeps what comes back.</summary>
/// <remarks>Sole owner of its flights, their waiters and its part of the memo table, so there is no lock; hits are read beside it, without a
/// message. A failed flight reaches every waiter and is never stored. A flight belongs to nobody who waits: it runs under a context and a token
/// of its own, cancelled when the last waiter has left. When too many wait it says so at once, and nothing piles up here.</remarks>
internal sealed class CachingActor : ReceiveActor
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinedSnooze = TimeSpan.FromSeconds(1);
    private const int SweepAtOnce = 1_000;

    private readonly MemoTable _table;
    private readonly MemoShard _memo;
    private readonly CacheBooks _books;
    private readonly ComputeDirectory _pools;
    private readonly CacheOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<CacheKey, Flight> _flights = [];
    private readonly HashSet<Flight> _airborne = [];                       // those of _flights, and those of one caller
    private readonly Dictionary<object, LandedValue> _landed = [];         // by the job's ticket
    private readonly Dictionary<CacheKey, LandedValue> _landedByKey = [];
    private ICancelable? _sweeping;
    private int _waiting;                                                  // over all flights; callers never above options.MaxWaiters

    public CachingActor(MemoTable table, MemoShard memo, CacheBooks books, ComputeDirectory pools, CacheOptions options, TimeProvider time, ILogger log)
    {
        (_table, _memo, _books, _pools, _options, _time, _log) = (table, memo, books, pools, options, time, log);
        Receive<FlightCommand.Join>(Join);
        Receive<CacheCommand.RunJob>(job => RunJob(job, Sender));
        Receive<AttemptEnded>(ended => Land((Flight)ended.Ticket, ended.Outcome, ended.Took));
        Receive<CacheCommand.Settled>(Settle);
        Receive<FlightCommand.Leave>(leave => Leave(leave.Waiter));
        Receive<GateReply.Busy>(busy => CouldNotStart((Flight)busy.Ticket, busy.RetryAfter));
        Receive<FlightCommand.Expired>(expired => TimeIsUp(expired.Flight));
        Receive<FlightCommand.Overdue>(overdue => GiveUp(overdue.Flight));
        Receive<FlightCommand.Unsettled>(unsettled => Drop(unsettled.Value));
        Receive<FlightCommand.ForgetKey>(ForgetKey);
        Receive<FlightCommand.ForgetStale>(ForgetStale);
        Receive<FlightCommand.Sweep>(_ => Sweep());
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
            Cancel(flight);
            Answer(flight, lost, TimeSpan.Zero, result: null);
            Refuse(flight, new Refusal("busy", lost.Error.Message) { RetryAfter = TimeSpan.FromSeconds(1) }); // those who wait for the next one
        }
        _airborne.Clear();
        base.PreRestart(reason, message);
    }

    // Callers

    private void Join(FlightCommand.Join join)
    {
        if (join.Key is not { } key)
        {
            if (IsFull) RefuseOne(join.Caller);
            else Start(join, join.Caller, book: null);
            return;
        }
        var book = _books.Of(join.Namespace, join.Task);
        if (!join.Directive.NoCache && Remembered(key, join.Directive.MaxAge) is { } hit)
        {
            book.CountHit();
            hit.Touch();
            join.Caller.Tell(hit.Hit);
        }
        else if (!join.Directive.NoCache && Landed(key) is { } landed)
        {
            book.CountJoined();
            join.Caller.Tell(new ComputeOutcome.Found(landed.Result, CacheSource.Collapsed));
        }
        else if (IsFull)
        {
            RefuseOne(join.Caller);
        }
        else if (_flights.TryGetValue(key, out var flight))
        {
            Await(flight, join, join.Caller);
        }
        else
        {
            book.CountMiss();
            Start(join, join.Caller, book);
        }
    }

    private bool IsFull => _waiting >= _options.MaxWaiters;

    private static void RefuseOne(Caller caller) => caller.Tell(new ComputeOutcome.Refused(
        new Refusal("busy", "Too many callers wait for computations on this node. Ask again in 1 s, or raise actorperf.cache.max-waiters.") { RetryAfter = TimeSpan.FromSeconds(1) }));

    /// <summary>The entry, if it is fresh: it may have come while the call was on its way.</summary>
    private MemoEntry? Remembered(CacheKey key, TimeSpan? maxAge) => _table.Find(key, maxAge);

    private LandedValue? Landed(CacheKey key) => _landedByKey.TryGetValue(key, out var landed) && landed.Flight.IsCurrent ? landed : null;

    /// <summary>Joins a flight under way, or the next one where this one may not answer: it was cancelled, its data were invalidated, or the
    /// caller wants a computation that starts after its call.</summary>
    private void Await(Flight flight, FlightCommand.Join join, Waiter waiter)
    {
        _waiting++;
        waiter.Flight = flight;
        if (flight.IsJoinable && !join.Directive.NoCache)
        {
            flight.Add(waiter);
            flight.Book?.CountJoined();
            if (waiter is JobWaiter job) flight.Context.Join(job.Job.Attempt.Context);
            else flight.Context.Share();
            return;
        }
        waiter.TakesThisOne = flight.IsCurrent && !join.Directive.NoCache;
        flight.Later.Add(waiter);
        flight.Next = join with { Directive = default };
    }

    // Jobs

    private void RunJob(CacheCommand.RunJob job, IActorRef holder)
    {
        var attempt = job.Attempt;
        var book = _books.Of(job.Key.Namespace, attempt.Task);
        var waiter = new JobWaiter(job);
        if (Remembered(job.Key, maxAge: null) is { } hit)
        {
            book.CountHit();
            hit.Touch();
            job.Gate.Tell(new GateCommand.Return(1), holder);
            waiter.Tell(new AttemptOutcome.Succeeded(hit.Result.Json), TimeSpan.Zero, CacheSource.Hit, Self);
        }
        else if (Landed(job.Key) is { } landed)
        {
            book.CountJoined();
            job.Gate.Tell(new GateCommand.Return(1), holder);
            waiter.Tell(new AttemptOutcome.Succeeded(landed.Result.Json), landed.Result.Duration, CacheSource.Collapsed, Self);
        }
        else if (_flights.TryGetValue(job.Key, out var flight) && !IsFull && attempt.Task.Memoize is not null)
        {
            job.Gate.Tell(new GateCommand.Return(1), holder);
            Await(flight, AsJoin(job), waiter);
            LeaveWhenCancelled(waiter);
        }
        else
        {
            // Where too many wait the job runs beside the flight of its key: its permit bounds that.
            var alone = flight is not null || attempt.Task.Memoize is null;
            if (!alone) book.CountMiss();
            var own = Take(alone ? null : job.Key, attempt.Task, job.Gate, alone ? null : book, waiter, attempt.Context, job.Key.Namespace);
            own.Gate.Tell(new GateCommand.StartJob(AttemptOf(own, attempt.Args, new FlightChain(job.Key, null), limit: null), Self), holder);
            LeaveWhenCancelled(waiter);
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
    private static FlightCommand.Join AsJoin(CacheCommand.RunJob job) =>
        new(job.Key, job.Key.Namespace, job.Attempt.Task, job.Attempt.Args, default, null, new Caller());

    // Flights

    private void Start(FlightCommand.Join join, Waiter starter, TaskBook? book)
    {
        if (_pools.Find(join.Task.Queue) is not { } pool)
        {
            Refuse(starter, NoPool(join.Task));
            return;
        }
        var flight = Take(join.Key, join.Task, pool.Gate, book, starter, (starter as JobWaiter)?.Job.Attempt.Context, join.Namespace);
        var chain = join.Key is { } key ? new FlightChain(key, join.Chain) : join.Chain;
        pool.Gate.Tell(new GateCommand.StartCompute(AttemptOf(flight, join.Args, chain, join.Task.Timeout), Self), Self);
    }

    private static Refusal NoPool(TaskDescriptor task) => new(
        "busy", $"No pool of this node serves queue '{task.Queue}' of task '{task.Name}'. Name the queue under actorperf.queues, or ask a node that serves it.") { RetryAfter = TimeSpan.FromSeconds(30) };

    private Flight Take(CacheKey? key, TaskDescriptor task, IActorRef gate, TaskBook? book, Waiter starter, TaskContext? context, Namespace ns)
    {
        var flight = new Flight(key, task, gate, book, new FlightContext(ns, task.Name, context)) { Starter = starter };
        flight.Add(starter);
        _waiting++;
        _airborne.Add(flight);
        if (key is not null) _flights[key] = flight;
        return flight;
    }

    private Attempt AttemptOf(Flight flight, ReadOnlyMemory<byte> args, FlightChain? chain, TimeSpan? limit)
    {
        var self = Self;
        Action? expired = limit is null ? null : () => self.Tell(new FlightCommand.Expired(flight), self);
        var task = flight.Task with { Runner = new FlightRunner(flight.Task.Runner, chain, limit, _time, expired) };
        return new Attempt(task, args, flight.Context, flight, flight.Cancellation.Token);
    }

    private void Land(Flight flight, AttemptOutcome outcome, TimeSpan took)
    {
        if (!_airborne.Contains(flight)) return; // given up before
        var result = outcome is AttemptOutcome.Succeeded succeeded ? Keep(flight, succeeded.Result, took) : null;
        // A cancelled computation that ended well all the same answers those who came after its cancellation.
        if (result is not null && flight.IsCurrent) flight.Later.RemoveAll(waiter => waiter.TakesThisOne && flight.Waiters.Add(waiter));
        Answer(flight, outcome, took, result);
        Remove(flight);
    }

    private void Remove(Flight flight)
    {
        _airborne.Remove(flight);
        if (flight.Key is { } key) _flights.Remove(key);
        if (flight.Later.Count == 0 || flight.Next is not { } next || flight.Book is not { } book) return;
        // A caller's computation is kept when it lands, a job's when the job has committed; with both a caller is the one who started.
        var starter = flight.Later.Find(static waiter => waiter is Caller) ?? flight.Later[0];
        _waiting -= flight.Later.Count;
        book.CountMiss();
        Start(next, starter, book);
        foreach (var waiter in flight.Later)
        {
            if (waiter == starter) continue;
            if (starter.Flight is { } following) Await(following, next, waiter);
            else Refuse(waiter, NoPool(next.Task));
        }
    }

    /// <summary>Remembers a value, or holds it until its job has committed.</summary>
    private ComputedResult Keep(Flight flight, ReadOnlyMemory<byte> json, TimeSpan took)
    {
        var result = new ComputedResult(json, _time.GetUtcNow(), took, ExpiresAt: null);
        if (flight is not { Key: { } key, Book: { } book, IsCurrent: true } || flight.Task.Memoize is not { } memoize) return result;
        if (!_memo.Fits(MemoEntry.Cost(key, result)))
        {
            _log.TooLarge(key.Namespace.Name, key.Task, json.Length);
            return result;
        }
        if (flight.Starter is JobWaiter job)
        {
            // A starter that has left will not commit this value.
            if (flight.Waiters.Contains(job)) Hold(new LandedValue(flight, key, book, result, job.Job.Attempt.Ticket, _time.GetTimestamp()));
            return result;
        }
        return Store(flight, key, book, result, memoize, TimeSpan.Zero);
    }

    private ComputedResult Store(Flight flight, CacheKey key, TaskBook book, ComputedResult result, Memoization memoize, TimeSpan age)
    {
        var kept = result with { ExpiresAt = result.ComputedAt + memoize.Duration };
        _memo.Store(_table.Make(key, kept, age, memoize.Duration, flight.Stamp, book));
        return kept;
    }

    private void Hold(LandedValue value)
    {
        _landed[value.Ticket] = value;
        _landedByKey[value.Key] = value;
        Context.System.Scheduler.ScheduleTellOnce(_options.SettleWithin, Self, new FlightCommand.Unsettled(value), Self);
    }

    private void Settle(CacheCommand.Settled settled)
    {
        if (!_landed.Remove(settled.Ticket, out var value)) return;
        if (_landedByKey.GetValueOrDefault(value.Key) == value) _landedByKey.Remove(value.Key);
        if (!settled.Committed || !value.Flight.IsCurrent || value.Flight.Task.Memoize is not { } memoize) return;
        var age = _time.GetElapsedTime(value.LandedAt);
        // A younger value, computed meanwhile because a caller asked for it, stays.
        if (age < memoize.Duration && _table.Find(value.Key, age) is null) Store(value.Flight, value.Key, value.Book, value.Result, memoize, age);
    }

    private void Drop(LandedValue value)
    {
        if (_landed.GetValueOrDefault(value.Ticket) != value) return;
        _log.NotSettled(value.Key.Namespace.Name, value.Key.Task);
        Settle(new CacheCommand.Settled(value.Key, value.Ticket, Committed: false));
    }

    // Answers

    private void Answer(Flight flight, AttemptOutcome outcome, TimeSpan took, ComputedResult? result)
    {
        foreach (var waiter in flight.Waiters)
        {
            var source = flight.Key is null ? CacheSource.Bypass : waiter == flight.Starter ? CacheSource.Miss : CacheSource.Collapsed;
            _waiting--;
            waiter.Flight = null;
            if (waiter is JobWaiter job) job.Tell(ForJob(outcome, waiter == flight.Starter), took, source, Self);
            else if (waiter is Caller caller) caller.Tell(ForCaller(outcome, result, source));
        }
        flight.Waiters.Clear();
    }

    /// <summary>Every job that waits for the flight can be set aside. Children belong to the one job that started it: another joins no
    /// parent, and comes again in a moment.</summary>
    private static AttemptOutcome ForJob(AttemptOutcome outcome, bool started) =>
        outcome is AttemptOutcome.Parked && !started ? new AttemptOutcome.Snoozed(JoinedSnooze) : outcome;

    private static ComputeOutcome ForCaller(AttemptOutcome outcome, ComputedResult? result, CacheSource source) => outcome switch
    {
        AttemptOutcome.Succeeded when result is not null => new ComputeOutcome.Found(result, source),
        AttemptOutcome.Failed failed => new ComputeOutcome.Failed(failed.Error),
        AttemptOutcome.Snoozed snoozed => new ComputeOutcome.Failed(new TaskError(nameof(SnoozeException),
            $"The task wants to be run again in {Durations.Format(snoozed.Delay)}, and only a job can wait. Submit it as a job.")),
        AttemptOutcome.Parked parked => new ComputeOutcome.Failed(new TaskError(nameof(WaitForChildrenException),
            $"The task waits for {parked.Children.Count} children, and only a job can wait. Submit it as a job.")),
        _ => new ComputeOutcome.Failed(new TaskError("cancelled", "The computation was cancelled before it ended.")),
    };

    private void CouldNotStart(Flight flight, TimeSpan retryAfter)
    {
        if (!_airborne.Contains(flight)) return;
        Refuse(flight, new Refusal("busy", $"All routees of queue '{flight.Task.Queue}' are busy and its line is full. Ask again in {Durations.Format(retryAfter)}.") { RetryAfter = retryAfter });
        Remove(flight);
    }

    private void Refuse(Flight flight, Refusal refusal)
    {
        foreach (var waiter in flight.Waiters.Concat(flight.Later))
        {
            _waiting--;
            Refuse(waiter, refusal);
        }
        flight.Waiters.Clear();
        flight.Later.Clear();
    }

    private void Refuse(Waiter waiter, Refusal refusal)
    {
        waiter.Flight = null;
        if (waiter is Caller caller) caller.Tell(new ComputeOutcome.Refused(refusal));
        else if (waiter is JobWaiter job) job.Tell(new AttemptOutcome.Failed(new TaskError(refusal.Code, refusal.Detail)), TimeSpan.Zero, CacheSource.Bypass, Self);
    }

    // Ends before the landing

    private void Leave(Waiter waiter)
    {
        if (waiter.Flight is not { } flight) return; // answered meanwhile
        waiter.Flight = null;
        _waiting--;
        if (!flight.Waiters.Remove(waiter)) flight.Later.Remove(waiter);
        if (waiter is JobWaiter job)
        {
            flight.Context.Leave(job.Job.Attempt.Context);
            job.Tell(new AttemptOutcome.Cancelled(), TimeSpan.Zero, CacheSource.Bypass, Self);
        }
        if (flight.Waiters.Count == 0) Cancel(flight);
    }

    private void TimeIsUp(Flight flight)
    {
        if (!_airborne.Contains(flight)) return;
        var limit = flight.Task.Timeout ?? default;
        Answer(flight, new AttemptOutcome.Failed(new TaskError("timeout", $"Task '{flight.Task.Name}' took longer than its limit of {Durations.Format(limit)}.")), limit, result: null);
        Cancel(flight);
    }

    private void Cancel(Flight flight)
    {
        if (flight.Cancelled) return;
        flight.Cancelled = true;
        // The token counts as cancelled at once; what the task hung on it must not run on the shard's thread.
        _ = flight.Cancellation.CancelAsync().PipeTo(Self, Self);
        Context.System.Scheduler.ScheduleTellOnce(_options.AbandonAfter, Self, new FlightCommand.Overdue(flight), Self);
    }

    private void GiveUp(Flight flight)
    {
        if (!_airborne.Contains(flight)) return;
        _log.GivenUp(flight.Context.Namespace.Name, flight.Task.Name, (long)_options.AbandonAfter.TotalMilliseconds);
        flight.Gate.Tell(new GateCommand.Abandon(flight), Self);
        Remove(flight);
    }

    // Forgetting

    private void ForgetKey(FlightCommand.ForgetKey forget)
    {
        var fresh = _table.Find(forget.Key, maxAge: null) is not null;
        _memo.Remove(forget.Key);
        if (_flights.TryGetValue(forget.Key, out var flight)) flight.Obsolete = true;
        if (_landedByKey.TryGetValue(forget.Key, out var landed)) landed.Flight.Obsolete = true;
        forget.Tally.Add(fresh ? 1 : 0);
    }

    /// <summary>The versions have made them void already; this frees their memory and counts them. It looks at all entries of the shard, which
    /// an operator's command may.</summary>
    private void ForgetStale(FlightCommand.ForgetStale forget)
    {
        var (now, forgotten) = (_time.GetTimestamp(), 0L);
        foreach (var entry in _memo.Entries)
        {
            if (entry.Key.Namespace != forget.Namespace || entry.IsCurrent) continue;
            if (now < entry.FreshUntil) forgotten++;
            _memo.Remove(entry.Key);
        }
        forget.Tally.Add(forgotten);
    }

    private void Sweep()
    {
        if (_memo.Sweep(_time.GetTimestamp(), SweepAtOnce) == SweepAtOnce) Self.Tell(FlightCommand.Sweep.Instance, Self);
    }
}
