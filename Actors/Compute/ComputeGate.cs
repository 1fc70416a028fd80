using ActorPerf.Tasks;

namespace ActorPerf.Compute;

/// <summary>Hands attempts to the idle routees of one pool: one permit per routee, jobs and synchronous computations by <see cref="GateRules"/>.</summary>
/// <remarks>Routees announce themselves and say when they are done (work pulling), for no routing logic can know that a routee awaits. So
/// nothing waits in a routee's mailbox, and what cannot run waits here, bounded.</remarks>
internal sealed class ComputeGate : ReceiveActor
{
    private static readonly TimeSpan RecountAfter = TimeSpan.FromSeconds(1);

    private readonly string _queue;
    private readonly ComputeOptions _options;
    private readonly PoolMeter _meter;
    private readonly OpenPermits _open;
    private readonly ILogger _log;
    private readonly Dictionary<IActorRef, Slot> _slots = [];         // living routees
    private readonly Dictionary<object, Slot> _running = [];          // by ticket
    private readonly Stack<Slot> _idle = [];                          // dead ones are skipped when they come up
    private readonly HashSet<IActorRef> _abandoned = [];
    private readonly Holders _holders = new();
    private readonly AttemptLine _parked = new();
    private readonly AttemptLine _computes = new();
    private readonly AttemptLine _quiet = new();                      // computations that let everybody else go before
    private GateState _state;
    private IActorRef _pool = ActorRefs.Nobody;
    private IActorRef? _taker;                                        // of what lies open; null: nothing does
    private bool _recounting;
    private int _target = int.MaxValue;                               // routees that the pool should have; known soon after its start

    public ComputeGate(string queue, ComputeOptions options, PoolMeter meter, OpenPermits open, ILogger log)
    {
        (_queue, _options, _meter, _open, _log) = (queue, options, meter, open, log);
        On<AttemptEnded>(RunEnded);
        On<GateCommand.StartCompute>(start =>
        {
            if (start.Quiet) StartQuiet(start.Attempt, start.ReplyTo);
            else StartCompute(start.Attempt, start.ReplyTo);
        });
        On<GateCommand.Hasten>(hasten =>
        {
            if (_quiet.Remove(hasten.Ticket) is var (attempt, replyTo)) StartCompute(attempt, replyTo);
        });
        On<GateCommand.StartJob>(start => StartJob(start.Attempt, start.ReplyTo, Sender));
        On<GateCommand.Want>(want => Want(Sender, want.Count));
        On<GateCommand.Return>(back => Return(Sender, back.Count));
        On<GateCommand.LayOpen>(_ => LayOpenFor(Sender));
        On<GateCommand.Abandon>(abandon => Abandon(abandon.Ticket));
        On<GateNotice.Ready>(_ => RouteeReady(Sender));
        On<GateNotice.Leave>(leave => Leave(leave.Ticket));
        On<GateNotice.PoolStarted>(started =>
        {
            _pool = started.Pool;
            _pool.Tell(GetRoutees.Instance, Self);
        });
        On<Routees>(routees =>
        {
            if (_target == int.MaxValue) _log.PoolStarted(_queue, _target = routees.Members.Count());
        });
        On<GateNotice.Recount>(_ => Refill());
        On<Terminated>(terminated => Died(terminated.ActorRef));
    }

    private void On<T>(Action<T> handle) => Receive<T>(message =>
    {
        CountTaken(_open.Count);
        handle(message);
        GiveOut();
        LetQuietOn();
        LayOpen();
        _meter.Show(_state, _abandoned.Count);
    });

    /// <param name="open">What lies open by now; the rest of what did was taken.</param>
    private void CountTaken(int open)
    {
        if (open == _state.Open || _taker is null) return;
        var taken = _state.Open - open;
        _state = GateRules.Taken(_state, taken);
        _holders.Took(_taker, taken);
    }

    private void Withdraw(int rest)
    {
        CountTaken(_open.Lower(rest));
        _state = _state with { Open = Math.Min(_state.Open, rest) };
    }

    private void LayOpen()
    {
        if (_taker is null) return;
        var target = GateRules.ToLayOpen(_state, _options.ReserveForCompute);
        if (target > _state.Open)
        {
            _open.Add(target - _state.Open);
            _state = _state with { Open = target };
        }
        else if (target < _state.Open)
        {
            Withdraw(target);
        }
    }

    private void LayOpenFor(IActorRef taker)
    {
        if (_taker is null) Context.Watch(taker);
        _taker = taker;
    }

    private void GiveOut()
    {
        while (true)
        {
            if (GateRules.MustWithdraw(_state)) Withdraw(0);
            var step = GateRules.Next(_state, _options.ReserveForCompute);
            if (step == GateStep.None) break;
            _state = GateRules.Apply(_state, step);
            if (step == GateStep.StartParked) Run(_parked.Take(), RunKind.Job);
            else if (step == GateStep.StartCompute) Run(_computes.Take(), RunKind.Compute);
            else _holders.GrantOne();
        }
        _holders.TellGranted(Self);
    }

