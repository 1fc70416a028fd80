using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>Actors that start, fail, restart and stop children while eight senders tell them. What was told must arrive once and in order, and
/// nothing may be left behind: no actor, no timer.</summary>
public sealed class StressTests
{
    private const int Senders = 8, Workers = 1000;

    [Fact]
    public Task Free_running_actors_lose_repeat_and_reorder_nothing_and_leave_nothing_behind() => RunFreelyAsync(each: 20_000, new CountingTime(TimeProvider.System));

    /// <summary>The clock of a node, under which asks share their timers.</summary>
    [Fact]
    public Task Nor_do_they_under_the_clock_of_a_node() => RunFreelyAsync(each: 10_000, TimeProvider.System);

    [FullFact]
    public Task Free_running_actors_do_so_for_long() => RunFreelyAsync(each: 500_000, new CountingTime(TimeProvider.System));

    [Fact]
    [Trait("Kind", "Simulation")]
    public void Under_any_seed_nothing_is_lost_repeated_reordered_or_left_behind() =>
        ActorSimulation.ForEachSeed(1, 60, simulation => Run(simulation, workers: 5, each: 60));

    [Fact]
    [Trait("Kind", "Simulation")]
    public void A_thousand_actors_under_a_seed_lose_nothing_either() =>
        ActorSimulation.ForEachSeed(100, FullRun.Of(2, 1), simulation => Run(simulation, Workers, each: FullRun.Of(1_500, 1_000)));

    [FullFact]
    [Trait("Kind", "Simulation")]
    public void Under_many_seeds_nothing_is_lost_repeated_reordered_or_left_behind()
    {
        ActorSimulation.ForEachSeed(1_000, 2_000, simulation => Run(simulation, workers: 5, each: 60));
        ActorSimulation.ForEachSeed(5_000, 20, simulation => Run(simulation, Workers, each: 5_000));
    }

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

    /// <summary>What is sent follows from the seed; who runs when does not.</summary>
    private static async Task RunFreelyAsync(int each, TimeProvider time)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORPERF_SEED"), out var given) ? given : 1;
        var patience = TimeSpan.FromSeconds(60 + each / 1_000);
        var ledger = new StressLedger(Workers, Senders);
        var system = ActorSystem.Create("stress", Config.Empty, new KernelSetup { Time = time });
        var workers = Start(system, ledger, Workers);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            var mail = new Mail(workers, sender, new Random(seed + sender));
            for (var i = 0; i < each; i++) mail.TellOne();
        })));
        await Task.WhenAll(workers.Select(worker => worker.GracefulStop(patience)));
        var scheduler = (TimeProviderScheduler)system.Scheduler;
        var left = Left(() => scheduler.SetAlarms + (scheduler.Lanes?.SetAlarms ?? 0));       // before the end, which gives up the lanes
        await system.Terminate().WaitAsync(patience);
        if (time is CountingTime counted) left += Left(() => counted.Living);
        Assert.Equal($"seed {seed}: 0 wrong, {Senders * each} arrived, 0 actors and 0 timers left",
            $"seed {seed}: {ledger.Wrong} wrong, {ledger.Arrived} arrived, {ledger.Living} actors and {left} timers left");
    }

    /// <summary>What is not given back, though asks get the time in which they end after their actors.</summary>
    private static int Left(Func<int> living) => SpinWait.SpinUntil(() => living() == 0, TimeSpan.FromSeconds(60)) ? 0 : living();

    /// <summary>Senders are actors here, so that the seed decides when each sends.</summary>
    private static void Run(ActorSimulation simulation, int workers, int each)
    {
        var ledger = new StressLedger(workers, Senders);
        var refs = Start(simulation.System, ledger, workers);
        var senders = Enumerable.Range(0, Senders).Select(sender =>
        {
            var mail = new Mail(refs, sender, new Random(simulation.Seed + sender));
            return simulation.System.ActorOf(Props.Create(() => new Sending(mail, each)));
        }).ToArray();
        simulation.RunUntil(Task.WhenAll(senders.Select(sender => sender.Ask<string>("go"))));
        simulation.RunUntil(Task.WhenAll(refs.Select(worker => worker.GracefulStop(TimeSpan.FromDays(1)))));
        simulation.RunFor(TimeSpan.FromSeconds(1));        // questions that nobody answered end a moment after their actors
        Assert.Equal(0, ledger.Wrong);
        Assert.Equal(Senders * each, ledger.Arrived);
        Assert.Equal(0, ledger.Living);
        Assert.Null(simulation.Time.UntilNextTimer);
    }

    private static IActorRef[] Start(ActorSystem system, StressLedger ledger, int workers) =>
        [.. Enumerable.Range(0, workers).Select(id => system.ActorOf(Props.Create(() => new StressWorker(id, ledger))))];

    private static string Order(int seed)
    {
        using var simulation = new ActorSimulation(seed);
        var log = new List<string>();
        var actors = Enumerable.Range(0, 4).Select(i => simulation.System.ActorOf(Props.Create(() => new Logging(log)), $"a{i}")).ToArray();
        for (var i = 0; i < 10; i++)
            foreach (var actor in actors) actor.Tell(i);
        simulation.RunUntilIdle();
        return string.Join(' ', log);
    }

    /// <summary>What one sender sends: numbered for each worker, about every third with a deed.</summary>
    private sealed class Mail(IActorRef[] workers, int sender, Random random)
    {
        private readonly int[] _sent = new int[workers.Length];

        public void TellOne()
        {
            var worker = random.Next(workers.Length);
            var deed = (StressDeed)random.Next(3 * (int)StressDeed.Count);
            if (deed > StressDeed.Count) deed = StressDeed.Count;
            workers[worker].Tell(new StressWork(sender, _sent[worker]++, deed));
        }
    }

    private sealed class Sending : UntypedActor
    {
        private readonly Mail _mail;
        private int _left;

        public Sending(Mail mail, int count)
        {
            _mail = mail;
            _left = count;
        }

        protected override void OnReceive(object message)
        {
            for (var i = 0; i < 5 && _left > 0; i++, _left--) _mail.TellOne();
            if (_left > 0) Self.Forward("go");
            else Sender.Tell("done");
        }
    }

    private sealed class Logging(List<string> log) : UntypedActor
    {
        protected override void OnReceive(object message) => log.Add($"{Self.Path.Name}{message}");
    }
}
