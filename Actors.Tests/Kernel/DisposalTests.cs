using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>Actors that are disposed.</summary>
[Trait("Kind", "Simulation")]
public sealed class DisposalTests
{
    private sealed class Disposed : UntypedActor, IDisposable
    {
        private readonly List<string> _log;
        private readonly string _fails;

        public Disposed(List<string> log, string fails)
        {
            (_log, _fails) = (log, fails);
            log.Add("new");
        }

        public void Dispose()
        {
            _log.Add("disposed");
            if (_fails == "Dispose") throw new FormatException();
        }

        protected override void PreStart()
        {
            if (_fails == "PreStart") throw new FormatException();
        }

        protected override void PostStop() => _log.Add("PostStop");

        protected override void PostRestart(Exception reason)
        {
            if (_fails == "PostRestart") throw new FormatException();
        }

        protected override void OnReceive(object message)
        {
            if (message is "throw") throw new FormatException();
        }
    }

    private static List<string> Run(string fails, params object[] messages)
    {
        var log = new List<string>();
        using var simulation = new ActorSimulation(1);
        var actor = simulation.System.ActorOf(Props.Create(() => new Disposed(log, fails)));
        foreach (var message in messages) actor.Tell(message);
        simulation.RunUntilIdle();
        simulation.RunUntil(simulation.System.Terminate());
        return log;
    }

    [Fact]
    public void A_restart_disposes_the_old_instance_and_a_stop_the_last() =>
        Assert.Equal(["new", "PostStop", "disposed", "new", "PostStop", "disposed"], Run("nothing", "throw", PoisonPill.Instance));

    [Fact]
    public void An_instance_that_did_not_come_to_life_is_disposed_too()
    {
        Assert.Equal(["new", "disposed"], Run("PreStart"));
        Assert.Equal(["new", "PostStop", "disposed", "new", "disposed"], Run("PostRestart", "throw"));
    }

    [Fact]
    public void A_Dispose_that_throws_stops_neither_a_restart_nor_a_stop() =>
        Assert.Equal(["new", "PostStop", "disposed", "new", "PostStop", "disposed"], Run("Dispose", "throw", PoisonPill.Instance));
}
