using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ActorPerf.Kernel;

/// <summary>One actor's place in the system: its mailbox, its instance, its life cycle. Runs on one thread at a time.</summary>
/// <remarks>
/// Split by concern: this file owns scheduling and the turn; <c>Receive</c> one message, <c>Faults</c> failing and restarting,
/// <c>Children</c> and <c>DeathWatch</c> relations, <c>Awaiting</c> async handlers. What few actors need lives in <see cref="CellExtras"/>.
/// </remarks>
internal sealed partial class ActorCell : IThreadPoolWorkItem, IUntypedActorContext
{
    private const int Idle = 0, Suspended = 1, Scheduled = 2;

    [ThreadStatic] private static ActorCell? t_current;

    private readonly ActorSystemImpl _system;
    private readonly MessageDispatcher _dispatcher;
    private readonly LocalActorRef _self;
    private readonly Props _props;
    private readonly IInternalActorRef _parent;
    private MailboxQueue _mailbox;
    private SystemQueue _systemQueue;
    private ActorBase? _actor;
    private CellExtras? _extras;
    private IdleSignal? _idle;             // of a pool that prefers idle routees
    private int _schedule = Scheduled;     // until the first turn, which Start() asks for
    private int _suspensions;              // user messages wait while above zero; touched in turns only
    private CellFlags _flags;

    public ActorCell(ActorSystemImpl system, LocalActorRef self, Props props, IInternalActorRef parent, DispatcherBinding binding)
    {
        _system = system;
        _self = self;
        _props = props;
        _parent = parent;
        _dispatcher = binding.Dispatcher;
        if (binding.MailboxCapacity > 0) Extras.Bound = new MailboxBound(binding.MailboxCapacity);
        if (binding.StashCapacity > 0) Extras.StashCapacity = binding.StashCapacity;
    }

    /// <summary>The cell whose turn runs on this thread.</summary>
    public static ActorCell? Current => t_current;

    /// <exception cref="NotSupportedException">No actor runs on this thread.</exception>
    public static ActorCell Required => t_current ?? throw Outside();

    /// <summary>This cell, if its turn runs on this thread.</summary>
    /// <exception cref="NotSupportedException">It does not.</exception>
    public ActorCell Running => ReferenceEquals(t_current, this) ? this : throw Outside();

    private static NotSupportedException Outside() => new(
        "There is no active ActorContext: Context, Self and Sender are valid only inside the actor. "
        + "Copy what you need into a local before leaving it (await with ConfigureAwait(false), Task.Run, callbacks).");

    public LocalActorRef SelfRef => _self;

    public IActorRef Self => _self;

    public IActorRef Parent => _parent;

    public Props Props => _props;

    public ActorSystem System => _system;

    public ActorSystemImpl SystemImpl => _system;

    public MessageDispatcher Dispatcher => _dispatcher;

    public bool IsTerminated => Has(CellFlags.Terminated);

    public bool IsConstructing => Has(CellFlags.Constructing);

    /// <summary>Messages waiting, beside the one being handled.</summary>
    public long MailboxDepth => _mailbox.Count + (Volatile.Read(ref _extras)?.Front?.Count ?? 0);

    /// <summary>Whether a message is being handled, awaited, or about to be taken, or was a moment ago.</summary>
    public bool IsBusy => Volatile.Read(ref _schedule) != Idle;

    private CellExtras Extras => _extras ??= new CellExtras();

    /// <summary>Asks for the first turn, which constructs the actor.</summary>
    public void Start() => _dispatcher.Schedule(this);

    /// <summary>Raises the signal now, and whenever the cell becomes idle.</summary>
    public void SignalIdle(IdleSignal idle)
    {
        Volatile.Write(ref _idle, idle);
        Interlocked.MemoryBarrier();       // a cell that becomes idle now sees it, or is seen idle by who finds the signal raised
        idle.Raise();
    }

