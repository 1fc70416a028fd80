using System.Reflection;
using ActorPerf.Configuration;
using ActorPerf.Load;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>Load tests without a node: an actor system of their own, for the command line and for tests.</summary>
public sealed class LoadAlone : IAsyncDisposable
{
    private readonly ActorSystem _system;

    private LoadAlone(ActorSystem system, ILoadTests tests, LoadOptions options) => (_system, Tests, Options) = (system, tests, options);

    public ILoadTests Tests { get; }

    public LoadOptions Options { get; }

    /// <summary>Starts it.</summary>
    /// <param name="configuration">Settings under <c>actorperf.load</c> count, and those under <c>akka</c>.</param>
    /// <param name="assemblies">Searched for classes of load tests.</param>
    /// <param name="logs">Null: nothing is logged.</param>
    /// <exception cref="ConfigurationFaultException">A setting does not fit; all faults are in it.</exception>
    /// <exception cref="TaskSetupException">A class breaks a rule.</exception>
    public static LoadAlone Start(IConfiguration configuration, IEnumerable<Assembly>? assemblies = null, ILoggerFactory? logs = null)
    {
        var faults = new List<ConfigurationFault>();
        var options = OptionsBinder.Bind<LoadOptions>(configuration, "actorperf:load", faults);
        LoadSettings.Check(configuration, options, faults);
        ConfigurationFaultException.ThrowIfAny(faults);
        var scenarios = (assemblies ?? []).SelectMany(LoadDiscovery.Find).ToList();
        return Start(configuration, options, scenarios, logs);
    }

    /// <summary>As above with options and scenarios made by hand.</summary>
    public static LoadAlone Start(IConfiguration configuration, LoadOptions options, IEnumerable<LoadScenario> scenarios, ILoggerFactory? logs = null)
    {
        logs ??= Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;
        var system = ActorSystems.Create(configuration, TimeProvider.System, logs);
        return new LoadAlone(system, LoadSettings.Start(system, options, scenarios, TimeProvider.System, logs, Environment.TickCount), options);
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();
}
