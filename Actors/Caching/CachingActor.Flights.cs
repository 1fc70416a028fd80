using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <content>Flights: how they start, land, and end before that.</content>
internal sealed partial class CachingActor
{
    private void Start(Launch launch, Waiter? starter, TaskBook? book)
    {
        if (_pools.Find(launch.Task.Queue) is not { } pool)
        {
            if (starter is not null) Refuse(starter, NoPool(launch.Task));
            else if (launch.Key is not null) _memo.Get(launch.Key)?.EndRefresh();
            return;
        }
        var flight = Take(launch, pool.Gate, book, starter, (starter as JobWaiter)?.Job.Attempt.Context);
        flight.Quiet = launch.Quiet;
        var chain = launch.Key is { } key ? new FlightChain(key, launch.Chain) : launch.Chain;
        flight.Begin = () => pool.Gate.Tell(new GateCommand.StartCompute(AttemptOf(flight, launch.Args, chain, launch.Task.Timeout), Self) { Quiet = flight.Quiet }, Self);
        RecallOrBegin(flight, launch.Anew);
    }

    private static Refusal NoPool(TaskDescriptor task) => new(
        "busy", $"No pool of this node serves queue '{task.Queue}' of task '{task.Name}'. Name the queue under actorperf.queues, or ask a node that serves it.") { RetryAfter = TimeSpan.FromSeconds(30) };

    /// <param name="starter">Null: it runs in the background.</param>
    private Flight Take(Launch launch, IActorRef gate, TaskBook? book, Waiter? starter, TaskContext? context)
    {
        var flight = new Flight(
            launch.Key, launch.Task, gate, book,
            new FlightContext(launch.Namespace, launch.Task.Name, context, launch.TraceParent, SecretMask.Of(launch.Task)?.Values(launch.Args)), launch.Choice, _second?.Position ?? 0)
        {
            Starter = starter,
            InBackground = starter is null,
            Trace = RunTrace.Of(launch.Span),
        };
        if (starter is not null)
        {
            flight.Add(starter);
            _waiting++;
        }
        _airborne.Add(flight);
        if (launch.Key is not null) _flights[launch.Key] = flight;
        return flight;
    }

    private Attempt AttemptOf(Flight flight, ReadOnlyMemory<byte> args, FlightChain? chain, TimeSpan? limit)
    {
        var self = Self;
        Action? expired = limit is null ? null : () => self.Tell(new FlightCommand.Expired(flight), self);
        var task = flight.Task with { Runner = new FlightRunner(flight.Task.Runner, chain, limit, _time, expired) };
        return new Attempt(task, args, flight.Context, flight, flight.Cancellation.Token) { Trace = flight.Trace };
    }

