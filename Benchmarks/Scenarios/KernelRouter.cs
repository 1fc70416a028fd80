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
        await CompareAsync<RoundRobin>("round-robin", system.ActorOf(routee.WithRouter(new RoundRobinPool(Routees))));
        await CompareAsync<SmallestMailbox>("smallest-mailbox", system.ActorOf(routee.WithRouter(new SmallestMailboxPool(Routees))));
        await system.Terminate();

        async Task CompareAsync<TLoop>(string name, IActorRef router) where TLoop : struct
        {
            await AgainstAsync<TLoop>(name, router, () => MeasureAsync(messages, tally => Tell<Alone>(actor, messages, tally)), new Promise.AtLeast(0.6));
            await AgainstAsync<TLoop>($"{name}, bare pool", router, () => MeasureAsync(messages, tally => Post(bare, messages, tally)), null);
        }

        async Task AgainstAsync<TLoop>(string name, IActorRef router, Func<Task<Measurement>> limit, Promise? promise) where TLoop : struct
        {
            var pairs = await Pairs.RunAsync(
                pace, pace.IsShort ? pace.Pairs : Runs, () => MeasureAsync(messages, tally => Tell<TLoop>(router, messages, new Broadcast(tally))), limit);
            report.Add(pairs.Figures(name, "message", null, promise));
        }
    }

    private static Task<Measurement> MeasureAsync(int messages, Action<Tally> produce) => Stretch.MeasureAsync(messages, async () =>
    {
        var tally = new Tally(messages);
        await Stretch.OnThreadsAsync(1, _ => produce(tally));
        await tally.Complete;
    });

    /// <summary>Compiled once for each <typeparamref name="TLoop"/>, as loops of different programs are. In one loop for all, the runtime inlines
    /// the kind of reference that it met more often while it watched, and the others pay for that: the ratio was 0.5 in one process and 1.1 in the next.</summary>
    private static void Tell<TLoop>(IActorRef receiver, int messages, object last) where TLoop : struct
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

    private readonly struct Alone;

    private readonly struct RoundRobin;

    private readonly struct SmallestMailbox;
}
