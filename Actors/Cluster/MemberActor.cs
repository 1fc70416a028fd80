namespace ActorPerf.Cluster;

/// <summary>Keeps this node's place among the members: renews its lease, sees what others did, and ends this incarnation before its lease does.</summary>
/// <remarks>
/// Invariants: runs go on only while <see cref="NodeLease.Holds"/>; an incarnation that was fenced is never renewed again; one request to the store is under way at a time.
/// A renewal is sent every third of the lease, and after one that failed again soon; at two thirds without one the node is fenced: it stops its attempts, says why it is not ready,
/// and joins again as the next incarnation when the store answers. All of it holds when this actor is late, too (a frozen process): whoever acts on the lease asks <see cref="NodeLease"/> itself.
/// With the store for itself a node's lease never ends; it renews for its figures, and only an operator's word ends its incarnation.
/// </remarks>
internal sealed class MemberActor : ReceiveActor, IWithTimers
{
    /// <summary>How often a row is renewed whose lease never ends.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    private readonly NodeMembership _membership;
    private readonly Action<NodeNews> _publish;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TimeSpan _period;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _retry;
    private readonly TimeSpan? _poll;
    private bool _writing;
    private bool _writeAgain;
    private bool _reading;
    private DateTimeOffset _renewedAt;
    private long _epochTold;
    private IReadOnlyList<Guid> _living = [];

    /// <param name="poll">How often it looks at what others did to the rows.</param>
    /// <param name="publish">Where others on this node hear of it: the event stream.</param>
    public MemberActor(NodeMembership membership, TimeSpan poll, Action<NodeNews> publish, TimeProvider time, ILogger log)
    {
        (_membership, _publish, _time, _log) = (membership, publish, time, log);
        _period = membership.LeaseLength / 3 ?? Period;
        // Long enough for a store that is slow and answers; short enough to ask once more before the node is fenced.
        _patience = membership.LeaseLength is null ? LongestPatience : Shorter(_period / 2, LongestPatience);
        _retry = membership.LeaseLength is null ? Period : Shorter(_period / 5, LongestRetry);
        _poll = membership.LeaseLength is null ? null : poll;
        Receive<Tick>(OnTick);
        Receive<Answered>(Heard);
        Receive<Unanswered>(NotHeard);
        Receive<Seen>(Saw);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        _membership.Poke = () => self.Tell(Tick.Renew, ActorRefs.NoSender);
        if (_poll is { } poll) Timers.StartPeriodicTimer(Tick.Look, Tick.Look, poll);
        WatchLease();
        Write();
    }

    private void OnTick(Tick tick)
    {
        FenceIfOver();
        if (tick == Tick.Renew) Write();
        else if (tick == Tick.Look) Look();
        else WatchLease();
    }

    private void Write()
    {
        if (_writing)
        {
            _writeAgain = true;
            return;
        }
        var now = _membership.Now;
        if (now.Status == MemberStatus.Down || (now.Fence is not null && now.Status == MemberStatus.Leaving)) return;
        (_writing, _writeAgain) = (true, false);
        MemberCommand command = now.Fence is null
            ? new MemberCommand.Renew(_membership.Self, _membership.LeaseLength)
            : new MemberCommand.Join(_membership.Self, _membership.LeaseLength) { Former = _membership.Former };
        var from = _time.GetTimestamp();
        _ = AskAsync(command).PipeTo(
            Self, success: reply => new Answered(command, now.Incarnation, reply, from), failure: cause => new Unanswered(cause));
    }

    // A store that hangs must not keep the actor from asking again.
    private async Task<MemberReply> AskAsync(MemberCommand command) =>
        await _membership.Store.ApplyAsync(command, CancellationToken.None).AsTask().WaitAsync(_patience, _time);

    private void Heard(Answered answered)
    {
        _writing = false;
        FenceIfOver();
        var current = answered.Incarnation == _membership.Now.Incarnation;
        if (!current) Again(TimeSpan.Zero);
        else if (answered.Reply is MemberReply.Done done)
        {
            if (answered.Command is MemberCommand.Join) Rejoined(done.View, answered.From);
            else Renewed(done.View, answered.From);
        }
        else if (answered.Reply is MemberReply.Refused refused)
        {
            if (answered.Command is MemberCommand.Renew) Fence($"This incarnation of the node is over: {refused.Detail}. What it ran goes to others; it joins again.");
            else StayOut(refused.Detail);
        }
    }