    /// <summary>Queues a user message; from any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Post(object message, IActorRef? sender)
    {
        if (message is null || IsTerminated || _extras?.Bound is not null) PostApart(message, sender);
        else Enqueue(message, sender);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PostApart(object? message, IActorRef? sender)
    {
        if (message is null) throw new InvalidMessageException();
        if (IsTerminated)
        {
            _system.DeadLetterRef.Undelivered(message, sender, _self);
            return;
        }
        if (_extras?.Bound is { } bound && !bound.TryEnter())
        {
            if (message is not TimerTick { Periodic: false })
            {
                _system.DeadLetterRef.Undelivered(message, sender, _self);
                return;
            }
            bound.Enter();                 // it comes once, and without it its timer would be active for ever
        }
        Enqueue(message, sender);
    }

    /// <summary>Queues what the kernel itself says once, which no full mailbox may lose; from any thread.</summary>
    public void PostNotice(object message, IActorRef? sender)
    {
        if (IsTerminated)
        {
            _system.DeadLetterRef.Undelivered(message, sender, _self);
            return;
        }
        _extras?.Bound?.Enter();
        Enqueue(message, sender);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enqueue(object message, IActorRef? sender)
    {
        _mailbox.Enqueue(message, sender, this);
        if (Volatile.Read(ref _schedule) == Idle) WakeUp();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeUp()
    {
        if (Interlocked.CompareExchange(ref _schedule, Scheduled, Idle) == Idle) _dispatcher.Schedule(this);
    }

    /// <summary>Queues a message of the life cycle; from any thread.</summary>
    public void PostSystem(SystemMessage message)
    {
        _systemQueue.Push(message);
        if (Volatile.Read(ref _schedule) != Scheduled && Interlocked.Exchange(ref _schedule, Scheduled) != Scheduled) _dispatcher.Schedule(this);
    }

    /// <summary>One turn: messages of the life cycle first, then up to a batch of user messages.</summary>
    public void Execute()
    {
        var outer = t_current;
        t_current = this;
        try
        {
            RunTurn(_dispatcher.Throughput);
        }
        catch (Exception e)
        {
            _system.Log.CellFailed(e, _self.Path.ToString());
        }
        finally
        {
            t_current = outer;
        }
        EndTurn();
    }

    private void RunTurn(int budget)
    {
        if (!Has(CellFlags.Created))
        {
            Set(CellFlags.Created);
            CreateFirst();
        }
        if (!_systemQueue.IsEmpty) RunSystemMessages();
        if (RunBatch(budget) && _dispatcher.TurnTicks is > 0 and var ticks)
        {
            var end = Stopwatch.GetTimestamp() + ticks;
            while (RunBatch(budget) && Stopwatch.GetTimestamp() < end) { }
        }
        if (!Has(CellFlags.Failed) && _extras?.Awaiting is null) ForgetMessage();
    }

    /// <summary>Goes back to the end of the line while there is work; otherwise sleeps until the next message wakes it.</summary>
    /// <remarks>
    /// No message is left with nobody to take it, without a lock. <c>_schedule</c> is Scheduled from the moment somebody has put the cell in
    /// line until the cell itself gives that up here; only who changes it to Scheduled puts the cell in line, so it stands there once at most.
    /// A sender first makes its message visible (the exchange that takes a place in the mailbox, or links a message of the life cycle, is a
    /// full fence) and then reads <c>_schedule</c>; the cell first writes <c>_schedule</c> (an exchange again) and then looks for messages.
    /// Of the two at least one sees what the other wrote: the sender wakes the cell, or the cell finds the message. That is why
    /// emptiness is judged by places taken and not by what is already in them.
    /// </remarks>
    private void EndTurn()
    {
        var handled = HandledThisTurn();
        if (handled > 0 && Lingers())
        {
            _dispatcher.Reschedule(this);
            return;
        }
        if (!_systemQueue.IsEmpty || (_suspensions == 0 && HasUserMessages))
        {
            // A place is taken and the message not in it yet: its sender lost the core half-way. To look again and again would keep it from it.
            if (handled == 0 && _systemQueue.IsEmpty) Thread.Yield();
            _dispatcher.Reschedule(this);
            return;
        }
        var asleep = _suspensions == 0 ? Idle : Suspended;
        Interlocked.Exchange(ref _schedule, asleep);
        if (!_systemQueue.IsEmpty || (asleep == Idle && !_mailbox.IsEmpty))
        {
            if (Interlocked.CompareExchange(ref _schedule, Scheduled, asleep) == asleep) _dispatcher.Reschedule(this);
        }
        else if (asleep == Idle)
        {
            Volatile.Read(ref _idle)?.Raise();
        }
    }

    /// <summary>Whether to stay in line for one more turn although nothing waits: under a stream of messages that is cheaper for both sides than
    /// to be woken for each. A turn without a message ends it.</summary>
    private bool Lingers() => _suspensions == 0 && _actor is not null && _dispatcher.IsHurried;

    /// <summary>User messages handled since the end of the turn before; 1 where there is no actor to count them.</summary>
    private long HandledThisTurn()
    {
        if (_actor is not { } actor) return 1;
        var handled = actor.Handled - actor.HandledBefore;
        actor.HandledBefore = actor.Handled;
        return handled;
    }

    private bool HasUserMessages => _extras?.Front is { Count: > 0 } || !_mailbox.IsEmpty;

    private bool TryTake([global::System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? message, out IActorRef? sender)
    {
        if (_extras is { } extras)
        {
            if (extras.Front is { Count: > 0 } front)
            {
                (message, sender) = front.Pop();
                return true;
            }
            if (extras.Bound is { } bound)
            {
                if (!_mailbox.TryDequeue(out message, out sender)) return false;
                bound.Leave();
                return message is not null;
            }
        }
        return _mailbox.TryDequeue(out message, out sender) && message is not null;
    }

    private bool Has(CellFlags flag) => (_flags & flag) != 0;

    private void Set(CellFlags flag) => _flags |= flag;

    private void Clear(CellFlags flag) => _flags &= ~flag;

    [Flags]
    private enum CellFlags
    {
        None = 0,
        Created = 1,
        Constructing = 2,
        Failed = 4,
        WaitsForChildren = 8,
        Terminating = 16,
        Terminated = 32,
        StoppedByPill = 64,
        Disposed = 128,
    }
}
