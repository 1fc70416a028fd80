namespace ActorPerf.Kernel;

/// <summary>The router that <c>akka.actor.deployment</c> has for the actor's path.</summary>
public class FromConfig : Pool
{
    public FromConfig() : base(0, null, null) { }

    public static FromConfig Instance { get; } = new();

    internal override RoutingLogic CreateLogic(ActorSystemImpl system, ActorPath path) => throw Deployer.Missing(path);

    internal override Pool WithSize(int nrOfInstances) => this;
}