    private void Run((Attempt Attempt, IActorRef ReplyTo) start, RunKind kind)
    {
        var slot = _idle.Pop();
        while (!_slots.TryGetValue(slot.Routee, out var living) || living != slot) slot = _idle.Pop();
        slot.Attempt = start.Attempt;
        slot.ReplyTo = start.ReplyTo;
        slot.Kind = kind;
        _running[start.Attempt.Ticket] = slot;
        slot.Routee.Tell(new RouteeCommand.Run(start.Attempt, start.ReplyTo), Self);
    }

    private void StartCompute(Attempt attempt, IActorRef replyTo)
    {
        // What can start at once does not count against the line, nor stand in it.
        var waiting = _state with { Waiting = _state.Waiting + 1 };
        if (_computes.Count == 0 && GateRules.Next(waiting, _options.ReserveForCompute) == GateStep.StartCompute)
        {
            _state = GateRules.Apply(waiting, GateStep.StartCompute);
            Run((attempt, replyTo), RunKind.Compute);
            return;
        }
        // A line of nobody takes one more where an open permit is about to be withdrawn for it.
        if (_computes.Count >= _options.MaxWaiting && !(_computes.Count == 0 && GateRules.MustWithdraw(waiting)))
        {
            replyTo.Tell(new GateReply.Busy(attempt.Ticket, _options.BusyRetryAfter), Self);
            return;
        }
        _computes.Add(attempt, replyTo, Self);
        _state = waiting;
    }

    private void StartQuiet(Attempt attempt, IActorRef replyTo)
    {
        if (_quiet.Count < _options.MaxWaiting) _quiet.Add(attempt, replyTo, Self);
        else replyTo.Tell(new GateReply.Busy(attempt.Ticket, _options.BusyRetryAfter), Self);
    }

    /// <summary>Nobody waits and a routee is idle: the next quiet one joins the line, and starts.</summary>
    private void LetQuietOn()
    {
        while (_quiet.Count > 0 && _state is { Waiting: 0, Wanted: 0, Parked: 0 } && _state.Idle - _state.Granted > 0)
        {
            var (attempt, replyTo) = _quiet.Take();
            _computes.Add(attempt, replyTo, Self);
            _state = _state with { Waiting = _state.Waiting + 1 };
            GiveOut();
        }
    }

    private void StartJob(Attempt attempt, IActorRef replyTo, IActorRef holder)
    {
        var granted = _holders.Use(holder);
        if (!granted) _log.StartedWithoutPermit(_queue);
        _state = GateRules.JobArrived(_state, granted);
        if (_parked.Count == 0 && GateRules.Next(_state, _options.ReserveForCompute) == GateStep.StartParked)
        {
            _state = GateRules.Apply(_state, GateStep.StartParked);
            Run((attempt, replyTo), RunKind.Job);
            return;
        }
        _parked.Add(attempt, replyTo, Self);
    }

    private void Want(IActorRef holder, int count)
    {
        if (_holders.Want(holder, Math.Max(0, count))) Context.Watch(holder);
        _state = _state with { Wanted = _holders.Wanted };
    }

    private void Return(IActorRef holder, int count) => _state = _state with { Granted = _state.Granted - _holders.Return(holder, count) };

    private void RunEnded(AttemptEnded ended)
    {
        if (!_slots.TryGetValue(Sender, out var slot) || slot.Attempt is null) return; // an abandoned one
        Free(slot);
        _meter.CountEnded();
        _idle.Push(slot);
    }

    private void RouteeReady(IActorRef routee)
    {
        if (_slots.TryGetValue(routee, out var slot))
        {
            if (slot.Attempt is null) return;
            AnswerLost(slot);                                   // it was restarted in the middle of a run
            Free(slot);
            _idle.Push(slot);
            return;
        }
        Context.Watch(routee);
        slot = _slots[routee] = new Slot(routee);
        _state = GateRules.Announced(_state);
        _idle.Push(slot);
        // Either the one that it replaces is about to be reported dead, or it was replaced twice; a second later it is clear.
        if (_slots.Count > _target) RecountIn(RecountAfter);
    }

    private void Free(Slot slot)
    {
        if (slot.Attempt is { } attempt) _running.Remove(attempt.Ticket);
        _state = GateRules.Ended(_state, slot.Kind);
        (slot.Attempt, slot.Kind) = (null, RunKind.Nothing);
    }

