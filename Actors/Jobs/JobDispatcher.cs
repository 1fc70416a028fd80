using ActorPerf.Compute;

namespace ActorPerf.Jobs;

/// <summary>Brings a queue's jobs to its pool: asks the gate for permits, the tracker for as many jobs, and hands each to the caching actor or the pool.</summary>
/// <remarks>
/// Demand driven: a job is claimed only for a permit in hand, so nothing piles up in mailboxes and no job is held by a node that cannot run it.
/// Invariant: permits granted = permits in hand + permits under claim + runs started; each comes back to the gate exactly once, by the run's end or by Return.
/// At most two claims are under way, each of a part of a large pool: while the jobs of one run, the store takes the next, so that routees and
/// writer work at the same time. One alone takes what is in hand at once, be it a single permit; a second one has to be worth its statement.
/// </remarks>
internal sealed class JobDispatcher : ReceiveActor
{
    private const int MaxWant = 1_024;
    private const int MaxClaim = 256;
    private const int MaxClaims = 2;
    private const int WorthAnother = 64;

    private readonly DispatcherParts _parts;
    private int _inHand;
    private int _claims;           // under way
    private int _claiming;         // permits under them
    private long _arrived;         // jobs that came since the newest claim, or since the line was last seen to end; may be high, never low
    private long _behind;          // jobs thought to wait behind the claims under way
    private bool _draining;

    public JobDispatcher(DispatcherParts parts)
    {
        _parts = parts;
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

    private void Arrived(DispatcherCommand.Arrived arrived)
    {
        if (_draining) return;
        _arrived += arrived.Count;
        if (_claims == 0 || Usable() > 0) Next();
    }

    private void Granted(GateReply.Granted granted)
    {
        _inHand += granted.Count;
        if (_claims == 0 || Usable() > 0) Next();
    }

    private void Claimed(DispatcherCommand.Claimed claimed)
    {
        _claims--;
        _claiming -= claimed.Asked;
        foreach (var attempt in claimed.Taken) Start(attempt);
        _inHand += claimed.Asked - claimed.Taken.Count;
        // A full claim says nothing about how long the line is; another saw its end, or a limit, whose news comes when there is room again; and what was announced since the newest stands in _arrived.
        _behind = claimed.Taken.Count == claimed.Asked ? Math.Max(_behind, MaxWant) : 0;
        Next();
    }

    private void Drain()
    {
        _draining = true;
        Return();
    }

    private void Next()
    {
        if (_draining || (_claims == 0 && _arrived + _behind == 0))
        {
            Return();
            return;
        }
        while (Usable() is var usable and > 0)
        {
            _claims++;
            _claiming += usable;
            _inHand -= usable;
            (_behind, _arrived) = (Math.Max(0, _arrived + _behind - usable), 0);
            _parts.Tracker.Tell(new TrackerCommand.Claim(_parts.Queue, usable), Self);
        }
        // For the whole line and not for as many as a claim takes: else claims would stay as small as the first one while routees idle.
        _parts.Gate.Tell(new GateCommand.Want((int)Math.Min(MaxWant, Math.Max(_arrived + _behind, _claiming))), Self);
    }

    /// <summary>Permits for another claim; 0 when there is nothing to claim, nothing to claim it with, or too little for one more beside another.</summary>
    private int Usable()
    {
        var least = _claims == 0 ? 1 : WorthAnother;
        if (_claims == MaxClaims || _arrived + _behind < least) return 0;
        var usable = Math.Min(_inHand, MaxClaim);
        return usable >= least ? usable : 0;
    }

    private void Return()
    {
        _parts.Gate.Tell(new GateCommand.Want(0), Self);
        if (_inHand == 0) return;
        _parts.Gate.Tell(new GateCommand.Return(_inHand), Self);
        _inHand = 0;
    }

    private void Start(RunningAttempt attempt) => _parts.Start.Start(attempt, _parts.Gate, _parts.Tracker, Self);
}

/// <summary>What a queue's dispatcher works with.</summary>
internal sealed record DispatcherParts(string Queue, IActorRef Gate, IActorRef Tracker, AttemptStart Start);
