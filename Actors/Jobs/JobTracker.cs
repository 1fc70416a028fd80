using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The persistent actor behind every job: each state change goes through it, is durable before anyone hears of it, and is told in commit order.</summary>
/// <remarks>
/// Its events are the history rows, its sequence number is <c>history.seq</c>, and the row is the truth: it keeps only the attempts that run here
/// and who waits. Recovery: whatever it forgets is in the store; a ticket that comes back from a routee carries its job, so an attempt begun
/// before a restart still ends by the ordinary rule, and what it owes to others (<see cref="TrackerParts"/>) outlives the actor.
/// Invariant: no reply, wake-up or event before the commit that it speaks of.
/// </remarks>
internal sealed class JobTracker : ReceiveActor, IWithTimers
{
    /// <summary>How long running code may take to follow its token before its routee is given up.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private const int SweepLimit = 1_000;
    private const int PruneLimit = 500;
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ComparePeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BusyRetry = TimeSpan.FromMilliseconds(50);

    private readonly TrackerParts _parts;
    private readonly IJobStore _store;
    private readonly ILogger _log;
    private readonly JobWaiters _waiters;
    private readonly List<JobSubscription> _subscriptions;
    private readonly Dictionary<JobWrite, object> _pending;
    private readonly Dictionary<string, long> _waiting = new(StringComparer.Ordinal);
    private readonly StrayRuns _strays;
    private readonly StartAtOnce _atOnce;
    private DateTimeOffset? _dueAt;
    private long _pruneCursor;
    private bool _sweeping;
    private bool _pruning;
    private Draining? _draining;

    public JobTracker(TrackerParts parts)
    {
        _parts = parts;
        _store = parts.Store;
        _log = parts.Log;
        (_waiters, _subscriptions, _pending) = (parts.Waiters, parts.Subscriptions, parts.Pending);
        _strays = new StrayRuns(parts.Running, parts.Time, parts.Log);
        _atOnce = new StartAtOnce(parts);
        foreach (var (queue, waiting) in parts.Waiting) _waiting[queue] = waiting;

        Receive<TrackerCommand.Submit>(Submit);
        Receive<TrackerCommand.Reported>(reported => ReportedWrites(reported.Writes));
        Receive<AttemptEnded>(ended => End((RunningAttempt)ended.Ticket, ended, CacheSource.Bypass, null));
        Receive<CacheReply.Ended>(ended => End((RunningAttempt)ended.Attempt.Ticket, ended.Attempt, ended.Source, ended.Key));
        Receive<TrackerCommand.Claim>(Claim);
        Receive<TrackerCommand.Await>(await => _waiters.Add(await.Waiter));
        Receive<TrackerCommand.Leave>(leave => _waiters.Remove(leave.Waiter));
        Receive<TrackerCommand.Progressed>(Progressed);
        Receive<TrackerCommand.Logged>(Logged);
        Receive<TrackerCommand.Cancel>(Cancel);
        Receive<TrackerCommand.Subscribe>(subscribe => _subscriptions.Add(subscribe.Subscription));
        Receive<TrackerCommand.Unsubscribe>(unsubscribe => _subscriptions.Remove(unsubscribe.Subscription));
        Receive<TrackerCommand.Compare>(compare => _strays.Compare(compare.Rows, Lose));
        Receive<Status.Failure>(failure => _log.CompareFailed(failure.Cause));
        Receive<TrackerCommand.Drain>(Drain);
        Receive<Tick>(tick => OnTick(tick));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        // The store reports on its own thread; a message is the only way in.
        var self = Self;
        _store.Reported = writes => self.Tell(new TrackerCommand.Reported(writes), ActorRefs.NoSender);
        foreach (var pool in _parts.Pools.All) pool.Gate.Tell(GateCommand.LayOpen.Instance);
        Timers.StartPeriodicTimer(Tick.Second, Tick.Second, TimeSpan.FromSeconds(1));
        Timers.StartPeriodicTimer(Tick.Expire, Tick.Expire, ExpiryPeriod);
        Timers.StartPeriodicTimer(Tick.Prune, Tick.Prune, PrunePeriod);
        Timers.StartPeriodicTimer(Tick.Compare, Tick.Compare, ComparePeriod);
        Sweep();
    }

