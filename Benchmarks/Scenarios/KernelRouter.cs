using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What it costs to send through a pool in place of straight to an actor. The limit is <c>kernel-tell</c>.</summary>
internal sealed class KernelRouter : IScenario
{
    private const int Routees = 8, Messages = 5_000_000, Runs = 11;

    public string Name => "kernel-router";

    public string Promises => "round-robin and smallest-mailbox pools of 8, one producer: 0.6 of kernel-tell";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var system = ActorSystem.Create("router");
        var routee = Props.Create(() => new CountingRoutee());
        var actor = system.ActorOf(routee);
        var messages = pace.Scale(Messages);
        await CompareAsync("round-robin", system.ActorOf(routee.WithRouter(new RoundRobinPool(Routees))));
        await CompareAsync("smallest-mailbox", system.ActorOf(routee.WithRouter(new SmallestMailboxPool(Routees))));
        await system.Terminate();

        async Task CompareAsync(string name, IActorRef router)
        {
            var pairs = await Pairs.RunAsync(
                pace,
                pace.IsShort ? pace.Pairs : Runs,
                () => MeasureAsync(router, messages, tally => new Broadcast(tally)),
                () => MeasureAsync(actor, messages, tally => tally));
            report.Add(pairs.Figures(name, "message", null, new Promise.AtLeast(0.6)));
        }
    }

    private static Task<Measurement> MeasureAsync(IActorRef receiver, int messages, Func<Tally, object> forAll) => Stretch.MeasureAsync(messages, async () =>
    {
        var tally = new Tally(messages);
        await Stretch.OnThreadsAsync(1, _ =>
        {
            for (var i = 0; i < messages; i++) receiver.Tell(Note.Instance, ActorRefs.NoSender);
            receiver.Tell(forAll(tally), ActorRefs.NoSender);
        });
        await tally.Complete;
    });
}
