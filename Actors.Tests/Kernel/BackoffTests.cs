using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

[Trait("Kind", "Simulation")]
public sealed class BackoffTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private sealed class Failing : ReceiveActor
    {
        public Failing(List<string> log)
        {
            log.Add("start");
            Receive<string>(text => text == "throw", _ => throw new FormatException());
            Receive<string>(text => text == "stop", _ => Context.Stop(Self));
            Receive<string>(log.Add);
        }
    }

    private static (ActorSimulation, IActorRef, List<string>) Start(Func<Props, BackoffOptions> options)
    {
        var simulation = new ActorSimulation(7);
        var log = new List<string>();
        var supervisor = simulation.System.ActorOf(BackoffSupervisor.Props(options(Props.Create(() => new Failing(log)))), "supervisor");
        simulation.RunUntilIdle();
        return (simulation, supervisor, log);
    }

    private static int Restarts(ActorSimulation simulation, IActorRef supervisor) =>
        simulation.RunUntil(supervisor.Ask<BackoffSupervisor.RestartCount>(BackoffSupervisor.GetRestartCount.Instance)).Count;

    [Theory]
    [InlineData("stop")]
    [InlineData("throw")]
    public void Pauses_double_up_to_the_longest(string end)
    {
        var (simulation, supervisor, log) = Start(child => (end == "stop"
            ? Backoff.OnStop(child, "child", Second, 3 * Second, 0)
            : Backoff.OnFailure(child, "child", Second, 3 * Second, 0)).WithManualReset());
        using var _ = simulation;
        foreach (var pause in new[] { 1, 2, 3, 3 })
        {
            log.Clear();
            supervisor.Tell(end);
            simulation.RunFor(pause * Second - Second / 10);
            Assert.Empty(log);
            simulation.RunFor(Second / 5);
            Assert.Equal(["start"], log);
        }
        Assert.Equal(4, Restarts(simulation, supervisor));
        supervisor.Tell(BackoffSupervisor.Reset.Instance);
        Assert.Equal(0, Restarts(simulation, supervisor));
    }

    [Fact]
    public void A_child_that_lives_long_enough_begins_with_the_shortest_pause_again()
    {
        var (simulation, supervisor, log) = Start(child => Backoff.OnStop(child, "child", Second, 10 * Second, 0).WithAutoReset(5 * Second));
        using var _ = simulation;
        supervisor.Tell("stop");
        simulation.RunFor(2 * Second);
        Assert.Equal(1, Restarts(simulation, supervisor));
        simulation.RunFor(5 * Second);
        Assert.Equal(0, Restarts(simulation, supervisor));
        Assert.Equal(2, log.Count);
    }

    [Fact]
    public void After_the_allowed_retries_the_supervisor_stops()
    {
        var (simulation, supervisor, log) = Start(child => Backoff.OnStop(child, "child", Second, Second, 0).WithMaxNrOfRetries(1).WithManualReset());
        using var _ = simulation;
        supervisor.Tell("stop");
        simulation.RunFor(2 * Second);
        supervisor.Tell("stop");
        simulation.RunFor(5 * Second);
        Assert.Equal(2, log.Count);
        Assert.True(simulation.RunUntil(supervisor.GracefulStop(Second)));
    }

    [Fact]
    public void A_strategy_s_retries_count_as_the_supervisor_s()
    {
        var (simulation, supervisor, log) = Start(child => Backoff.OnStop(child, "child", Second, Second, 0).WithManualReset()
            .WithSupervisorStrategy(new OneForOneStrategy(1, Timeout.InfiniteTimeSpan, _ => Directive.Stop)));
        using var _ = simulation;
        supervisor.Tell("throw");
        simulation.RunFor(2 * Second);
        supervisor.Tell("throw");
        simulation.RunFor(5 * Second);
        Assert.Equal(["start", "start"], log);
        Assert.True(((ActorPerf.Kernel.IInternalActorRef)supervisor).IsTerminated);
    }

    [Fact]
    public void On_failure_a_child_that_stops_by_itself_ends_its_supervisor()
    {
        var (simulation, supervisor, log) = Start(child => Backoff.OnFailure(child, "child", Second, Second, 0));
        using var _ = simulation;
        supervisor.Tell("throw");
        simulation.RunFor(2 * Second);
        supervisor.Tell("stop");
        simulation.RunFor(5 * Second);
        Assert.Equal(["start", "start"], log);
        Assert.True(((ActorPerf.Kernel.IInternalActorRef)supervisor).IsTerminated);
    }

    [Fact]
    public void A_final_message_lets_the_child_stop_for_good()
    {
        var (simulation, supervisor, log) = Start(child => Backoff.OnStop(child, "child", Second, Second, 0).WithFinalStopMessage(message => message is "stop"));
        using var _ = simulation;
        supervisor.Tell("stop");
        simulation.RunFor(5 * Second);
        Assert.Equal(["start"], log);
        Assert.True(((ActorPerf.Kernel.IInternalActorRef)supervisor).IsTerminated);
    }

    [Fact]
    public void Messages_pass_to_the_child_or_are_answered_during_a_pause()
    {
        var (simulation, supervisor, log) = Start(child => Backoff.OnStop(child, "child", Second, Second, 0).WithReplyWhileStopped("down"));
        using var _ = simulation;
        supervisor.Tell("hello");
        simulation.RunUntilIdle();
        Assert.Equal(["start", "hello"], log);
        supervisor.Tell("stop");
        simulation.RunUntilIdle();
        Assert.Equal("down", simulation.RunUntil(supervisor.Ask<string>("x")));
        Assert.Equal(ActorRefs.Nobody, simulation.RunUntil(supervisor.Ask<BackoffSupervisor.CurrentChild>(BackoffSupervisor.GetCurrentChild.Instance)).Ref);
    }
}
