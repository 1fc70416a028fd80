using ActorPerf.Cluster;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The persistent actor behind every job: each state change goes through it, is durable before anyone hears of it, and is told in commit order.</summary>
/// <remarks>
/// <para>Events: the history rows, each written in the transaction of the change that it tells of. Sequence number: <c>history.seq</c>, which rises
/// with commit order; replies, wake-ups and events go out in that order, and no reply, wake-up or event before the commit that it speaks of.</para>
/// <para>State: the row is the truth, so nothing is replayed. The actor keeps only what runs here and who waits, and both lie in
/// <see cref="TrackerParts"/>, which outlives it.</para>
/// <para>Recovery, when a message has thrown and the supervisor restarts it: runs go on, for a ticket that comes back from a routee carries its job;
/// reported writes that the failed message had not come to are told again, and the one that failed is told a second time, whose steps are all
/// repeatable (an attempt that has started is not started again); an end of a run is judged a second time; whoever sent what cannot be repeated is
/// answered. Dispatchers, who may have asked the one before, ask again; what is due is read from the store; and what stands as running here while
/// nothing of it runs is found by <see cref="StrayRuns"/> within a minute. A message that fails twice is given up, and said so in the log.</para>
/// </remarks>
internal sealed partial class JobTracker : ReceiveActor, IWithTimers
{
    /// <summary>How long running code may take to follow its token before its routee is given up.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BusyRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FailedRetry = TimeSpan.FromSeconds(1);

    private readonly TrackerParts _parts;
    private readonly IJobStore _store;
    private readonly ILogger _log;
    private readonly Dictionary<JobWrite, object> _pending;
    private readonly JobNews _news;
    private readonly StrayRuns _strays;
    private readonly StartAtOnce _atOnce;
    private readonly ChildSubmissions _children;

    public JobTracker(TrackerParts parts)
    {
        _parts = parts;
        (_store, _log, _pending) = (parts.Store, parts.Log, parts.Pending);
        (_news, _atOnce) = (new JobNews(parts), new StartAtOnce(parts));
        _children = new ChildSubmissions(parts.Tasks, parts.Options);
        _strays = new StrayRuns(parts.Running, parts.Time, parts.Log);

        Receive<TrackerCommand.Submit>(Submit);
        Receive<TrackerCommand.Admit>(admit => admit.Reply.TrySetResult(Fault(admit.Jobs)));
        Receive<TrackerCommand.Reported>(reported => ReportedWrites(reported.Writes));
        Receive<AttemptEnded>(ended => End((RunningAttempt)ended.Ticket, ended, CacheSource.Bypass, null));
        Receive<CacheReply.Ended>(ended => End((RunningAttempt)ended.Attempt.Ticket, ended.Attempt, ended.Source, ended.Key, ended.Remember));
        Receive<TrackerCommand.Claim>(Claim);
        Receive<TrackerCommand.Await>(await => Await(await.Waiter));
        Receive<TrackerCommand.AwaitEnd>(await => AwaitEnd(await.Waiter));
        Receive<TrackerCommand.Leave>(leave => parts.Waiters.Remove(leave.Waiter));
        Receive<TrackerCommand.Progressed>(Progressed);
        Receive<TrackerCommand.Saved>(saved => Saved(saved.Attempt));
        Receive<TrackerCommand.Logged>(Logged);
        Receive<TrackerCommand.Cancel>(Cancel);
        Receive<TrackerCommand.StopWorkflow>(StopWorkflow);
        Receive<TrackerCommand.SetQueue>(SetQueue);
        Receive<TrackerCommand.Ask>(Ask);
        Receive<TrackerCommand.Delete>(Delete);
        Receive<TrackerCommand.Subscribe>(subscribe => Subscribe(subscribe.Subscription));
        Receive<TrackerCommand.Unsubscribe>(unsubscribe => Unsubscribe(unsubscribe.Subscription));
        Receive<TrackerCommand.Compare>(compare => _strays.Compare(compare.Rows, Lose));
        Receive<Status.Failure>(failure => _log.CompareFailed(failure.Cause));
        Receive<TrackerCommand.Drain>(Drain);
        Receive<TrackerCommand.LetGo>(_ => LetGo());
        Receive<Tick>(OnTick);
        HearOfMembership();
        HearOfOthers();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        // The store reports on its own thread; a message is the only way in.
        var self = Self;
        _store.Reported = writes => self.Tell(new TrackerCommand.Reported(writes), ActorRefs.NoSender);
        foreach (var pool in _parts.Pools.All) pool.Gate.Tell(GateCommand.LayOpen.Instance);
        Context.System.EventStream.Subscribe(self, typeof(NodeNews));
        StartTimers();
        SweepAsLeader();
    }

