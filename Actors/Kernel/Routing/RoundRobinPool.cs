namespace ActorPerf.Kernel;

/// <summary>Each routee in turn.</summary>
public sealed class RoundRobinPool : Pool
{
    public RoundRobinPool(int nrOfInstances) : this(nrOfInstances, null, null) { }

    internal RoundRobinPool(int nrOfInstances, SupervisorStrategy? strategy, string? dispatcher) : base(nrOfInstances, strategy, dispatcher) { }

    public RoundRobinPool WithSupervisorStrategy(SupervisorStrategy strategy) => new(NrOfInstances, strategy, RouterDispatcher);

    public RoundRobinPool WithDispatcher(string dispatcher) => new(NrOfInstances, SupervisorStrategy, dispatcher);

    internal override RoutingLogic CreateLogic(ActorSystemImpl system, ActorPath path) => new RoundRobinLogic();

    internal override Pool WithSize(int nrOfInstances) => new RoundRobinPool(nrOfInstances, SupervisorStrategy, RouterDispatcher);
}
