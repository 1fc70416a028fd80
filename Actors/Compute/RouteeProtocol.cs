namespace ActorPerf.Compute;

/// <summary>What a gate tells a routee. It answers <see cref="AttemptEnded"/> to whoever asked for the run, and to the gate.</summary>
internal abstract record RouteeCommand
{
    private RouteeCommand()
    {
    }

    public sealed record Run(Attempt Attempt, IActorRef ReplyTo) : RouteeCommand;

    /// <summary>The run was given up: answer nobody, and stop once its code has ended.</summary>
    public sealed record GiveUp : RouteeCommand
    {
        public static GiveUp Instance { get; } = new();
    }
}

/// <summary>What a gate is told by its pool and by itself.</summary>
internal abstract record GateNotice
{
    private GateNotice()
    {
    }

    /// <summary>The sender is a routee without a run: just started, or restarted.</summary>
    public sealed record Ready : GateNotice
    {
        public static Ready Instance { get; } = new();
    }

    public sealed record PoolStarted(IActorRef Pool) : GateNotice;

    /// <summary>The token of an attempt in line was cancelled.</summary>
    public sealed record Leave(object Ticket) : GateNotice;

    /// <summary>Time to see whether lost routees were replaced.</summary>
    public sealed record Recount : GateNotice
    {
        public static Recount Instance { get; } = new();
    }
}