    private void Land(Flight flight, AttemptOutcome outcome, TimeSpan took)
    {
        if (!_airborne.Contains(flight)) return; // given up before
        EndRefresh(flight);
        outcome = flight.Context.Shown(outcome);
        var result = outcome is AttemptOutcome.Succeeded succeeded ? Keep(flight, succeeded.Result, took) : null;
        if (outcome is AttemptOutcome.Failed failed && !flight.TimeIsUp) Mark(flight, failed.Error);
        else if (result is not null && flight.Key is not null) Worked(flight.Key);
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
            if (starter.Flight is { } following) Await(following, next, anew: false, waiter);
            else Refuse(waiter, NoPool(next.Task));
        }
    }

    /// <summary>Whether or not the result counts, there is nothing to wait out any more.</summary>
    private void Worked(CacheKey key)
    {
        _failures.Succeeded(key);
        _memo.Get(key)?.Worked();
    }

    /// <summary>The key failed once more: its next try waits.</summary>
    private void Mark(Flight flight, TaskError error)
    {
        if (flight is not { Key: { } key, Book: { } book } || flight.Task.Memoize?.With(flight.Choice) is not { } memoize) return;
        book.CountFailure();
        var entry = _memo.Get(key);
        var now = _table.Now;
        var mark = _failures.Failed(
            key, error, now, failures => now + _table.ToTicks(EntryRules.Backoff(memoize, failures, entry is not null)), _table.ToTicks(2 * memoize.ErrorThrottle));
        entry?.Failed(error, mark.RetryAt);
    }

    // Answers

    private void Answer(Flight flight, AttemptOutcome outcome, TimeSpan took, ComputedResult? result)
    {
        foreach (var waiter in flight.Waiters)
        {
            if (waiter is not JobWaiter job) continue;
            _waiting--;
            waiter.Flight = null;
            job.Tell(ForJob(outcome, waiter == flight.Starter), took, SourceOf(flight, waiter), Self, waiter == flight.Starter ? flight.Remember : null);
        }
        AnswerCallers(flight, outcome, result);
        flight.Waiters.Clear();
    }

    private void AnswerCallers(Flight flight, AttemptOutcome outcome, ComputedResult? result)
    {
        foreach (var waiter in flight.Waiters)
        {
            if (waiter is not Caller caller) continue;
            _waiting--;
            waiter.Flight = null;
            caller.Tell(outcome is AttemptOutcome.Failed && InStead(flight, caller) is { } stale ? stale : ForCaller(outcome, result, SourceOf(flight, waiter)));
        }
        flight.Waiters.RemoveWhere(static waiter => waiter is Caller);
    }

    private static CacheSource SourceOf(Flight flight, Waiter waiter) =>
        flight.Key is null ? CacheSource.Bypass : waiter == flight.Starter ? CacheSource.Miss : CacheSource.Collapsed;

    /// <summary>What a caller gets in the place of a computation that failed; null where there is nothing, or the caller or the task will not have it.</summary>
    private ComputeOutcome.Found? InStead(Flight flight, Caller caller) =>
        flight.Key is { } key && _memo.Get(key) is { } entry && _table.MayFallBack(entry, caller.Directive) ? Stale(entry) : null;

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
        EndRefresh(flight);
        Refuse(flight, new Refusal("busy", $"All routees of queue '{flight.Task.Queue}' are busy and its line is full. Ask again in {Durations.Format(retryAfter)}.") { RetryAfter = retryAfter });
        Remove(flight);
    }

    private void Refuse(Flight flight, Refusal refusal)
    {
        foreach (var waiter in flight.Waiters.Concat(flight.Later))
        {
            _waiting--;
            if (waiter is Caller caller && InStead(flight, caller) is { } stale)
            {
                caller.Flight = null;
                caller.Tell(stale);
            }
            else
            {
                Refuse(waiter, refusal);
            }
        }
        flight.Waiters.Clear();
        flight.Later.Clear();
    }

    private void Refuse(Waiter waiter, Refusal refusal)
    {
        waiter.Flight = null;
        if (waiter is Caller caller) caller.Tell(new ComputeOutcome.Refused(refusal));
        else if (waiter is JobWaiter job) job.Tell(new AttemptOutcome.Snoozed(JoinedSnooze), TimeSpan.Zero, CacheSource.Bypass, Self); // nothing of its own was tried
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
        if (flight.Waiters.Count == 0 && (!flight.InBackground || flight.TimeIsUp)) Cancel(flight);
    }

    private void Detach(Caller caller)
    {
        if (caller.Flight is not { } flight) return;
        // One that waits for the next flight leaves that to those who come.
        if (flight.Waiters.Contains(caller) && flight.Key is not null) flight.InBackground = true;
        Leave(caller);
    }

    /// <summary>The task's limit is that of its callers. A job has a time of its own, which may be longer: while one waits, the computation goes on.</summary>
    private void TimeIsUp(Flight flight)
    {
        if (!_airborne.Contains(flight) || flight.TimeIsUp) return;
        flight.TimeIsUp = true;
        var limit = flight.Task.Timeout ?? default;
        var error = new TaskError("timeout", $"Task '{flight.Task.Name}' took longer than its limit of {Durations.Format(limit)}.");
        EndRefresh(flight);
        Mark(flight, error);
        AnswerCallers(flight, new AttemptOutcome.Failed(error), result: null);
        if (flight.Waiters.Count == 0) Cancel(flight);
    }

    private void Cancel(Flight flight)
    {
        if (flight.Cancelled) return;
        flight.Cancelled = true;
        if (flight.Begin is not null) return; // it looks into the second level, whose answer comes and finds it cancelled
        // First, so that its time to end has begun when the task hears of it.
        Context.System.Scheduler.ScheduleTellOnce(_options.AbandonAfter, Self, new FlightCommand.Overdue(flight), Self);
        // The token counts as cancelled at once; what the task hung on it must not run on the shard's thread.
        _ = flight.Cancellation.CancelAsync().PipeTo(Self, Self);
    }

    private void GiveUp(Flight flight)
    {
        if (!_airborne.Contains(flight)) return;
        _log.GivenUp(flight.Context.Namespace.Name, flight.Task.Name, (long)_options.AbandonAfter.TotalMilliseconds);
        flight.Gate.Tell(new GateCommand.Abandon(flight), Self);
        EndRefresh(flight);
        Remove(flight);
    }
}
