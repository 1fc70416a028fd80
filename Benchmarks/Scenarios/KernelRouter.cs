using ActorPerf.Benchmarks.Actors;
using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What it costs to send through a pool in place of straight to an actor. The limit is <c>kernel-tell</c>. The same pools stand beside as many
/// bare mailboxes, which take their messages in turn: that is what the spreading alone costs.</summary>
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
        var bare = Enumerable.Range(0, Routees).Select(_ => new BareRoutee()).ToArray();
        var messages = pace.Scale(Messages);
        await CompareAsync("round-robin", system.ActorOf(routee.WithRouter(new RoundRobinPool(Routees))));
        await CompareAsync("smallest-mailbox", system.ActorOf(routee.WithRouter(new SmallestMailboxPool(Routees))));
        await system.Terminate();

        async Task CompareAsync(string name, IActorRef router)
        {
            await AgainstAsync(name, router, () => MeasureAsync(messages, tally => Tell(actor, messages, tally)), new Promise.AtLeast(0.6));
            await AgainstAsync($"{name}, bare pool", router, () => MeasureAsync(messages, tally => Post(bare, messages, tally)), null);
        }

        async Task AgainstAsync(string name, IActorRef router, Func<Task<Measurement>> limit, Promise? promise)
        {
            var pairs = await Pairs.RunAsync(
                pace, pace.IsShort ? pace.Pairs : Runs, () => MeasureAsync(messages, tally => Tell(router, messages, new Broadcast(tally))), limit);
            report.Add(pairs.Figures(name, "message", null, promise));
        }
    }

    private static Task<Measurement> MeasureAsync(int messages, Action<Tally> produce) => Stretch.MeasureAsync(messages, async () =>
    {
        var tally = new Tally(messages);
        await Stretch.OnThreadsAsync(1, _ => produce(tally));
        await tally.Complete;
    });

    private static void Tell(IActorRef receiver, int messages, object last)
    {
        for (var i = 0; i < messages; i++) receiver.Tell(Note.Instance, ActorRefs.NoSender);
        receiver.Tell(last, ActorRefs.NoSender);
    }

    private static void Post(BareRoutee[] bare, int messages, Tally last)
    {
        for (var (i, next) = (0, 0); i < messages; i++)
        {
            bare[next].Post(Note.Instance, null);
            if (++next == bare.Length) next = 0;
        }
        foreach (var mailbox in bare) mailbox.Post(last, null);
    }
}
