using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>Actors that start, fail, restart and stop children while many senders tell them. What was told must arrive once and in order.</summary>
public sealed class StressTests
{
    private const int Senders = 8;

    private sealed class Ledger(int actors)
    {
        private readonly int[][] _next = [.. Enumerable.Range(0, actors).Select(_ => new int[Senders])];
        private int _living;
        private int _wrong;

        public int Living => Volatile.Read(ref _living);

        public int Wrong => Volatile.Read(ref _wrong);

        public int Arrived => _next.Sum(row => row.Sum());

        public void Record(int actor, Work work)
        {
            if (_next[actor][work.Sender]++ != work.Number) Interlocked.Increment(ref _wrong);
        }

        public void Born() => Interlocked.Increment(ref _living);

        public void Died() => Interlocked.Decrement(ref _living);
    }

    private sealed record Work(int Sender, int Number, int Action);

    private sealed class Child(Ledger ledger) : UntypedActor
    {
        protected override void PreStart() => ledger.Born();

        protected override void PostStop() => ledger.Died();

        protected override void OnReceive(object message) => throw new FormatException();
    }

    private sealed class Worker : ReceiveActor
    {
        private readonly Ledger _ledger;

        public Worker(int id, Ledger ledger)
        {
            _ledger = ledger;
            var child = Props.Create(() => new Child(ledger));
            ReceiveAsync<Work>(work => work.Action == 6, async work =>
            {
                ledger.Record(id, work);
                await Task.Yield();
                if (work.Number % 2 == 0) throw new FormatException();
            });
            Receive<Work>(work =>
            {
                ledger.Record(id, work);
                switch (work.Action)
                {
                    case 1: throw new FormatException();
                    case 2 or 3: Context.Watch(Context.ActorOf(child)); break;
                    case 4: Context.Stop(Context.GetChildren().FirstOrDefault() ?? ActorRefs.Nobody); break;
                    case 5: (Context.GetChildren().LastOrDefault() ?? ActorRefs.Nobody).Tell("throw"); break;
                }
            });
            Receive<Terminated>(_ => { });
        }

        protected override void PreStart() => _ledger.Born();

        protected override void PostStop() => _ledger.Died();
    }

    [Fact]
    public async Task Free_running_actors_lose_repeat_and_reorder_nothing_and_leave_nothing_behind()
    {
        const int actors = 1000, each = 40_000;
        var system = ActorSystem.Create("stress");
        var ledger = new Ledger(actors);
        var workers = Enumerable.Range(0, actors).Select(id => system.ActorOf(Props.Create(() => new Worker(id, ledger)))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => TellMany(workers, sender, each, new Random(sender)))));
        await Task.WhenAll(workers.Select(worker => worker.GracefulStop(TimeSpan.FromSeconds(60))));
        Assert.Equal(0, ledger.Wrong);
        Assert.Equal(Senders * each, ledger.Arrived);
        Assert.Equal(0, ledger.Living);
        var inspector = new KernelActorInspector(system);
        Assert.True(SpinWait.SpinUntil(() => inspector.Look("/user", 0)!.ChildCount == 0, TimeSpan.FromSeconds(10)));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    [Trait("Kind", "Simulation")]
    public void Under_any_seed_nothing_is_lost_repeated_reordered_or_left_behind() => ActorSimulation.ForEachSeed(1, 60, simulation =>
    {
        const int actors = 5, each = 60;
        var ledger = new Ledger(actors);
        var workers = Enumerable.Range(0, actors).Select(id => simulation.System.ActorOf(Props.Create(() => new Worker(id, ledger)))).ToArray();
        for (var sender = 0; sender < Senders; sender++) TellMany(workers, sender, each, simulation.Random);
        simulation.RunUntil(Task.WhenAll(workers.Select(worker => worker.GracefulStop(TimeSpan.FromDays(1)))));
        Assert.Equal(0, ledger.Wrong);
        Assert.Equal(Senders * each, ledger.Arrived);
        Assert.Equal(0, ledger.Living);
    });

    [Fact]
    [Trait("Kind", "Simulation")]
    public void One_seed_gives_one_order()
    {
        Assert.Equal(Order(3), Order(3));
        Assert.NotEqual(Order(3), Order(4));
    }

    [Fact]
    [Trait("Kind", "Simulation")]
    public void A_failure_names_the_seed_that_repeats_it()
    {
        var failure = Assert.Throws<SimulationFailedException>(
            () => ActorSimulation.ForEachSeed(10, 5, simulation => Assert.True(simulation.Seed < 12)));
        Assert.Equal(12, failure.Seed);
        Assert.Contains("ACTORPERF_SEED=12", failure.Message, StringComparison.Ordinal);
    }

    private sealed class Logging(List<string> log) : UntypedActor
    {
        protected override void OnReceive(object message) => log.Add($"{Self.Path.Name}{message}");
    }

    private static string Order(int seed)
    {
        using var simulation = new ActorSimulation(seed);
        var log = new List<string>();
        var actors = Enumerable.Range(0, 4).Select(i => simulation.System.ActorOf(Props.Create(() => new Logging(log)), $"a{i}")).ToArray();
        for (var i = 0; i < 10; i++) foreach (var actor in actors) actor.Tell(i);
        simulation.RunUntilIdle();
        return string.Join(' ', log);
    }

    private static void TellMany(IActorRef[] workers, int sender, int count, Random random)
    {
        var sent = new int[workers.Length];
        for (var i = 0; i < count; i++)
        {
            var worker = random.Next(workers.Length);
            var action = random.Next(40);                  // most messages only count
            workers[worker].Tell(new Work(sender, sent[worker]++, action));
        }
    }
}
