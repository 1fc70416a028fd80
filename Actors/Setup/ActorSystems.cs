using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;
#if !AKKA_PACKAGES
using ActorPerf.Kernel;
#endif

namespace ActorPerf.Setup;

/// <summary>Starts a node's actor system. Beside <c>ActorUsings.cs</c> the only code of the library that knows on which implementation it stands.</summary>
internal static class ActorSystems
{
    private const string Name = "actorperf";

    /// <summary>The system that the host has started (<see cref="NodeStart.System"/>), else one of the node's own with the settings under <c>akka</c>.</summary>
    /// <exception cref="ConfigurationException">A setting cannot be read.</exception>
    public static ActorSystem Start(NodeStart start) => start.System ?? Create(start.Configuration, start.Time, start.Logs);

#if AKKA_PACKAGES
    public static ActorSystem Create(IConfiguration configuration, TimeProvider time, ILoggerFactory logs) =>
        ActorSystem.Create(Name, Akka.Configuration.ConfigurationFactory.ParseString(HoconText.Of(configuration, KernelConfig.Roots)));

    /// <summary>The packages do not show their cells; pbm's own actor palette does.</summary>
    public static IActorInspector Inspector(ActorSystem system) => new NothingToShow();

    private sealed class NothingToShow : IActorInspector
    {
        public ActorPerf.Kernel.ActorView? Look(string path, int depth) => null;
    }
#else
    public static ActorSystem Create(IConfiguration configuration, TimeProvider time, ILoggerFactory logs) => ActorSystem.Create(
        Name,
        Config.FromPairs(KernelConfig.Flatten(configuration).Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))),
        new KernelSetup { Time = time, Logs = logs });

    /// <summary>The system's actors, to look at.</summary>
    public static IActorInspector Inspector(ActorSystem system) => new KernelActorInspector(system);
#endif
}
