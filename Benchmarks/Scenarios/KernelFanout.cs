using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Messages to several actors in turn, from one thread and from two at once.</summary>
internal sealed class KernelFanout : IScenario
{
    private const int Receivers = 16, Messages = 1_000_000, Runs = 9;

    public string Name => "kernel-fanout";

    public string Promises => "16 actors, 1,000,000 messages each, one and two producers: 0.7 of 16 bare mailboxes";

    public async Task RunAsync(Pace pace, Report report)
    {
        var each = pace.Scale(Messages);
        using var system = ActorSystem.Create("fanout");
        var line = new FinishLine(Receivers);
        var props = Props.Create(() => new Counter(each, line));
        var actors = Enumerable.Range(0, Receivers).Select(_ => system.ActorOf(props)).ToArray();
        var bare = Enumerable.Range(0, Receivers).Select(_ => new BareCounter(each, line)).ToArray();
        foreach (var producers in (int[])[1, 2])
        {
            var pairs = await Pairs.RunAsync(
                pace, pace.IsShort ? pace.Pairs : Runs, () => Measure(producers, () => Tell(actors, each / producers)), () => Measure(producers, () => Post(bare, each / producers)));
            report.Add(pairs.Figures(producers == 1 ? "one producer" : "two producers", "message", null, new Promise.AtLeast(0.7)));
        }
        await system.Terminate();

        Task<Measurement> Measure(int producers, Action produce) => Stretch.MeasureAsync((long)each * Receivers, async () =>
        {
            var done = line.Start();
            await Stretch.OnThreadsAsync(producers, _ => produce());
            await done;
        });
    }

    private static void Tell(IActorRef[] actors, int each)
    {
        for (var i = 0; i < each; i++)
            foreach (var actor in actors) actor.Tell(Note.Instance, ActorRefs.NoSender);
    }

    private static void Post(BareCounter[] bare, int each)
    {
        for (var i = 0; i < each; i++)
            foreach (var mailbox in bare) mailbox.Post(Note.Instance, null);
    }
}
