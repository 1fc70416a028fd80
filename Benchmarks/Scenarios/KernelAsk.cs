using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>Questions to one actor: one after the other, and from many askers at once. The limit has no time-out.</summary>
internal sealed class KernelAsk : IScenario
{
    private const int Askers = 256, Runs = 9;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    public string Name => "kernel-ask";

    public string Promises =>
        "sequential and 256 concurrent, without and with a time-out: 0.5 of a bare mailbox with a TaskCompletionSource; at most 250 bytes an ask, 400 with a time-out";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var system = ActorSystem.Create("ask");
        var actor = system.ActorOf(Props.Create(() => new Oracle()));
        var bare = new BareOracle();
        foreach (var (askers, asks) in ((int, int)[])[(1, 500_000), (Askers, 1_000_000)])
            foreach (var timeout in (TimeSpan?[])[null, TimeLimit])
            {
                var each = pace.Scale(asks) / askers;
                var name = $"{(askers == 1 ? "sequential" : $"{askers} concurrent")}{(timeout is null ? "" : ", time-out")}";
                var pairs = await Pairs.RunAsync(
                    pace, pace.IsShort ? pace.Pairs : Runs, () => Measure(askers, each, () => AskAsync(actor, each, timeout)), () => Measure(askers, each, () => AskAsync(bare, each)));
                report.Add(pairs.Figures(name, "ask", null, new Promise.AtLeast(0.5), bytes: new Promise.Within(timeout is null ? 250 : 400)));
            }
        await system.Terminate();
    }

    private static Task<Measurement> Measure(int askers, int each, Func<Task> ask) => Stretch.MeasureAsync((long)askers * each, async () =>
    {
        var loops = new Task[askers];
        for (var i = 0; i < askers; i++) loops[i] = Task.Run(ask);
        await Task.WhenAll(loops);
    });

    private static async Task AskAsync(IActorRef actor, int each, TimeSpan? timeout)
    {
        for (var i = 0; i < each; i++) await actor.Ask<Note>(Note.Instance, timeout);
    }

    private static async Task AskAsync(BareOracle bare, int each)
    {
        for (var i = 0; i < each; i++) await bare.AskAsync(Note.Instance);
    }
}
