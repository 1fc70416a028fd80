namespace ActorPerf.Kernel;

/// <summary>An idle routee if there is one, else the one with the fewest waiting messages.</summary>
public sealed class SmallestMailboxPool : Pool
{
    public SmallestMailboxPool(int nrOfInstances) : this(nrOfInstances, null, null) { }

    internal SmallestMailboxPool(int nrOfInstances, SupervisorStrategy? strategy, string? dispatcher) : base(nrOfInstances, strategy, dispatcher) { }

    internal SmallestMailboxPool WithSupervisorStrategy(SupervisorStrategy strategy) => new(NrOfInstances, strategy, RouterDispatcher);

    public SmallestMailboxPool WithDispatcher(string dispatcher) => new(NrOfInstances, SupervisorStrategy, dispatcher);

    internal override RoutingLogic CreateLogic(ActorSystemImpl system, ActorPath path) => new SmallestMailboxLogic(system.Scheduler);

    internal override Pool WithSize(int nrOfInstances) => new SmallestMailboxPool(nrOfInstances, SupervisorStrategy, RouterDispatcher);
}