    protected override void PreRestart(Exception reason, object message)
    {
        // What the failed message had not come to is still owed its answer.
        if (message is TrackerCommand.Reported reported && reported.Writes.Where(_pending.ContainsKey).ToArray() is { Length: > 0 } owed)
            Self.Tell(new TrackerCommand.Reported(owed));
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        // Dispatchers may have asked the one before us: they ask again.
        foreach (var queue in _parts.Dispatchers.Keys) Arrived(queue, SweepLimit);
    }

    private void Submit(TrackerCommand.Submit submit)
    {
        if (_draining is not null)
        {
            submit.Reply.TrySetResult(RefuseAll(submit.Jobs.Count, JobRefusals.Draining));
            return;
        }
        foreach (var job in submit.Jobs)
        {
            if (QueueFull(job.Row.Queue, submit.Jobs.Count) is not { } full) continue;
            submit.Reply.TrySetResult(RefuseAll(submit.Jobs.Count, full));
            return;
        }
        var atOnce = _atOnce.Reserve(submit.Jobs);
        var write = new JobWrite.Submit(submit.Jobs, submit.Atomic) { AtOnce = atOnce };
        _pending.Add(write, submit);
        if (!_store.TryPost(write))
        {
            _pending.Remove(write);
            if (atOnce is not null) _atOnce.ReturnRest(atOnce, Self);
            submit.Reply.TrySetResult(RefuseAll(submit.Jobs.Count, JobRefusals.Busy));
            return;
        }
        // Before the commit: the claim that this wakes goes behind the submit in the store's line, often into the same transaction.
        ArrivedAll(submit.Jobs, atOnce?.Count ?? 0);
    }

    /// <summary>Tells dispatchers of new jobs.</summary>
    /// <param name="without">So many of the first one's queue have permits already.</param>
    private void ArrivedAll(IReadOnlyList<NewJob> jobs, int without)
    {
        var queue = jobs[0].Row.Queue;
        var same = 0;
        foreach (var job in jobs) same += job.Row.Queue == queue ? 1 : 0;
        if (same > without) Arrived(queue, same - without);
        if (same == jobs.Count) return;
        foreach (var group in jobs.GroupBy(job => job.Row.Queue).Where(group => group.Key != queue)) Arrived(group.Key, group.Count());
    }

    private static SubmitOutcome[] RefuseAll(int count, Refusal refusal)
    {
        var outcomes = new SubmitOutcome[count];
        Array.Fill(outcomes, new SubmitOutcome.Refused(refusal));
        return outcomes;
    }

    private Refusal? QueueFull(string queue, int adding)
    {
        var limit = _parts.QueueOptions(queue).MaxWaiting;
        var waiting = _waiting.GetValueOrDefault(queue);
        return waiting + adding > limit ? JobRefusals.QueueFull(queue, waiting, limit) : null;
    }

    private void Arrived(string queue, int count)
    {
        if (_parts.Dispatchers.TryGetValue(queue, out var dispatcher)) dispatcher.Tell(new DispatcherCommand.Arrived(count));
    }

    private void Claim(TrackerCommand.Claim claim)
    {
        if (_draining is null)
        {
            var write = new JobWrite.Claim(claim.Queue, claim.Permits, _parts.Incarnation, _parts.NodeName);
            _pending.Add(write, Sender);
            if (_store.TryPost(write)) return;
            _pending.Remove(write);
            // The store is full of other work: give the permits back, and look again soon.
            Timers.StartSingleTimer(claim.Queue, new Tick.Look(claim.Queue), BusyRetry);
        }
        Sender.Tell(new DispatcherCommand.Claimed(claim.Permits, []));
    }

    private void Cancel(TrackerCommand.Cancel cancel)
    {
        var write = new JobWrite.Change(cancel.Namespace, cancel.Id, new JobCommand.Cancel());
        _pending.Add(write, cancel);
        if (_store.TryPost(write)) return;
        _pending.Remove(write);
        cancel.Reply.TrySetResult(new JobOutcome.Refused(JobRefusals.Busy));
    }

    private void End(RunningAttempt attempt, AttemptEnded ended, CacheSource source, CacheKey? key)
    {
        attempt.Context.Complete();
        if (attempt.Settled)
        {
            if (source == CacheSource.Miss) Settle(key!, attempt, committed: false);
            return;
        }
        TellDispatcher(attempt.Job.Row.Queue);
        attempt.Settled = true;
        var command = Judge(attempt, ended.Outcome, source);
        var result = (ended.Outcome as AttemptOutcome.Succeeded)?.Result;
        Post(attempt, command, command is JobCommand.Finish ? result : null, source == CacheSource.Miss ? key : null);
    }

