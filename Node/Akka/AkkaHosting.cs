using ActorPerf.Configuration;
using Akka.Configuration;
using Akka.Hosting;
using Petabridge.Cmd.Cluster;
using Petabridge.Cmd.Host;

namespace ActorPerf.Node.Akka;

/// <summary>Puts Akka.NET's own actor system into the node: the only code of the build with <c>AkkaPackages=true</c> (docs/akka.md).</summary>
/// <remarks>
/// The system starts from what <c>akka.hocon</c> and the later layers say under <c>akka</c> and <c>petabridge</c>. With
/// <c>akka.actor.provider = cluster</c> and <c>akka.cluster.seed-nodes</c> it joins that cluster by itself. Jobs need no cluster:
/// nodes meet in the shared database; the cluster is for actors of your own and for pbm.
/// </remarks>
internal static class AkkaHosting
{
    /// <summary>Registers the system; the node takes it from the services and stops it with itself.</summary>
    public static IServiceCollection AddAkkaPackages(this IServiceCollection services, IConfiguration configuration) =>
        services.AddAkka("actorperf", (akka, _) => akka
            .AddHocon(ConfigurationFactory.ParseString(HoconText.Of(configuration, KernelConfig.Roots)), HoconAddMode.Prepend)
            .AddStartup((system, _) =>
            {
                // The host's own palettes (actor, log) are there already.
                var pbm = PetabridgeCmd.Get(system);
                if (IsClustered(configuration)) pbm.RegisterCommandPalette(ClusterCommands.Instance);
                pbm.Start();
            }));

    // The palette starts the cluster extension, which refuses a system that is none.
    private static bool IsClustered(IConfiguration configuration) =>
        configuration["akka:actor:provider"]?.Contains("cluster", StringComparison.OrdinalIgnoreCase) == true;
}
