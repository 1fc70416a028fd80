using ActorPerf.Configuration;
using ActorPerf.Load;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>Scenarios of the configuration, and the load tests of a node.</summary>
internal static class LoadSettings
{
    private const int OwnSequence = 0x3c6ef372;

    /// <summary>What is wrong with the scenarios under <c>actorperf.load.scenarios</c>.</summary>
    public static void Check(IConfiguration configuration, LoadOptions options, ICollection<ConfigurationFault> faults)
    {
        // Faults that the binder has found make others of themselves.
        if (faults.Any(static fault => fault.Setting.StartsWith("actorperf.load.", StringComparison.Ordinal))) return;
        foreach (var (name, scenario) in options.Scenarios)
            foreach (var (setting, problem) in ScenarioCompiler.Faults(name, scenario))
            {
                var place = setting.Length == 0 ? $"load.scenarios.{name}" : $"load.scenarios.{name}.{setting}";
                var fault = ActorPerfSettings.Fault(configuration, place, problem);
                faults.Add(fault with { Problem = $"{fault.Setting} {problem}" });
            }
    }

    /// <summary>The ready-made scenarios, those of classes, and those of the configuration; of one name the last counts.</summary>
    public static IEnumerable<LoadScenario> Scenarios(LoadOptions options, IEnumerable<LoadScenario> ofClasses) =>
        [.. ShippedScenarios.All, .. ofClasses, .. options.Scenarios.Select(static scenario => ScenarioCompiler.Compile(scenario.Key, scenario.Value))];

    public static LoadService Start(ActorSystem system, NodeStart start) =>
        Start(system, start.Options.Load, start.Scenarios, start.Time, start.Logs, start.Seed ^ OwnSequence);

    public static LoadService Start(ActorSystem system, LoadOptions options, IEnumerable<LoadScenario> ofClasses, TimeProvider time, ILoggerFactory logs, int seed) =>
        LoadService.Start(system, Scenarios(options, ofClasses), new LoadDeskParts
        {
            Boards = new LoadBoards(),
            Options = options,
            Time = time,
            Log = logs.CreateLogger("ActorPerf.Load"),
            Seed = seed,
        });
}