    private void TellDispatcher(string queue)
    {
        if (_parts.QueueOptions(queue).Concurrency > 0 && _parts.Dispatchers.TryGetValue(queue, out var dispatcher))
            dispatcher.Tell(DispatcherCommand.Ended.Instance);
    }

    /// <summary>What an outcome means for the job.</summary>
    private JobCommand Judge(RunningAttempt attempt, AttemptOutcome outcome, CacheSource source) => outcome switch
    {
        AttemptOutcome.Succeeded succeeded when succeeded.Result.Length > _parts.MaxResultBytes => new JobCommand.Fail(attempt.Run,
            new TaskError("result-too-large", $"The result has {succeeded.Result.Length} bytes; at most {_parts.MaxResultBytes} are kept.", Retryable: false), 0),
        AttemptOutcome.Succeeded => new JobCommand.Finish(attempt.Run, Cached: source is CacheSource.Hit or CacheSource.Collapsed or CacheSource.Stale),
        _ when attempt.Job.Row.State == JobState.Cancelling => new JobCommand.Stop(attempt.Run),
        _ when attempt.TimedOut || IsOverdue(attempt) => new JobCommand.Fail(attempt.Run, TimeoutError(attempt), _parts.Random.NextDouble()),
        AttemptOutcome.Failed failed => new JobCommand.Fail(attempt.Run, failed.Error, _parts.Random.NextDouble()),
        _ when _draining is not null => new JobCommand.HandBack(attempt.Run),
        _ => new JobCommand.Fail(attempt.Run, new TaskError("OperationCanceledException", "The task gave up by itself."), _parts.Random.NextDouble()),
    };

    // A token that nobody cancelled was cancelled by its time. The clock itself is no witness: timers fire up to a tick early.
    private static bool IsOverdue(RunningAttempt attempt) =>
        attempt.Timeout is not null && attempt.StoppedAt is null && attempt.Token.IsCancellationRequested;

    private static TaskError TimeoutError(RunningAttempt attempt) =>
        new("timeout", $"Attempt {attempt.Run.Attempt} took longer than {attempt.Timeout!.Value.TotalSeconds:0.###} s.");

    private void Post(RunningAttempt attempt, JobCommand command, ReadOnlyMemory<byte>? result, CacheKey? flight)
    {
        var error = (command as JobCommand.Fail)?.Error;
        var lines = attempt.Context.Lines;
        var write = new JobWrite.Change(attempt.Job, command)
        {
            Result = result,
            Attempt = error is null && lines.Count == 0
                ? null
                : new AttemptRecord(attempt.Run.Attempt, error, lines, attempt.Context.DroppedLines),
        };
        _pending.Add(write, new Ending(attempt, flight));
        if (_store.TryPost(write)) return;
        // Urgent writes are refused only by a store that has failed or stops: the row stays with this incarnation and is reaped after it.
        _pending.Remove(write);
        Forget(attempt);
    }

    private void ReportedWrites(IReadOnlyList<JobWrite> writes)
    {
        foreach (var write in writes)
        {
            _pending.Remove(write, out var then);
            if (write.Failure is { } failure) Failed(write, then, failure);
            else Committed(write, then);
        }
        if (_draining is { } draining && IsIdle) draining.Done.TrySetResult();
    }

    /// <summary>Nothing runs here, and no claim is under way that could bring something.</summary>
    private bool IsIdle => _parts.Running.Count == 0 && !_pending.Keys.Any(write => write is JobWrite.Claim or JobWrite.Submit { AtOnce: not null });

    private void Committed(JobWrite write, object? then)
    {
        switch (write)
        {
            case JobWrite.Submit submit: Submitted(submit, (TrackerCommand.Submit?)then); break;
            case JobWrite.Claim claim: Claimed(claim, (IActorRef?)then); break;
            case JobWrite.Change change: Changed(change, then); break;
            case JobWrite.Sweep sweep: Swept(sweep); break;
            case JobWrite.Reap reap: foreach (var job in reap.Moved) Moved(job, JobState.Running); break;
            case JobWrite.Prune prune: Pruned(prune); break;
            default: break;
        }
    }