    private void Died(IActorRef actor)
    {
        if (_slots.Remove(actor, out var slot))
        {
            if (slot.Attempt is { } attempt)
            {
                AnswerLost(slot);
                _running.Remove(attempt.Ticket);
            }
            _state = GateRules.Lost(_state, slot.Kind);
            CompactIdle();
            RecountIn(RecountAfter);
        }
        else if (_abandoned.Remove(actor))
        {
            Reopen();
        }
        else
        {
            if (actor.Equals(_taker))
            {
                Withdraw(0);
                _taker = null;
            }
            _state = _state with { Granted = _state.Granted - _holders.Forget(actor), Wanted = _holders.Wanted };
        }
    }

    private void AnswerLost(Slot slot)
    {
        if (slot.Attempt is not { } attempt) return;
        _log.RouteeLost(_queue, slot.Routee.Path.Name, attempt.Task.Name);
        var error = new TaskError("routee-lost", $"The routee that ran task '{attempt.Task.Name}' stopped before the task ended.");
        slot.ReplyTo?.Tell(new AttemptEnded(attempt.Ticket, new AttemptOutcome.Failed(error), TimeSpan.Zero), Self);
    }

    /// <summary>Gives up a run, or one that has not started yet.</summary>
    private void Abandon(object ticket)
    {
        if (!_running.Remove(ticket, out var slot) || slot.Attempt is not { } attempt)
        {
            Leave(ticket);
            return;
        }
        _slots.Remove(slot.Routee);
        _abandoned.Add(slot.Routee);
        _state = GateRules.Lost(_state, slot.Kind);
        // In this order, for a router stops with its last routee.
        _pool.Tell(new AdjustPoolSize(1), Self);
        slot.Routee.Tell(RouteeCommand.GiveUp.Instance, Self);
        _meter.CountAbandoned();
        _log.Abandoned(_queue, attempt.Task.Name, _abandoned.Count);
        if (_state.Closed || _abandoned.Count < _options.MaxAbandoned) return;
        _state = _state with { Closed = true };
        _log.Closed(_queue, _abandoned.Count, _options.MaxAbandoned);
    }

    private void Reopen()
    {
        if (!_state.Closed || _abandoned.Count >= _options.MaxAbandoned) return;
        _state = _state with { Closed = false };
        _log.Opened(_queue, _abandoned.Count);
    }

    private void Leave(object ticket)
    {
        if (_computes.Remove(ticket) is var (_, compute))
        {
            _state = _state with { Waiting = _state.Waiting - 1 };
            compute.Tell(new AttemptEnded(ticket, new AttemptOutcome.Cancelled(), TimeSpan.Zero), Self);
        }
        else if (_quiet.Remove(ticket) is var (_, quiet))
        {
            quiet.Tell(new AttemptEnded(ticket, new AttemptOutcome.Cancelled(), TimeSpan.Zero), Self);
        }
        else if (_parked.Remove(ticket) is var (_, job))
        {
            _state = _state with { Parked = _state.Parked - 1 };
            job.Tell(new AttemptEnded(ticket, new AttemptOutcome.Cancelled(), TimeSpan.Zero), Self);
        }
    }

    /// <summary>A pool may or may not put a new routee in the place of a dead one; what is missing a second later is added here, and what is
    /// too much leaves when it is idle.</summary>
    private void Refill()
    {
        _recounting = false;
        if (_target == int.MaxValue || _slots.Count == _target) return;
        if (_slots.Count > _target)
        {
            // An idle routee may be promised to a job; only what is free leaves.
            Withdraw(0);
            for (var extra = Math.Min(_slots.Count - _target, _state.Free); extra > 0; extra--) Dismiss(_idle.Pop());
            if (_slots.Count > _target) RecountIn(RecountAfter);
            return;
        }
        _log.Refilled(_queue, _target - _slots.Count);
        _pool.Tell(new AdjustPoolSize(_target - _slots.Count), Self);
        RecountIn(RecountAfter * 10);
    }

    private void Dismiss(Slot slot)
    {
        if (!_slots.Remove(slot.Routee)) return;
        Context.Unwatch(slot.Routee);
        _state = GateRules.Lost(_state, RunKind.Nothing);
        slot.Routee.Tell(PoisonPill.Instance, Self);            // behind all it was given, for nobody else sends to routees
    }

    private void RecountIn(TimeSpan delay)
    {
        if (_recounting) return;
        _recounting = true;
        Context.System.Scheduler.ScheduleTellOnce(delay, Self, GateNotice.Recount.Instance, Self);
    }

    private void CompactIdle()
    {
        var living = _idle.Where(slot => _slots.TryGetValue(slot.Routee, out var known) && known == slot).Reverse().ToArray();
        _idle.Clear();
        foreach (var slot in living) _idle.Push(slot);
    }

    /// <summary>A routee and what it runs.</summary>
    private sealed class Slot(IActorRef routee)
    {
        public IActorRef Routee { get; } = routee;
        public Attempt? Attempt { get; set; }
        public IActorRef? ReplyTo { get; set; }
        public RunKind Kind { get; set; }
    }
}
