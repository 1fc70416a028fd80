using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>How a pool starts, replaces and lets go its routees.</summary>
[Trait("Kind", "Simulation")]
public sealed class PoolTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Moment = TimeSpan.FromMilliseconds(1);

    private sealed class Unable : UntypedActor
    {
        public Unable(List<string> starts)
        {
            starts.Add("start");
            throw new FormatException("cannot start");
        }

        protected override void OnReceive(object message) { }
    }

    private sealed class Worker(List<string> log) : UntypedActor
    {
        protected override void PreStart() => log.Add("start");

        protected override void PostStop() => log.Add("stop");

        protected override void OnReceive(object message)
        {
            if (message is "throw") throw new FormatException();
            log.Add($"{message}");
        }
    }

    private static LocalActorRef[] Routees(IActorRef pool) => ((RouterRef)pool).Routees;

    private static IActorRef Start(ActorSimulation simulation, Props routee, int size)
    {
        var pool = simulation.System.ActorOf(
            routee.WithRouter(new RoundRobinPool(size).WithSupervisorStrategy(SupervisorStrategy.StoppingStrategy)), "pool");
        simulation.RunUntilIdle(10_000);
        return pool;
    }

    /// <summary>Lets the pause pass and expects a new start at its end, and none before.</summary>
    private static void ExpectStartAfter(ActorSimulation simulation, List<string> log, TimeSpan pause)
    {
        log.Clear();
        simulation.RunFor(pause - Moment);
        Assert.Empty(log);
        simulation.RunFor(Moment);
        Assert.Equal("start", log[0]);
    }

    [Fact]
    public void A_routee_that_cannot_start_is_tried_again_at_once_and_then_after_ever_longer_pauses()
    {
        using var simulation = new ActorSimulation(1);
        var starts = new List<string>();
        var pool = Start(simulation, Props.Create(() => new Unable(starts)), 1);
        Assert.Equal(["start", "start"], starts);
        foreach (var tenths in new[] { 1, 2, 4, 8, 16, 32, 64, 100, 100 }) ExpectStartAfter(simulation, starts, tenths * Second / 10);
        Assert.False(((IInternalActorRef)pool).IsTerminated);
    }

    [Fact]
    public void A_routee_that_stood_for_a_second_is_replaced_at_once_when_it_dies()
    {
        using var simulation = new ActorSimulation(2);
        var log = new List<string>();
        var pool = Start(simulation, Props.Create(() => new Worker(log)), 1);
        foreach (var paused in new[] { false, true })
        {
            log.Clear();
            pool.Tell("throw");
            simulation.RunUntilIdle();
            Assert.Equal(paused ? ["stop"] : ["stop", "start"], log);
        }
        simulation.RunFor(2 * Second);
        Assert.Equal(["stop", "start"], log);
        pool.Tell("throw");
        simulation.RunUntilIdle();
        Assert.Equal(["stop", "start", "stop", "start"], log);
        Assert.Equal("$a", Assert.Single(Routees(pool)).Path.Name);
    }

    [Fact]
    public void A_pool_that_shrinks_gives_up_those_it_waits_to_replace_first_and_stops_with_its_last_routee()
    {
        using var simulation = new ActorSimulation(3);
        var log = new List<string>();
        var pool = Start(simulation, Props.Create(() => new Worker(log)), 2);
        var first = Routees(pool)[0];
        first.Tell("throw", ActorRefs.NoSender);
        simulation.RunUntilIdle();
        Assert.Single(Routees(pool).Except([first]).Where(routee => routee.Path.Name == first.Path.Name)).Tell("throw", ActorRefs.NoSender);
        simulation.RunUntilIdle();
        Assert.NotEqual(first.Path.Name, Assert.Single(Routees(pool)).Path.Name);
        log.Clear();
        pool.Tell(new AdjustPoolSize(-1));
        simulation.RunFor(5 * Second);
        Assert.Single(Routees(pool));
        Assert.Empty(log);
        pool.Tell(new Broadcast(PoisonPill.Instance));
        simulation.RunUntilIdle();
        Assert.True(((IInternalActorRef)pool).IsTerminated);
        Assert.Null(simulation.Time.UntilNextTimer);
    }

    [Fact]
    public void A_routee_that_is_let_go_still_handles_what_was_on_its_way()
    {
        using var simulation = new ActorSimulation(4);
        var log = new List<string>();
        var pool = Start(simulation, Props.Create(() => new Worker(log)), 3);
        var before = Routees(pool);
        log.Clear();
        pool.Tell(new AdjustPoolSize(-2));
        simulation.RunUntilIdle();
        var left = Assert.Single(Routees(pool));
        foreach (var routee in before) routee.Tell("late", ActorRefs.NoSender);        // as a sender does that has read who they are just before
        simulation.RunUntilIdle();
        Assert.Equal(["late", "late", "late"], log);
        simulation.RunFor(Second);
        Assert.Equal(["late", "late", "late", "stop", "stop"], log);
        Assert.All(before.Except([left]), routee => Assert.True(routee.IsTerminated));
        Assert.False(left.IsTerminated);
    }

    [Fact]
    public void A_routee_is_let_go_though_its_mailbox_is_full()
    {
        using var simulation = new ActorSimulation(5, ConfigurationFactory.ParseString(
            "tiny { mailbox-type = \"Akka.Dispatch.BoundedMailbox, Akka\", mailbox-capacity = 1 }"));
        var log = new List<string>();
        var pool = Start(simulation, Props.Create(() => new Worker(log)).WithMailbox("tiny"), 2);
        var last = Routees(pool)[1];
        pool.Tell(new AdjustPoolSize(-1));
        simulation.RunUntilIdle();
        last.Tell("full", ActorRefs.NoSender);
        simulation.Time.Advance(Second);
        simulation.RunUntilIdle();
        Assert.Equal(["start", "start", "full", "stop"], log);
        Assert.True(last.IsTerminated);
    }

    [Theory]
    [InlineData("dispatcher")]
    [InlineData("mailbox")]
    [InlineData("deployment")]
    public async Task A_pool_whose_routees_cannot_run_is_a_configuration_error_and_leaves_nothing_behind(string what)
    {
        var system = ActorSystem.Create("s", ConfigurationFactory.ParseString(
            what == "deployment" ? "akka.actor.deployment { /pool { dispatcher = missing } }" : "{}"));
        var log = new List<string>();
        var good = Props.Create(() => new Worker(log)).WithRouter(new RoundRobinPool(2));
        var bad = what switch { "dispatcher" => good.WithDispatcher("missing"), "mailbox" => good.WithMailbox("missing"), _ => good };
        Assert.Throws<ConfigurationException>(() => system.ActorOf(bad, "pool"));
        if (what != "deployment") Assert.Equal(2, (await system.ActorOf(good, "pool").Ask<Routees>(GetRoutees.Instance)).Members.Count());
        await system.Terminate().WaitAsync(60 * Second, TestContext.Current.CancellationToken);
    }
}