    private void Submitted(JobWrite.Submit submit, TrackerCommand.Submit? request)
    {
        var taken = 0;
        foreach (var outcome in submit.Outcomes)
        {
            if (outcome is not SubmitOutcome.Accepted accepted) continue;
            _parts.Statistics.Submitted(accepted.Job.Row.Namespace, 1);
            Moved(accepted.Job, null);
            if (submit.AtOnce is not { } claim || taken == claim.Taken.Count || claim.Taken[taken].Row.Seq != accepted.Job.Row.Seq) continue;
            StartTaken(claim.Taken[taken++]);
        }
        if (submit.AtOnce is { } reserved) NotTaken(reserved);
        request?.Reply.TrySetResult(submit.Outcomes);
    }

    /// <summary>The store took a new job under one of the tracker's own permits.</summary>
    private void StartTaken(Job job)
    {
        var attempt = Begin(job);
        if (_parts.Pools.Find(job.Row.Queue) is not { } pool) return;
        if (_draining is null) _parts.Start.Start(attempt, pool.Gate, Self, Self);
        else pool.Gate.Tell(new GateCommand.Return(1), Self);
    }

    private void NotTaken(JobWrite.Claim claim)
    {
        if (claim.Taken.Count == claim.Count) return;
        _atOnce.ReturnRest(claim, Self);
        Arrived(claim.Queue, claim.Count - claim.Taken.Count);
    }

    private void Claimed(JobWrite.Claim claim, IActorRef? dispatcher)
    {
        foreach (var job in claim.Expired) Moved(job, JobState.Queued);
        var taken = new RunningAttempt[claim.Taken.Count];
        for (var i = 0; i < taken.Length; i++) taken[i] = Begin(claim.Taken[i]);
        dispatcher?.Tell(new DispatcherCommand.Claimed(claim.Count, _draining is null ? taken : []));
    }

    /// <summary>A job stands as running here. One that comes while the node drains goes straight back.</summary>
    private RunningAttempt Begin(Job job)
    {
        _parts.Tasks.TryGet(job.Row.Task, out var task);
        var attempt = new RunningAttempt(job, task, Self, _parts.Time);
        _parts.Running.Add(attempt);
        Moved(job, JobState.Queued);
        if (_draining is not null) Release(attempt);
        return attempt;
    }

    private void Changed(JobWrite.Change change, object? then)
    {
        if (change is { Decision: JobDecision.Moved, Now: { } now }) Moved(now, change.Command is JobCommand.Cancel && !now.Row.State.IsActive ? JobState.Queued : JobState.Running);
        switch (then)
        {
            case Ending ending: Ended(change, ending); break;
            case TrackerCommand.Cancel cancel: Cancelled(change, cancel); break;
            default: break;
        }
    }

    private void Ended(JobWrite.Change change, Ending ending)
    {
        var (attempt, flight) = ending;
        Forget(attempt);
        var committed = change.Decision is JobDecision.Moved;
        if (flight is not null) Settle(flight, attempt, committed);
        if (change.Decision is JobDecision.Refused refused)
            _log.LateReport(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt, refused.Refusal.Detail);
        if (change is { Command: JobCommand.Fail { Error: var error } } && committed)
            _log.Failed(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt, error.Type, error.Message);
        if (committed) _parts.Statistics.Ended(change.Now!);
    }

    private void Settle(CacheKey key, RunningAttempt attempt, bool committed) =>
        _parts.CachingActorOf(key).Tell(new CacheCommand.Settled(key, attempt, committed));

    private void Cancelled(JobWrite.Change change, TrackerCommand.Cancel cancel)
    {
        if (change.Now is { Row.State: JobState.Cancelling } now && _parts.Running.Of(now) is { } attempt)
        {
            attempt.Job = now;
            attempt.Stop();
        }
        cancel.Reply.TrySetResult(change.Decision switch
        {
            null => null,
            JobDecision.Refused refused => new JobOutcome.Refused(refused.Refusal),
            _ => new JobOutcome.Done(WithProgress(change.Now!)),
        });
    }

