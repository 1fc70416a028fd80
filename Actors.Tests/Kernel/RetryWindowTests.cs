using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

public sealed class RetryWindowTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private sealed class Lenient(List<string> log) : UntypedActor
    {
        private readonly IActorRef _child = Context.ActorOf(Props.Create(() => new Failing(log)));

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(1, Minute, _ => Directive.Restart);

        protected override void OnReceive(object message) => _child.Tell(message);
    }

    private sealed class Failing(List<string> log) : UntypedActor
    {
        protected override void PreRestart(Exception reason, object message) { }

        protected override void PostRestart(Exception reason) => log.Add("restarted");

        protected override void PostStop() => log.Add("stopped");

        protected override void OnReceive(object message) => throw new FormatException();
    }

    [Fact]
    public void Within_a_window_so_many_restarts_are_allowed()
    {
        var statistics = new RestartStatistics();
        Assert.True(statistics.RequestPermission(2, Minute, TimeSpan.Zero));
        Assert.True(statistics.RequestPermission(2, Minute, TimeSpan.FromSeconds(10)));
        Assert.False(statistics.RequestPermission(2, Minute, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_new_window_counts_anew()
    {
        var statistics = new RestartStatistics();
        Assert.True(statistics.RequestPermission(1, Minute, TimeSpan.Zero));
        Assert.False(statistics.RequestPermission(1, Minute, Minute));
        Assert.True(statistics.RequestPermission(1, Minute, 2.1 * Minute));
    }

    [Fact]
    public void Without_a_number_any_number_is_allowed() =>
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(new RestartStatistics().RequestPermission(-1, TimeSpan.Zero, TimeSpan.Zero)));

    [Fact]
    [Trait("Kind", "Simulation")]
    public void A_child_is_stopped_when_it_fails_too_often_within_one_window_and_not_over_several()
    {
        using var simulation = new ActorSimulation(1);
        var log = new List<string>();
        var supervisor = simulation.System.ActorOf(Props.Create(() => new Lenient(log)));
        for (var i = 0; i < 3; i++)
        {
            supervisor.Tell("fail");
            simulation.RunFor(2 * Minute);
        }
        Assert.Equal(["restarted", "restarted", "restarted"], log);
        supervisor.Tell("fail");
        simulation.RunFor(Minute / 2);
        supervisor.Tell("fail");
        simulation.RunUntilIdle();
        Assert.Equal(["restarted", "restarted", "restarted", "restarted", "stopped"], log);
    }
}