    private void Renewed(ClusterView view, long from)
    {
        _membership.Stands(view, from);
        _renewedAt = view.Now;
        WatchLease();
        Tell(view, renewed: true);
        // Counted from when it was sent, so that a slow answer does not eat into the lease.
        var passed = _time.GetElapsedTime(from);
        Again(passed < _period ? _period - passed : TimeSpan.Zero);
    }

    private void Rejoined(ClusterView view, long from)
    {
        _membership.Stands(view, from);
        _membership.Become(MemberStatus.Up);
        _renewedAt = view.Now;
        _log.Rejoined(_membership.Now.Incarnation);
        WatchLease();
        _publish(new NodeNews.Rejoined(_membership.Now.Incarnation));
        Tell(view, renewed: true);
        Again(TimeSpan.Zero);      // so that it stands as up
    }

    private void StayOut(string reason)
    {
        _log.StaysOut(reason);
        _membership.StaysFenced(reason);
        Again(_period);
    }

    private void NotHeard(Unanswered unanswered)
    {
        if (unanswered.Reading) _reading = false;
        else
        {
            _writing = false;
            _log.HeartbeatFailed(unanswered.Cause);
            Again(_retry);
        }
        FenceIfOver();
    }

    private void Look()
    {
        if (_reading) return;
        _reading = true;
        _ = ReadAsync().PipeTo(Self, success: view => new Seen(view), failure: cause => new Unanswered(cause) { Reading = true });
    }

    private async Task<ClusterView> ReadAsync() => await _membership.Store.ReadAsync(CancellationToken.None).AsTask().WaitAsync(_patience, _time);

    private void Saw(Seen seen)
    {
        _reading = false;
        FenceIfOver();
        var (view, now) = (seen.View, _membership.Now);
        if (view.Now < _renewedAt) return;      // read before the last renewal, and overtaken by it
        _membership.Saw(view);
        if (now.Fence is not null) return;
        Tell(view, renewed: false);
        var stands = view.Find(_membership.Self.Name) is { } row && row.Incarnation == now.Incarnation && MemberRules.IsAlive(row, view.Now);
        // The store says what is the matter, and elects.
        if (!stands || MemberRules.WantsElection(view)) Write();
    }

    /// <summary>Others on this node hear what the rows mean for them.</summary>
    private void Tell(ClusterView view, bool renewed)
    {
        var epoch = _membership.Leads ? _membership.Now.Epoch : 0;
        if (epoch != _epochTold && epoch > 0)
        {
            _log.Leads(epoch);
            _publish(new NodeNews.Leads(epoch));
        }
        _epochTold = epoch;
        if (epoch == 0) return;
        var living = view.Living;
        var changed = !living.SequenceEqual(_living);
        // Alone, nobody dies but by an operator's word.
        if (changed || (renewed && _poll is not null)) _publish(new NodeNews.Living(living, view.Now));
        _living = living;
    }

    private void FenceIfOver()
    {
        if (_membership.Now.Fence is null && !_membership.Lease.Holds)
            Fence($"The store has not answered for {(_membership.LeaseLength * 2 / 3)?.TotalSeconds:0.#} s, so this node stopped what it ran before others take it over. It joins again when the store answers.");
    }

    private void Fence(string reason)
    {
        if (_membership.Now.Status == MemberStatus.Down) return;
        _epochTold = 0;
        _log.Fenced(reason);
        _membership.Fence(reason);
        _publish(new NodeNews.Fenced(reason));
        Write();
    }

    private void WatchLease()
    {
        var left = _membership.Lease.Left;
        if (left > TimeSpan.Zero && left < TimeSpan.MaxValue) Timers.StartSingleTimer(Tick.Lease, Tick.Lease, left + TimeSpan.FromMilliseconds(1));
    }

    private void Again(TimeSpan pause)
    {
        if (_writeAgain || pause == TimeSpan.Zero) Write();
        else Timers.StartSingleTimer(Tick.Renew, Tick.Renew, pause);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>What a tick is for; the timers' keys and messages.</summary>
    private sealed record Tick(string Name)
    {
        public static readonly Tick Renew = new("renew");
        public static readonly Tick Look = new("look");
        public static readonly Tick Lease = new("lease");
    }

    private sealed record Answered(MemberCommand Command, Guid Incarnation, MemberReply Reply, long From);

    private sealed record Unanswered(Exception Cause)
    {
        public bool Reading { get; init; }
    }

    private sealed record Seen(ClusterView View);
}