    /// <summary>A job moved, durably: everyone concerned hears of it.</summary>
    private void Moved(Job job, JobState? from)
    {
        Count(job.Row, from);
        if (job.Row.State is JobState.Scheduled or JobState.Retrying) Due(job.Row.RunAt);
        if (job.Row.State == JobState.Queued && from is not null) Arrived(job.Row.Queue, 1);
        _waiters.Tell(job);
        if (_subscriptions.Count == 0) return;
        JobEvent happened = job.Row.State.IsFinal
            ? new JobEvent.Done(job.Row.Id, job.Row.HistorySeq, job)
            : new JobEvent.State(job.Row.Id, job.Row.HistorySeq, job);
        Publish(job.Row, happened);
    }

    private void Publish(JobRow row, JobEvent happened)
    {
        foreach (var subscription in _subscriptions)
            if (subscription.Wants(row)) subscription.Tell(happened);
    }

    private void Count(JobRow row, JobState? from)
    {
        var delta = (IsWaiting(row.State) ? 1 : 0) - (from is { } was && IsWaiting(was) ? 1 : 0);
        if (delta != 0) _waiting[row.Queue] = Math.Max(0, _waiting.GetValueOrDefault(row.Queue) + delta);
    }

    private static bool IsWaiting(JobState state) => !state.IsFinal && !state.IsActive;

    private void Failed(JobWrite write, object? then, Exception failure)
    {
        _log.WriteFailed(failure, write.GetType().Name);
        switch (then)
        {
            case TrackerCommand.Submit submit:
                if (((JobWrite.Submit)write).AtOnce is { } atOnce)
                {
                    atOnce.Taken.Clear();
                    _atOnce.ReturnRest(atOnce, Self);
                }
                submit.Reply.TrySetException(failure);
                break;
            case TrackerCommand.Cancel cancel: cancel.Reply.TrySetException(failure); break;
            case Ending ending:
                if (ending.Flight is { } flight) Settle(flight, ending.Attempt, committed: false);
                Forget(ending.Attempt);
                break;
            case IActorRef dispatcher:
                dispatcher.Tell(new DispatcherCommand.Claimed(((JobWrite.Claim)write).Count, []));
                Timers.StartSingleTimer(((JobWrite.Claim)write).Queue, new Tick.Look(((JobWrite.Claim)write).Queue), TimeSpan.FromSeconds(1));
                break;
            default: break;
        }
        (_sweeping, _pruning) = (_sweeping && write is not JobWrite.Sweep, _pruning && write is not JobWrite.Prune);
    }

    private void Forget(RunningAttempt attempt)
    {
        _parts.Running.Remove(attempt);
        attempt.Dispose();
    }

    private void Progressed(TrackerCommand.Progressed report)
    {
        if (report.Attempt.Settled || _subscriptions.Count == 0) return;
        Publish(report.Attempt.Job.Row, new JobEvent.Progress(report.Attempt.Job.Row.Id, report.Progress));
    }

    private void Logged(TrackerCommand.Logged report)
    {
        if (_subscriptions.Count == 0) return;
        Publish(report.Attempt.Job.Row, new JobEvent.Log(report.Attempt.Job.Row.Id, report.Attempt.Run.Attempt, report.Line));
    }

    private Job WithProgress(Job job) => _parts.Running.WithProgress(job);

    private void OnTick(Tick tick)
    {
        switch (tick)
        {
            case Tick.Look look: Arrived(look.Queue, SweepLimit); break;
            case var _ when tick == Tick.Due: Sweep(); break;
            case var _ when tick == Tick.Expire: Sweep(); break;
            case var _ when tick == Tick.Prune: Prune(); break;
            case var _ when tick == Tick.Compare: ReadRunning(); break;
            default: Watch(); break;
        }
    }

    /// <summary>Once a second: tokens whose time is over, code that does not follow its token, and the figures that others read.</summary>
    private void Watch()
    {
        _parts.Statistics.Publish();
        List<RunningAttempt>? overdue = null;
        foreach (var attempt in _parts.Running.All)
        {
            if (attempt.Settled) continue;
            if (attempt.StoppedAt is null && IsOverdue(attempt))
            {
                attempt.TimedOut = true;
                attempt.Stop();
            }
            if (attempt.StoppedAt is { } stopped && _parts.Time.GetElapsedTime(stopped) >= Grace) (overdue ??= []).Add(attempt);
        }
        foreach (var attempt in overdue ?? []) Abandon(attempt);
        if (_draining is { } draining && _parts.Time.GetElapsedTime(draining.Since) >= draining.Patience) HandAllBack();
    }

