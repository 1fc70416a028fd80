using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Configuration;

/// <summary>What <c>akka.actor.deployment</c> says about one pool.</summary>
public sealed class DeploymentOptions
{
    /// <summary>How the pool picks a routee. Default smallest-mailbox-pool.</summary>
    [AllowedValues("smallest-mailbox-pool", "round-robin-pool", "consistent-hashing-pool")]
    public string Router { get; set; } = "smallest-mailbox-pool";

    /// <summary>Routees of the pool. Default 4; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int NrOfInstances { get; set; } = 4;

    /// <summary>Points per routee on the ring of a consistent-hashing-pool. Default 10; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int VirtualNodesFactor { get; set; } = 10;

    /// <summary>The dispatcher that the routees run on; empty for the default one.</summary>
    public string Dispatcher { get; set; } = "";
}
