using ActorPerf.Tasks;

namespace ActorPerf.Compute;

/// <summary>One run of a task, ready to be given to a routee.</summary>
/// <param name="Args">Checked arguments, UTF-8 JSON.</param>
/// <param name="Ticket">Comes back with the outcome, so that whoever asked knows which run it is.</param>
/// <param name="Cancellation">Reaches the running code.</param>
public sealed record Attempt(
    TaskDescriptor Task, ReadOnlyMemory<byte> Args, TaskContext Context, object Ticket, CancellationToken Cancellation)
{
    /// <summary>What it belongs to in traces; null where nobody traces.</summary>
    public RunTrace? Trace { get; init; }
}

/// <summary>How a run ended.</summary>
public abstract record AttemptOutcome
{
    private AttemptOutcome()
    {
    }

    /// <param name="Result">UTF-8 JSON.</param>
    public sealed record Succeeded(ReadOnlyMemory<byte> Result) : AttemptOutcome;

    public sealed record Failed(TaskError Error) : AttemptOutcome;

    /// <summary>The task wants to be run again later; the run costs no attempt.</summary>
    public sealed record Snoozed(TimeSpan Delay) : AttemptOutcome;

    /// <summary>The task wants to be run again when its children are final; the run costs no attempt.</summary>
    /// <param name="Checkpoint">UTF-8 JSON; null keeps the one that is there.</param>
    public sealed record Parked(IReadOnlyList<ChildJob> Children, ReadOnlyMemory<byte>? Checkpoint) : AttemptOutcome;

    /// <summary>The task followed its token.</summary>
    public sealed record Cancelled : AttemptOutcome;
}

/// <summary>A routee's answer: the run of <paramref name="Ticket"/> is over.</summary>
/// <param name="Took">Time on the routee.</param>
public sealed record AttemptEnded(object Ticket, AttemptOutcome Outcome, TimeSpan Took);

/// <summary>What can be asked of a pool's gate. One permit per routee; whoever holds none waits at the gate, never in a routee's mailbox.</summary>
public abstract record GateCommand
{
    private GateCommand()
    {
    }

    /// <summary>How many job permits the sender could use from now on, in all; replaces what it wanted before. Answered by
    /// <see cref="GateReply.Granted"/> as permits become free, in as many parts as it takes.</summary>
    public sealed record Want(int Count) : GateCommand;

    /// <summary>The sender takes from the pool's <see cref="OpenPermits"/> from now on, and holds what it took. One taker per pool.</summary>
    public sealed record LayOpen : GateCommand
    {
        public static LayOpen Instance { get; } = new();
    }

    /// <summary>Gives permits back that were granted, or taken, and not used.</summary>
    public sealed record Return(int Count) : GateCommand;

    /// <summary>Starts a run under one permit that the sender holds; the routee answers <paramref name="ReplyTo"/> and the permit is free again.</summary>
    public sealed record StartJob(Attempt Attempt, IActorRef ReplyTo) : GateCommand;

    /// <summary>Starts a synchronous computation as soon as a permit is free; <see cref="GateReply.Busy"/> when the line is full.</summary>
    public sealed record StartCompute(Attempt Attempt, IActorRef ReplyTo) : GateCommand
    {
        /// <summary>Nobody waits for it: it starts only while neither jobs nor other computations wait, and no others do so.</summary>
        public bool Quiet { get; init; }
    }

    /// <summary>Somebody waits for a quiet computation now: it stands in line like all others. Nothing happens where it is not waiting any more.</summary>
    public sealed record Hasten(object Ticket) : GateCommand;

    /// <summary>Gives a run up whose code does not follow its token: its routee is replaced and counted as abandoned.</summary>
    public sealed record Abandon(object Ticket) : GateCommand;
}

/// <summary>What a gate answers.</summary>
public abstract record GateReply
{
    private GateReply()
    {
    }

    public sealed record Granted(int Count) : GateReply;

    /// <summary>The line for synchronous computations is full; the attempt did not start.</summary>
    public sealed record Busy(object Ticket, TimeSpan RetryAfter) : GateReply;
}