    private void Abandon(RunningAttempt attempt)
    {
        _log.Abandoned(attempt.Job.Row.Namespace.Name, attempt.Job.Row.Id, attempt.Run.Attempt);
        _parts.Pools.Find(attempt.Job.Row.Queue)?.Gate.Tell(new GateCommand.Abandon(attempt));
        TellDispatcher(attempt.Job.Row.Queue);
        attempt.Settled = true;
        JobCommand command = attempt.Job.Row.State == JobState.Cancelling
            ? new JobCommand.Stop(attempt.Run)
            : new JobCommand.Fail(attempt.Run, TimeoutError(attempt), _parts.Random.NextDouble());
        Post(attempt, command, null, null);
    }

    private void ReadRunning() => _ = _store.ReadRunningAsync(_parts.Incarnation, CancellationToken.None)
        .PipeTo(Self, success: rows => new TrackerCommand.Compare(rows));      // its end comes back as a message

    private void Lose(Job stray) => _store.TryPost(new JobWrite.Change(stray, new JobCommand.Lose(stray.Row.Run!.Value, _parts.Random.NextDouble())));

    private void Due(DateTimeOffset at)
    {
        if (_dueAt <= at) return;
        _dueAt = at;
        var wait = at - _parts.Time.GetUtcNow();
        Timers.StartSingleTimer(Tick.Due, Tick.Due, wait > TimeSpan.Zero ? Shorter(wait) : TimeSpan.FromMilliseconds(1));
    }

    // Timers have a bound; a wait beyond it is taken in parts.
    private static TimeSpan Shorter(TimeSpan wait) => wait < TimeSpan.FromHours(1) ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.FromHours(1);

    private void Sweep()
    {
        if (_sweeping) return;
        _sweeping = _store.TryPost(new JobWrite.Sweep(SweepLimit));
    }

    private void Swept(JobWrite.Sweep sweep)
    {
        _sweeping = false;
        _dueAt = null;
        foreach (var job in sweep.Moved) Moved(job, JobState.Scheduled);
        if (sweep.Moved.Count >= SweepLimit) Sweep();
        else if (sweep.NextDue is { } next) Due(next);
    }

    private void Prune()
    {
        if (_pruning || _draining is not null) return;
        var now = _parts.Time.GetUtcNow();
        var keep = _parts.Options.Retention;
        _pruning = _store.TryPost(new JobWrite.Prune(now - keep.Succeeded, now - keep.Failed, now - keep.History, PruneLimit) { Cursor = _pruneCursor });
    }

    private void Pruned(JobWrite.Prune prune)
    {
        _pruning = false;
        _pruneCursor = prune.Cursor;
        if (prune.Deleted == 0) return;
        _log.Pruned(prune.Deleted);
        if (prune.Cursor > 0) Prune();
    }

    private void Drain(TrackerCommand.Drain drain)
    {
        _log.Draining(_parts.Running.Count);
        _draining = new Draining(drain.Done, drain.Patience, _parts.Time.GetTimestamp());
        foreach (var dispatcher in _parts.Dispatchers.Values) dispatcher.Tell(new DispatcherCommand.Drain());
        if (IsIdle) drain.Done.TrySetResult();
        else if (drain.Patience <= TimeSpan.Zero) HandAllBack();
    }

    private void HandAllBack()
    {
        var left = _parts.Running.All.Where(attempt => !attempt.Settled).ToArray();
        if (left.Length == 0) return;
        _log.HandedBack(left.Length);
        foreach (var attempt in left) Release(attempt);
    }

    private void Release(RunningAttempt attempt)
    {
        TellDispatcher(attempt.Job.Row.Queue);
        attempt.Settled = true;
        attempt.Stop();
        Post(attempt, new JobCommand.HandBack(attempt.Run), null, null);
    }

    /// <summary>What a tick is for; the timers' keys and messages.</summary>
    private abstract record Tick
    {
        public static readonly Tick Second = new Plain("second");
        public static readonly Tick Due = new Plain("due");
        public static readonly Tick Expire = new Plain("expire");
        public static readonly Tick Prune = new Plain("prune");
        public static readonly Tick Compare = new Plain("compare");

        public sealed record Plain(string Name) : Tick;

        public sealed record Look(string Queue) : Tick;
    }

    private sealed record Ending(RunningAttempt Attempt, CacheKey? Flight);

    private sealed record Draining(TaskCompletionSource Done, TimeSpan Patience, long Since);
}
