using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What the console costs while nobody looks: the same jobs on a node with it, and on one without it and without what it remembers of the last 15 minutes.</summary>
internal sealed class ConsoleIdle : IScenario
{
    private const int Submitters = 64;

    public string Name => "console-idle";

    public string Promises => "jobs running and no page open: at most 3 % more processor time than without the console";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var own = new DataFolder();
        using var other = new DataFolder();
        await using var with = await NodeProcess.StartAsync(own.Path);
        await using var without = await NodeProcess.StartAsync(other.Path, bare: true);
        var pairs = await Pairs.RunAsync(pace, window => with.LoadAsync(Submitters, window), window => without.LoadAsync(Submitters, window));
        report.Add(pairs.Figures("no page open", "job", null, null, cost: new Promise.AtLeast(1 / 1.03)));
    }
}
