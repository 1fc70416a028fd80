using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Starting and stopping very many actors, and what an idle one weighs.</summary>
internal sealed class KernelSpawn : IScenario
{
    private const int Actors = 1_000_000, Runs = 7;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public string Name => "kernel-spawn";

    public string Promises => "one actor starts and stops 1,000,000 children: 300,000 starts/s; at most 500 live bytes an idle actor";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var system = ActorSystem.Create("spawn");
        var count = pace.Scale(Actors);
        await LiveAsync(system, count);
        var lives = new List<Life>();
        for (var i = 0; i < (pace.IsShort ? pace.Pairs : Runs); i++) lives.Add(await LiveAsync(system, count));
        report.Add(new Figure("start", Of(life => life.Start.PerSecond), "actors/s") { Promised = new Promise.AtLeast(300_000) });
        report.Add(new Figure("start, processor", Of(life => life.Start.Cpu), "µs/actor"));
        report.Add(new Figure("stop", Of(life => life.Stop.PerSecond), "actors/s"));
        report.Add(new Figure("stop, processor", Of(life => life.Stop.Cpu), "µs/actor"));
        report.Add(new Figure("idle", Of(life => life.LiveBytes), "live bytes/actor") { Promised = new Promise.Within(500) });
        await system.Terminate();

        Spread Of(Func<Life, double> figure) => Spread.Of(lives.Select(figure));
    }

    private static async Task<Life> LiveAsync(ActorSystem system, int count)
    {
        var born = new FinishLine(count);
        var parent = system.ActorOf(Props.Create(() => new Breeder(count, born)));
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var start = await Stretch.MeasureAsync(count, () =>
        {
            var started = born.Start();
            parent.Tell(Note.Instance, ActorRefs.NoSender);
            return started;
        });
        var live = GC.GetTotalMemory(forceFullCollection: true) - empty;
        var stop = await Stretch.MeasureAsync(count, () => parent.GracefulStop(Patience));
        return new Life(start, stop, (double)live / count);
    }

    private sealed record Life(Measurement Start, Measurement Stop, double LiveBytes);
}
