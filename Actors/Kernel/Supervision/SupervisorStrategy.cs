namespace ActorPerf.Kernel;

/// <summary>How a supervisor decides about its failed children.</summary>
public abstract class SupervisorStrategy
{
    private protected SupervisorStrategy() { }

    /// <summary>Stops actors that could not be constructed, were killed or broke a death pact; restarts all others.</summary>
    public static IDecider DefaultDecider { get; } = Kernel.Decider.From(
        static cause => cause is ActorInitializationException or ActorKilledException or DeathPactException ? Directive.Stop : Directive.Restart);

    /// <summary>One for one, the default decider, any number of restarts.</summary>
    public static SupervisorStrategy DefaultStrategy { get; } = new OneForOneStrategy(DefaultDecider);

    /// <summary>One for one; every failed child is stopped.</summary>
    public static OneForOneStrategy StoppingStrategy { get; } = new(static _ => Directive.Stop);

    public abstract IDecider Decider { get; }

    private protected bool LoggingEnabled { get; init; } = true;

    /// <summary>Decides and acts; false when the failure is escalated.</summary>
    internal bool Decide(ActorCell supervisor, LocalActorRef child, Exception cause)
    {
        var directive = Decider.Decide(cause);
        if (LoggingEnabled) Log(supervisor, child, cause, directive);
        switch (directive)
        {
            case Directive.Resume:
                child.SendSystemMessage(new SystemMessage.Resume(cause));
                return true;
            case Directive.Restart:
                Restart(supervisor, child, cause);
                return true;
            case Directive.Stop:
                supervisor.Stop(child);
                return true;
            default:
                return false;
        }
    }

    internal abstract void Restart(ActorCell supervisor, LocalActorRef child, Exception cause);

    private static void Log(ActorCell supervisor, LocalActorRef child, Exception cause, Directive directive)
    {
        var log = supervisor.SystemImpl.Log;
        if (directive == Directive.Resume) log.ActorResumed(child.Path.ToString(), cause.Message);
        else if (directive != Directive.Escalate) log.ActorFailed(cause, child.Path.ToString(), cause.Message, directive);
    }
}
