using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Brings a queue's jobs to its pool: asks the gate for permits, the tracker for as many jobs, and hands each to the caching actor or the pool.</summary>
/// <remarks>
/// Demand driven: a job is claimed only for a permit in hand, so nothing piles up in mailboxes and no job is held by a node that cannot run it.
/// Invariant: permits granted = permits in hand + permits under claim + runs started; each comes back to the gate exactly once, by the run's end or by Return.
/// At most two claims are under way, each of a part of a large pool: while the jobs of one run, the store takes the next, so that routees and
/// writer work at the same time. One alone takes what is in hand at once, be it a single permit; a second one has to be worth its statement.
/// A restart changes none of it: permits and what was taken lie in <see cref="DispatcherHand"/>, which outlives the actor. The attempt whose start failed
/// has failed, the others start.
/// </remarks>
internal sealed class JobDispatcher : ReceiveActor
{
    private const int MaxWant = 1_024;
    private const int MaxClaim = 256;
    private const int MaxClaims = 2;
    private const int WorthAnother = 64;

    private readonly DispatcherParts _parts;
    private readonly DispatcherHand _hand;
    private long _arrived;         // jobs that came since the newest claim, or since the line was last seen to end; may be high, never low
    private long _behind;          // jobs thought to wait behind the claims under way

    public JobDispatcher(DispatcherParts parts)
    {
        (_parts, _hand) = (parts, parts.Hand);
        Receive<DispatcherCommand.Arrived>(Arrived);
        Receive<GateReply.Granted>(Granted);
        Receive<DispatcherCommand.Claimed>(Claimed);
        Receive<DispatcherCommand.Drain>(_ => Drain());
    }

    protected override void PreStart()
    {
        // What waited before this node started is not announced by anyone.
        Self.Tell(new DispatcherCommand.Arrived(MaxWant));
    }

    protected override void PreRestart(Exception reason, object message)
    {
        if (_hand.Taken.TryDequeue(out var failed)) AttemptStart.GiveUp(failed, new TaskError("not-started", $"Its start failed: {reason.Message}"), _parts.Gate, _parts.Tracker, Self);
        base.PreRestart(reason, message);
    }

    private void Arrived(DispatcherCommand.Arrived arrived)
    {
        StartTaken();
        if (_hand.Draining) return;
        _arrived += arrived.Count;
        if (_hand.Claims == 0 || Usable() > 0) Next();
    }

    private void Granted(GateReply.Granted granted)
    {
        _hand.Permits += granted.Count;
        if (_hand.Claims == 0 || Usable() > 0) Next();
    }

    private void Claimed(DispatcherCommand.Claimed claimed)
    {
        _hand.Claims--;
        _hand.Claiming -= claimed.Asked;
        _hand.Permits += claimed.Asked - claimed.Taken.Count;
        foreach (var attempt in claimed.Taken) _hand.Taken.Enqueue(attempt);
        StartTaken();
        // A full claim says nothing about how long the line is; another saw its end, or a limit, whose news comes when there is room again; and what was announced since the newest stands in _arrived.
        _behind = claimed.Taken.Count == claimed.Asked ? Math.Max(_behind, MaxWant) : 0;
        Next();
    }

    private void StartTaken()
    {
        for (; _hand.Taken.TryPeek(out var attempt); _hand.Taken.Dequeue()) _parts.Start.Start(attempt, _parts.Gate, _parts.Tracker, Self);
    }

    private void Drain()
    {
        _hand.Draining = true;
        Return();
    }

    private void Next()
    {
        if (_hand.Draining || (_hand.Claims == 0 && _arrived + _behind == 0))
        {
            Return();
            return;
        }
        while (Usable() is var usable and > 0)
        {
            _hand.Claims++;
            _hand.Claiming += usable;
            _hand.Permits -= usable;
            (_behind, _arrived) = (Math.Max(0, _arrived + _behind - usable), 0);
            _parts.Tracker.Tell(new TrackerCommand.Claim(_parts.Queue, usable), Self);
        }
        // For the whole line and not for as many as a claim takes: else claims would stay as small as the first one while routees idle.
        _parts.Gate.Tell(new GateCommand.Want((int)Math.Min(MaxWant, Math.Max(_arrived + _behind, _hand.Claiming))), Self);
    }

    /// <summary>Permits for another claim; 0 when there is nothing to claim, nothing to claim it with, or too little for one more beside another.</summary>
    private int Usable()
    {
        var least = _hand.Claims == 0 ? 1 : WorthAnother;
        if (_hand.Claims == MaxClaims || _arrived + _behind < least) return 0;
        var usable = Math.Min(_hand.Permits, MaxClaim);
        return usable >= least ? usable : 0;
    }

    private void Return()
    {
        _parts.Gate.Tell(new GateCommand.Want(0), Self);
        if (_hand.Permits == 0) return;
        _parts.Gate.Tell(new GateCommand.Return(_hand.Permits), Self);
        _hand.Permits = 0;
    }
}

/// <summary>What a queue's dispatcher works with.</summary>
internal sealed record DispatcherParts(string Queue, IActorRef Gate, IActorRef Tracker, AttemptStart Start)
{
    public DispatcherHand Hand { get; } = new();
}

/// <summary>What a dispatcher holds and owes, whichever of its lives it is in. The dispatcher's alone.</summary>
internal sealed class DispatcherHand
{
    /// <summary>Granted, and not used for a claim.</summary>
    public int Permits { get; set; }

    /// <summary>Under way.</summary>
    public int Claims { get; set; }

    /// <summary>Permits under them.</summary>
    public int Claiming { get; set; }

    /// <summary>Claimed and not started, first of the line first.</summary>
    public Queue<RunningAttempt> Taken { get; } = [];

    public bool Draining { get; set; }
}
