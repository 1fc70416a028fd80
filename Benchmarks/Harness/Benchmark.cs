using ActorPerf.Benchmarks.Scenarios;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The command line: <c>NAME [--json] [--short]</c>; without a name it lists the scenarios, <c>all</c> runs all.</summary>
internal static class Benchmark
{
    private const int Usage = 2;

    /// <returns>0 when it ran, whatever the figures say; 2 for a command that is not known.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var names = arguments.Where(argument => !argument.StartsWith("--", StringComparison.Ordinal)).ToArray();
        var options = arguments.Except(names).ToArray();
        if (options.FirstOrDefault(option => option is not ("--json" or "--short")) is { } unknown)
            return await RefuseAsync($"{unknown} is not known here. Options: --json, --short.");
        if (names.Length == 0)
        {
            foreach (var scenario in ScenarioList.All) Console.WriteLine($"{scenario.Name,-20} {scenario.Promises}");
            return 0;
        }
        if (names.FirstOrDefault(name => name != "all" && ScenarioList.Find(name) is null) is { } strange)
            return await RefuseAsync($"There is no scenario '{strange}'. Without a name all are listed.");
        var report = new Report(Console.Out, options.Contains("--json"));
        var pace = options.Contains("--short") ? Pace.Short : Pace.Full;
        foreach (var scenario in names.SelectMany(name => name == "all" ? ScenarioList.All : [ScenarioList.Find(name)!]))
        {
            report.Begin(scenario);
            await scenario.RunAsync(pace, report);
        }
        return 0;
    }

    private static async Task<int> RefuseAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return Usage;
    }
}
