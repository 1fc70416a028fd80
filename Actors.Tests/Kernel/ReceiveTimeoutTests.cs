using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

[Trait("Kind", "Simulation")]
public sealed class ReceiveTimeoutTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private sealed record Unimportant : INotInfluenceReceiveTimeout;

    private sealed class Waiting : ReceiveActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        public Waiting(List<string> log)
        {
            Receive<string>(text => text == "timer", _ => Timers.StartPeriodicTimer("k", new Unimportant(), Second / 2));
            SetReceiveTimeout(2 * Second);
            Receive<ReceiveTimeout>(_ => log.Add("timeout"));
            Receive<string>(text => text == "off", _ => SetReceiveTimeout(null));
            Receive<string>(log.Add);
            Receive<Unimportant>(_ => { });
        }
    }

    private sealed class Told : ReceiveActor
    {
        public Told(List<string> log)
        {
            Receive<TimeSpan>(time => SetReceiveTimeout(time));
            Receive<ReceiveTimeout>(_ => log.Add("timeout"));
            Receive<Exception>(e => throw e);
        }
    }

    private static (ActorSimulation, IActorRef, List<string>) Start()
    {
        var simulation = new ActorSimulation(1);
        var log = new List<string>();
        var actor = simulation.System.ActorOf(Props.Create(() => new Waiting(log)));
        simulation.RunUntilIdle();
        return (simulation, actor, log);
    }

    [Fact]
    public void Silence_is_reported_again_and_again()
    {
        var (simulation, _, log) = Start();
        using var _2 = simulation;
        simulation.RunFor(1.9 * Second);
        Assert.Empty(log);
        simulation.RunFor(0.2 * Second);
        Assert.Equal(["timeout"], log);
        simulation.RunFor(4 * Second);
        Assert.Equal(["timeout", "timeout", "timeout"], log);
    }

    [Fact]
    public void A_message_begins_the_silence_anew()
    {
        var (simulation, actor, log) = Start();
        using var _ = simulation;
        simulation.RunFor(1.5 * Second);
        actor.Tell("a");
        simulation.RunFor(1.5 * Second);
        Assert.Equal(["a"], log);
        simulation.RunFor(0.6 * Second);
        Assert.Equal(["a", "timeout"], log);
    }

    [Fact]
    public void An_unimportant_message_does_not()
    {
        var (simulation, actor, log) = Start();
        using var _ = simulation;
        simulation.RunFor(1.5 * Second);
        actor.Tell(new Unimportant());
        simulation.RunFor(0.6 * Second);
        Assert.Equal(["timeout"], log);
    }

    [Fact]
    public void Nor_does_an_unimportant_tick_of_a_timer()
    {
        var (simulation, actor, log) = Start();
        using var _ = simulation;
        actor.Tell("timer");
        simulation.RunFor(2.1 * Second);
        Assert.Equal(["timeout"], log);
    }

    [Fact]
    public void Null_turns_it_off()
    {
        var (simulation, actor, log) = Start();
        using var _ = simulation;
        actor.Tell("off");
        simulation.RunFor(10 * Second);
        Assert.Empty(log);
    }

    [Fact]
    public void A_restart_lets_it_ring_on()
    {
        using var simulation = new ActorSimulation(1);
        var log = new List<string>();
        var actor = simulation.System.ActorOf(Props.Create(() => new Told(log)));
        actor.Tell(2 * Second);
        simulation.RunFor(Second);
        actor.Tell(new FormatException());
        simulation.RunFor(1.9 * Second);
        Assert.Empty(log);
        simulation.RunFor(0.2 * Second);
        Assert.Equal(["timeout"], log);
        actor.Tell(new FormatException());
        simulation.RunFor(2 * Second);
        Assert.Equal(["timeout", "timeout"], log);
    }
}
