using ActorPerf.Kernel;

namespace ActorPerf.Tests.Kernel;

/// <summary>How long a turn is.</summary>
public sealed class FairnessTests
{
    /// <summary>Gives turns one after the other, first come first served.</summary>
    private sealed class Turns(int throughput) : MessageDispatcher
    {
        private readonly Queue<IThreadPoolWorkItem> _line = new();

        public override int Throughput => throughput;

        public override void Schedule(ActorCell cell) => _line.Enqueue(cell);

        public override void Reschedule(ActorCell cell) => _line.Enqueue(cell);

        public override void RunOutside(IThreadPoolWorkItem work) => _line.Enqueue(work);

        public void Run()
        {
            while (_line.TryDequeue(out var next)) next.Execute();
        }
    }

    private sealed class Logging(List<string> log) : UntypedActor
    {
        protected override void OnReceive(object message) => log.Add(Self.Path.Name);
    }

    [Fact]
    public void A_turn_is_a_batch_and_the_others_come_in_between()
    {
        var (turns, log) = (new Turns(3), new List<string>());
        var system = ActorSystem.Create("fair", Config.Empty, new KernelSetup { Dispatcher = turns });
        var (a, b) = (system.ActorOf(Props.Create(() => new Logging(log)), "a"), system.ActorOf(Props.Create(() => new Logging(log)), "b"));
        turns.Run();
        for (var i = 0; i < 5; i++) a.Tell(i);
        for (var i = 0; i < 4; i++) b.Tell(i);
        turns.Run();
        Assert.Equal("aaabbbaab", string.Concat(log));
    }

    [Fact]
    public void A_configured_throughput_is_kept_to_exactly()
    {
        var dispatchers = new Dispatchers(ConfigurationFactory.ParseString("akka.actor.default-dispatcher.throughput = 7, other { type = Dispatcher, throughput = 1 }"), null);
        Assert.Equal((7, 0), (dispatchers.Default.Throughput, dispatchers.Default.TurnTicks));
        var other = dispatchers.Bind("other", null, new RootActorPath(new Address("akka", "s"))).Dispatcher;
        Assert.Equal((1, 0), (other.Throughput, other.TurnTicks));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_turn_has_at_least_one_message(int throughput) =>
        Assert.Equal(1, new Dispatchers(ConfigurationFactory.ParseString($"akka.actor.default-dispatcher.throughput = {throughput}"), null).Default.Throughput);
}
