using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>How fast one thread's messages reach one actor.</summary>
internal sealed class KernelTell : IScenario
{
    private const int Messages = 10_000_000, Runs = 15;

    public string Name => "kernel-tell";

    public string Promises => "one producer to one actor, 10,000,000 messages: 0.45 of a bare mailbox; at most 24 bytes a message";

    public async Task RunAsync(Pace pace, Report report)
    {
        var messages = pace.Scale(Messages);
        using var system = ActorSystem.Create("tell");
        var line = new FinishLine(1);
        var actor = system.ActorOf(Props.Create(() => new Counter(messages, line)));
        var bare = new BareCounter(messages, line);
        var pairs = await Pairs.RunAsync(pace, pace.IsShort ? pace.Pairs : Runs, () => Measure(() => Tell(actor, messages)), () => Measure(() => Post(bare, messages)));
        report.Add(pairs.Figures("one producer", "message", null, new Promise.AtLeast(0.45), bytes: new Promise.Within(24)));
        await system.Terminate();

        Task<Measurement> Measure(Action produce) => Stretch.MeasureAsync(messages, async () =>
        {
            var done = line.Start();
            await Stretch.OnThreadsAsync(1, _ => produce());
            await done;
        });
    }

    private static void Tell(IActorRef actor, int messages)
    {
        for (var i = 0; i < messages; i++) actor.Tell(Note.Instance, ActorRefs.NoSender);
    }

    private static void Post(BareCounter bare, int messages)
    {
        for (var i = 0; i < messages; i++) bare.Post(Note.Instance, null);
    }
}
