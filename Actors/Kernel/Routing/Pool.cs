namespace ActorPerf.Kernel;

/// <summary>A router that starts its routees as its own children.</summary>
public abstract class Pool : RouterConfig
{
    private protected Pool(int nrOfInstances, SupervisorStrategy? supervisorStrategy, string? routerDispatcher)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nrOfInstances);
        NrOfInstances = nrOfInstances;
        SupervisorStrategy = supervisorStrategy ?? DefaultSupervisorStrategy;
        RouterDispatcher = routerDispatcher;
    }

    /// <summary>Failures of routees are the router's: its own supervisor decides, and a restart reaches all routees.</summary>
    public static SupervisorStrategy DefaultSupervisorStrategy { get; } = new OneForOneStrategy(static _ => Directive.Escalate, loggingEnabled: false);

    public int NrOfInstances { get; }

    public virtual SupervisorStrategy SupervisorStrategy { get; }

    /// <summary>Id of the dispatcher of the router itself; routees run where their own props say.</summary>
    public virtual string? RouterDispatcher { get; }

    internal abstract RoutingLogic CreateLogic(ActorSystemImpl system, ActorPath path);

    /// <summary>The same kind of pool with another size: what a deployment entry sets.</summary>
    internal abstract Pool WithSize(int nrOfInstances);
}
