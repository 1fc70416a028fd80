using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Two actors that send each other's messages back.</summary>
internal sealed class KernelPingpong : IScenario
{
    private const int Runs = 11;

    public string Name => "kernel-pingpong";

    public string Promises => "two actors, 1 and 100 messages in flight: 0.6 of two bare mailboxes; 0 bytes a message";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var system = ActorSystem.Create("pingpong");
        await PlayAsync(pace, report, system, "1 in flight", 1, pace.Scale(1_500_000));
        await PlayAsync(pace, report, system, "100 in flight", 100, pace.Scale(6_000_000));
        await system.Terminate();
    }

    private static async Task PlayAsync(Pace pace, Report report, ActorSystem system, string name, int inFlight, int each)
    {
        var line = new FinishLine(2);
        var ping = system.ActorOf(Props.Create(() => new Player(each, each, line)));
        var pong = system.ActorOf(Props.Create(() => new Player(each, each - inFlight, line)));
        var barePing = new BarePlayer(each, each, line);
        var barePong = new BarePlayer(each, each - inFlight, line);
        var pairs = await Pairs.RunAsync(
            pace, pace.IsShort ? pace.Pairs : Runs, () => Measure(() => ping.Tell(Note.Instance, pong)), () => Measure(() => barePing.Post(Note.Instance, barePong)));

        // What the run itself allocates shows in the third digit.
        report.Add(pairs.Figures(name, "message", null, new Promise.AtLeast(0.6), bytes: new Promise.Under(0.1)));

        Task<Measurement> Measure(Action serve) => Stretch.MeasureAsync(2L * each, async () =>
        {
            var done = line.Start();
            for (var i = 0; i < inFlight; i++) serve();
            await done;
        });
    }
}