    protected override void PreRestart(Exception reason, object message)
    {
        _log.TrackerFailed(reason, message.GetType().Name, _parts.Running.Count);
        Redeem(message, reason);
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        // Dispatchers may have asked the one before us: they ask again.
        if (_parts.IsShared) LookAtAll();
        else foreach (var queue in _parts.Dispatchers.Keys) Arrived(queue, SweepLimit);
        SaveAgain();
        NoteAgain();
    }

    /// <summary>A message failed: it is tried once more where that does no harm; else its sender is answered.</summary>
    private void Redeem(object message, Exception reason)
    {
        switch (message)
        {
            case TrackerCommand.Reported reported: TellAgain(reported, reason); break;
            case AttemptEnded { Ticket: RunningAttempt attempt }: EndAgain(attempt, message); break;
            case CacheReply.Ended { Attempt.Ticket: RunningAttempt attempt }: EndAgain(attempt, message); break;
            case TrackerCommand.Submit submit when !_pending.ContainsValue(submit): submit.Reply.TrySetException(Unanswered(reason)); break;
            case TrackerCommand.Admit admit: admit.Reply.TrySetException(Unanswered(reason)); break;
            case TrackerCommand.Cancel or TrackerCommand.Ask or TrackerCommand.Delete or TrackerCommand.StopWorkflow or TrackerCommand.SetQueue when !_pending.ContainsValue(message): Fail(message, Unanswered(reason)); break;
            case TrackerCommand.Claim claim when !_pending.ContainsValue(Sender): Sender.Tell(new DispatcherCommand.Claimed(claim.Permits, [])); break;
            default: break;
        }
    }

    private static StoreUnavailableException Unanswered(Exception reason) =>
        new("The node failed while it took the request in. Ask again, with the same id where there is one.", reason);

    private void TellAgain(TrackerCommand.Reported reported, Exception reason)
    {
        // Told ones have left _pending, in their order: the first that has not is the one that failed.
        var owed = reported.Writes.Where(write => !write.Told).ToArray();
        if (owed.Length == 0) return;
        if (!_parts.Retold.Add(owed[0]))
        {
            GiveUp(owed[0], reason);
            owed = owed[1..];
        }
        if (owed.Length > 0) Self.Tell(new TrackerCommand.Reported(owed));
    }

    private void GiveUp(JobWrite write, Exception reason)
    {
        _log.WriteGivenUp(reason, write.GetType().Name);
        _parts.Retold.Remove(write);
        if (!_pending.Remove(write, out var then)) return;
        switch (write, then)
        {
            case (JobWrite.Submit submit, TrackerCommand.Submit request): SubmitGivenUp(submit, request, reason); break;
            case (JobWrite.Claim claim, IActorRef dispatcher): ClaimGivenUp(claim, dispatcher); break;
            case (_, Ending ending): EndingFailed(ending); break;
            default: Fail(then, Unanswered(reason)); break;
        }
    }

    private void EndAgain(RunningAttempt attempt, object ended)
    {
        // Only when its end is not on its way to the store, and only once: else the comparison of rows finds it.
        if (_pending.Values.Any(then => then is Ending ending && ending.Attempt == attempt)) return;
        if (attempt.JudgedAgain)
        {
            Forget(attempt);
            return;
        }
        (attempt.JudgedAgain, attempt.Settled) = (true, false);
        Self.Tell(ended);
    }

    private void Progressed(TrackerCommand.Progressed report)
    {
        _news.Tell(report);
        Said(report.Attempt);
    }

    private void Logged(TrackerCommand.Logged report)
    {
        _news.Tell(report);
        Said(report.Attempt);
    }

    // A run leaves Running in the turn that tells of its end, so a waiter that finds it there cannot have missed that.
    private void AwaitEnd(JobWaiter waiter)
    {
        if (_parts.Running.Holds(waiter.Namespace, waiter.Id)) Await(waiter);
        else waiter.TrySetResult(null);
    }

