using ActorPerf.Compute;

namespace ActorPerf.Jobs;

/// <summary>Brings a queue's jobs to its pool: asks the gate for permits, the tracker for as many jobs, and hands each to the caching actor or the pool.</summary>
/// <remarks>
/// Demand driven: a job is claimed only for a permit in hand, so nothing piles up in mailboxes and no job is held by a node that cannot run it.
/// Invariant: permits granted = permits in hand + permits under claim + runs started; each comes back to the gate exactly once, by the run's end or by Return.
/// One claim is under way at a time; permits that become free meanwhile go together into the next.
/// </remarks>
internal sealed class JobDispatcher : ReceiveActor
{
    private const int MaxWant = 1_024;

    private readonly DispatcherParts _parts;
    private int _inHand;
    private int _claiming;         // permits under the claim under way; 0 for none
    private int _running;          // counted only where the queue has a limit of its own
    private long _arrived;         // jobs that came since the claim under way, or since the line was last seen to end; may be high, never low
    private long _behind;          // jobs thought to wait behind the claim under way
    private bool _draining;

    public JobDispatcher(DispatcherParts parts)
    {
        _parts = parts;
        Receive<DispatcherCommand.Arrived>(Arrived);
        Receive<GateReply.Granted>(Granted);
        Receive<DispatcherCommand.Claimed>(Claimed);
        Receive<DispatcherCommand.Ended>(_ => Ended());
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
        if (_claiming == 0) Next();
    }

    private void Granted(GateReply.Granted granted)
    {
        _inHand += granted.Count;
        if (_claiming == 0) Next();
    }

    private void Claimed(DispatcherCommand.Claimed claimed)
    {
        (_claiming, _behind) = (0, 0);
        foreach (var attempt in claimed.Taken) Start(attempt);
        _inHand += claimed.Asked - claimed.Taken.Count;
        if (claimed.Taken.Count < claimed.Asked)
        {
            // The line ended for this claim; what was announced since stands in _arrived.
            Next();
            return;
        }
        _arrived = Math.Max(_arrived, MaxWant);      // a full claim says nothing about how long the line is
        Next();
    }

    private void Ended()
    {
        _running = Math.Max(0, _running - 1);
        if (_claiming == 0 && !_draining) Next();
    }

    private void Drain()
    {
        _draining = true;
        Return();
    }

    private void Next()
    {
        if (_draining || _arrived == 0)
        {
            Return();
            return;
        }
        var room = Room();
        var usable = Math.Min(_inHand, room);
        if (usable > 0)
        {
            _claiming = usable;
            _inHand -= usable;
            _behind = Math.Max(0, _arrived - usable);
            _arrived = 0;
            _parts.Tracker.Tell(new TrackerCommand.Claim(_parts.Queue, usable), Self);
        }
        // For the whole line and not for as many as this claim takes: else claims would stay as small as the first one while routees idle.
        _parts.Gate.Tell(new GateCommand.Want((int)Math.Min(Math.Min(MaxWant, Math.Max(_arrived + _behind, _claiming)), Math.Max(0, room - usable))), Self);
    }

    private int Room() => _parts.Concurrency == 0 ? MaxWant : Math.Max(0, _parts.Concurrency - _running);

    private void Return()
    {
        _parts.Gate.Tell(new GateCommand.Want(0), Self);
        if (_inHand == 0) return;
        _parts.Gate.Tell(new GateCommand.Return(_inHand), Self);
        _inHand = 0;
    }

    private void Start(RunningAttempt attempt)
    {
        if (_parts.Concurrency > 0) _running++;
        _parts.Start.Start(attempt, _parts.Gate, _parts.Tracker, Self);
    }
}

/// <summary>What a queue's dispatcher works with.</summary>
/// <param name="Concurrency">Runs of the queue at once; 0 for no limit.</param>
internal sealed record DispatcherParts(string Queue, int Concurrency, IActorRef Gate, IActorRef Tracker, AttemptStart Start);
