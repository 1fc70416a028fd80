namespace ActorPerf.Kernel;

/// <summary>Takes the hash key out of a message; null when it has none.</summary>
public delegate object? ConsistentHashMapping(object msg);

/// <summary>A message that names its hash key.</summary>
public interface IConsistentHashable
{
    object ConsistentHashKey { get; }
}

/// <summary>Messages of one key go to one routee, and keep going there when other routees come, go or are replaced.</summary>
public sealed class ConsistentHashingPool : Pool
{
    public ConsistentHashingPool(int nrOfInstances) : this(nrOfInstances, null, null, 0, null) { }

    public ConsistentHashingPool(int nrOfInstances, ConsistentHashMapping hashMapping) : this(nrOfInstances, null, null, 0, hashMapping) { }

    internal ConsistentHashingPool(int nrOfInstances, SupervisorStrategy? strategy, string? dispatcher, int virtualNodes, ConsistentHashMapping? mapping)
        : base(nrOfInstances, strategy, dispatcher)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(virtualNodes);
        VirtualNodesFactor = virtualNodes;
        Mapping = mapping;
    }

    /// <summary>Places each routee has on the ring; 0 for the configured default of 10.</summary>
    public int VirtualNodesFactor { get; }

    internal ConsistentHashMapping? Mapping { get; }

    public ConsistentHashingPool WithVirtualNodesFactor(int vnodes) => new(NrOfInstances, SupervisorStrategy, RouterDispatcher, vnodes, Mapping);

    public ConsistentHashingPool WithHashMapping(ConsistentHashMapping mapping) =>
        new(NrOfInstances, SupervisorStrategy, RouterDispatcher, VirtualNodesFactor, mapping);

    public ConsistentHashingPool WithSupervisorStrategy(SupervisorStrategy strategy) =>
        new(NrOfInstances, strategy, RouterDispatcher, VirtualNodesFactor, Mapping);

    public ConsistentHashingPool WithDispatcher(string dispatcher) =>
        new(NrOfInstances, SupervisorStrategy, dispatcher, VirtualNodesFactor, Mapping);

    internal override RoutingLogic CreateLogic(ActorSystemImpl system, ActorPath path) => new ConsistentHashingLogic(
        Mapping, VirtualNodesFactor > 0 ? VirtualNodesFactor : 10, type => system.Log.NoHashKey(path.ToString(), type));

    internal override Pool WithSize(int nrOfInstances) =>
        new ConsistentHashingPool(nrOfInstances, SupervisorStrategy, RouterDispatcher, VirtualNodesFactor, Mapping);
}
