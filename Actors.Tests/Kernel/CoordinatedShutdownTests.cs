namespace ActorPerf.Tests.Kernel;

public sealed class CoordinatedShutdownTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly List<string> _log = [];

    private Func<Task<Done>> Logging(string line) => () =>
    {
        lock (_log) _log.Add(line);
        return Task.FromResult(Done.Instance);
    };

    [Fact]
    public async Task Phases_run_in_order_and_the_last_stops_the_system()
    {
        var system = ActorSystem.Create("s");
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "late", Logging("late"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "middle", Logging("middle"));
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "early", Logging("early"));
        await shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(Limit);
        Assert.Equal(["early", "middle", "late"], _log);
        Assert.True(system.WhenTerminated.IsCompleted);
        Assert.Equal(CoordinatedShutdown.ClrExitReason.Instance, shutdown.ShutdownReason);
    }

    [Fact]
    public async Task Terminate_runs_it_once()
    {
        var system = ActorSystem.Create("s");
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "a", Logging("a"));
        await Task.WhenAll(system.Terminate(), system.Terminate()).WaitAsync(Limit);
        Assert.Equal(["a"], _log);
    }

    [Fact]
    public async Task A_later_phase_may_be_the_first()
    {
        var shutdown = CoordinatedShutdown.Get(ActorSystem.Create("s"));
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "a", Logging("a"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "b", Logging("b"));
        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance, CoordinatedShutdown.PhaseServiceStop).WaitAsync(Limit);
        Assert.Equal(["b"], _log);
    }

    [Fact]
    public async Task Tasks_of_one_phase_run_side_by_side_and_the_next_phase_waits_for_all()
    {
        var system = ActorSystem.Create("s");
        var shutdown = CoordinatedShutdown.Get(system);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        Func<Task<Done>> Meeting(TaskCompletionSource mine, TaskCompletionSource other, string line) => async () =>
        {
            mine.SetResult();
            await other.Task;
            return await Logging(line)();
        };
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "a", Meeting(first, second, "met"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "b", Meeting(second, first, "met"));
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "c", Logging("later"));
        await system.Terminate().WaitAsync(Limit);
        Assert.Equal(["met", "met", "later"], _log);
    }

    [Fact]
    public async Task Neither_a_task_that_fails_nor_one_that_hangs_keeps_the_others_from_running()
    {
        var system = ActorSystem.Create("s", Config.FromPairs([new("akka.coordinated-shutdown.phases.service-stop.timeout", "50ms")]));
        var shutdown = CoordinatedShutdown.Get(system);
        Assert.Equal(TimeSpan.FromMilliseconds(50), shutdown.Timeout(CoordinatedShutdown.PhaseServiceStop));
        Assert.Equal(TimeSpan.FromSeconds(5), shutdown.Timeout(CoordinatedShutdown.PhaseServiceUnbind));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails", () => throw new FormatException());
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "hangs", () => new TaskCompletionSource<Done>().Task);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "a", Logging("a"));
        await system.Terminate().WaitAsync(Limit);
        Assert.Equal(["a"], _log);
    }

    private (ActorSystem, CoordinatedShutdown) Configured(string settings)
    {
        var system = ActorSystem.Create("s", ConfigurationFactory.ParseString($"akka.coordinated-shutdown {{ {settings} }}"));
        return (system, CoordinatedShutdown.Get(system));
    }

    [Fact]
    public async Task Configured_phases_take_their_place()
    {
        var (system, shutdown) = Configured("""
            default-phase-timeout = 3s
            phases {
              close-files { depends-on = [drain], timeout = 2s }
              drain { depends-on = [service-unbind] }
              service-requests-done { depends-on = [drain, service-unbind] }
              cluster-leave { depends-on = [close-files, cluster-sharding-shutdown-region] }
            }
            """);
        Assert.Equal(TimeSpan.FromSeconds(3), shutdown.Timeout("drain"));
        Assert.Equal(TimeSpan.FromSeconds(2), shutdown.Timeout("close-files"));
        string[] order = ["service-unbind", "drain", "service-requests-done", "close-files", "cluster-leave", "actor-system-terminate"];
        foreach (var phase in order.Reverse()) shutdown.AddTask(phase, "log", Logging(phase));
        await system.Terminate().WaitAsync(Limit);
        Assert.Equal(order.Order(), _log.Order());
        foreach (var (before, after) in new[] { (0, 1), (1, 2), (1, 3), (3, 4), (2, 4), (4, 5) })
        {
            Assert.True(_log.IndexOf(order[before]) < _log.IndexOf(order[after]), string.Join(", ", _log));
        }
    }

    [Fact]
    public async Task A_phase_that_is_turned_off_runs_no_task()
    {
        var (system, shutdown) = Configured("phases.service-stop.enabled = off");
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "a", Logging("a"));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "b", Logging("b"));
        await system.Terminate().WaitAsync(Limit);
        Assert.Equal(["b"], _log);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_phase_that_may_not_recover_ends_the_shutdown_with_its_failure(bool fails)
    {
        var (system, shutdown) = Configured("phases.service-stop { recover = off, timeout = 50ms }");
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "fails", () => fails ? throw new FormatException() : new TaskCompletionSource<Done>().Task);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "a", Logging("a"));
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => shutdown.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Limit));
        Assert.Equal(fails ? typeof(FormatException) : typeof(TimeoutException), failure.GetType());
        if (!fails) Assert.Contains("service-stop", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_log);
        Assert.False(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task The_shutdown_may_leave_the_actors_alone_and_Terminate_the_shutdown()
    {
        var (system, shutdown) = Configured("terminate-actor-system = off, run-by-actor-system-terminate = off");
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "a", Logging("a"));
        await shutdown.Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Limit);
        Assert.Equal(["a"], _log);
        Assert.False(system.WhenTerminated.IsCompleted);
        var (other, its) = Configured("run-by-actor-system-terminate = off");
        its.AddTask(CoordinatedShutdown.PhaseServiceStop, "b", Logging("b"));
        await Task.WhenAll(system.Terminate(), other.Terminate()).WaitAsync(Limit);
        Assert.Equal(["a"], _log);
    }

    [Theory]
    [InlineData("phases.service-stop.time-out = 1s", "akka.coordinated-shutdown.phases.service-stop.time-out")]
    [InlineData("exit-clr = on", "akka.coordinated-shutdown.exit-clr")]
    [InlineData("run-by-clr-shutdown-hook = on", "akka.coordinated-shutdown.run-by-clr-shutdown-hook")]
    [InlineData("reason-overrides { x { exit-code = 1 } }", "akka.coordinated-shutdown.reason-overrides.x.exit-code")]
    [InlineData("phases.service-stop.depends-on = [cluster-leave]", "service-stop")]
    [InlineData("phases.service-stop.timeout = infinite", "akka.coordinated-shutdown.phases.service-stop.timeout")]
    [InlineData("terminate-actor-system = off", "run-by-actor-system-terminate")]
    public void Settings_of_the_shutdown_that_cannot_be_kept_are_refused_by_name(string settings, string named)
    {
        var refusal = Assert.Throws<ConfigurationException>(() => Configured(settings));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    private sealed class Blocked(ManualResetEventSlim gate) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            ((TaskCompletionSource)message).SetResult();
            gate.Wait();
        }
    }

    [Fact]
    public async Task An_actor_that_does_not_stop_holds_the_shutdown_up_no_longer_than_the_last_phase()
    {
        using var gate = new ManualResetEventSlim();
        var system = ActorSystem.Create("s", Config.FromPairs([new("akka.coordinated-shutdown.phases.actor-system-terminate.timeout", "50ms")]));
        var blocked = new TaskCompletionSource();
        system.ActorOf(Props.Create(() => new Blocked(gate))).Tell(blocked);
        await blocked.Task.WaitAsync(Limit);
        try
        {
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Limit);
            Assert.False(system.WhenTerminated.IsCompleted);
        }
        finally
        {
            gate.Set();
        }
        await system.WhenTerminated.WaitAsync(Limit);
    }

    [Fact]
    public void An_unknown_phase_is_refused()
    {
        var shutdown = CoordinatedShutdown.Get(ActorSystem.Create("s"));
        Assert.Throws<ArgumentException>(() => shutdown.AddTask("no-such-phase", "a", Logging("a")));
    }
}