    private void ReportedWrites(IReadOnlyList<JobWrite> writes)
    {
        foreach (var write in writes)
        {
            _pending.TryGetValue(write, out var then);
            if (write.Failure is { } failure) Failed(write, then, failure);
            else Committed(write, then);
            // Last, so that a write whose telling fails is still owed.
            write.Told = true;
            _pending.Remove(write);
        }
        if (_parts.Retold.Count > 0) _parts.Retold.ExceptWith(writes);
        if (_parts.Subscriptions.Count > 0) _parts.Events?.Tell(EventCommand.Look.Instance);
        TellIfDrained();
    }

    private void Committed(JobWrite write, object? then)
    {
        switch (write)
        {
            case JobWrite.Submit submit: Submitted(submit, (TrackerCommand.Submit?)then); break;
            case JobWrite.Claim claim: Claimed(claim, (IActorRef?)then); break;
            case JobWrite.Change change: Changed(change, then); break;
            case JobWrite.Sweep sweep: Swept(sweep); break;
            case JobWrite.Reap reap: Reaped(reap); break;
            case JobWrite.Prune prune: Pruned(prune); break;
            case JobWrite.StopWorkflow stop: (then as TrackerCommand.StopWorkflow)?.Reply.TrySetResult(stop.Found); break;
            case JobWrite.SetQueue set: QueueSet(set, (TrackerCommand.SetQueue?)then); break;
            case JobWrite.Delete delete: Deleted(delete, (TrackerCommand.Delete?)then); break;
            default: break;
        }
        if (write.Followed.Count > 0) Followed(write);
        if (write.Wakes is { } queues) WakeAll(queues);
    }

    /// <summary>Other jobs moved in the transaction of a write: they are told of like any, and what runs here and was asked to stop is.</summary>
    private void Followed(JobWrite write)
    {
        // One by one, so that a job whose telling fails can be told again without those before it.
        for (; write.ToldFollowed < write.Followed.Count; write.ToldFollowed++)
        {
            var (job, from) = write.Followed[write.ToldFollowed];
            if (from is null) _parts.Statistics.Submitted(job.Row);
            Moved(job, from);
            if (from is null && job.Row.State == JobState.Queued) Arrived(job.Row.Queue, 1);
            _parts.Running.Of(job)?.StopIfCancelled(job);
        }
    }

    private void Changed(JobWrite.Change change, object? then)
    {
        if (change.Command is JobCommand.Finish) CrashPoints.Reach(CrashPoints.FinishCommitted);
        if (change is { Decision: JobDecision.Moved, Now: { } now, Was: { } was })
        {
            if (was.Queue == now.Row.Queue) Moved(now, was.State);
            else Requeued(now, was);
        }
        switch (then)
        {
            case Ending ending: Ended(change, ending); break;
            case TrackerCommand.Cancel cancel: Cancelled(change, cancel); break;
            case TrackerCommand.Ask ask: Asked(change, ask); break;
            default: break;
        }
    }

    /// <summary>A job moved, durably.</summary>
    /// <param name="from">Null for a new job.</param>
    private void Moved(Job job, JobState? from)
    {
        _parts.Statistics.Moved(job.Row, from);
        if (job.Row.State is JobState.Scheduled or JobState.Retrying) Due(job.Row.RunAt);
        if (job.Row.State == JobState.Queued && from is not null) Arrived(job.Row.Queue, 1);
        _news.Tell(job, from);
    }

    private void Failed(JobWrite write, object? then, Exception failure)
    {
        _log.WriteFailed(failure, write.GetType().Name);
        switch (write, then)
        {
            case (JobWrite.Submit submit, TrackerCommand.Submit request): SubmitFailed(submit, request, failure); break;
            case (JobWrite.Claim claim, IActorRef dispatcher): ClaimFailed(claim, dispatcher); break;
            case (_, Ending ending): EndingFailed(ending); break;
            case (JobWrite.Sweep, _): _sweeping = false; break;
            case (JobWrite.Prune, _): _pruning = false; break;
            case (JobWrite.Note note, _): NoteFailed(note); break;
            default: Fail(then, failure); break;
        }
    }
}
