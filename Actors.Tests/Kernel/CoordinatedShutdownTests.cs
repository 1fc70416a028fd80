namespace ActorPerf.Tests.Kernel;

public sealed class CoordinatedShutdownTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
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
