namespace ActorPerf.Tests.TestKit;

/// <summary>Virtual time, as Akka.NET's TestKit has it: chosen by configuration, moved by the test.</summary>
public sealed class TestSchedulerTests() : ActorTest(
    ConfigurationFactory.ParseString($"akka.scheduler.implementation = \"{typeof(TestScheduler).AssemblyQualifiedName}\""))
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private sealed class Ticking : ReceiveActor, IWithTimers
    {
        public Ticking(IActorRef told)
        {
            Receive<string>(text => text == "started?", text => Sender.Tell(text));
            Receive<string>(told.Tell);
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("key", "tick", Minute);
    }

    private TestScheduler Time => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void Nothing_scheduled_happens_before_its_time()
    {
        Sys.Scheduler.ScheduleTellOnce(Minute, TestActor, "due", ActorRefs.NoSender);
        Time.Advance(Minute - TimeSpan.FromTicks(1));
        ExpectNoMsg(10, TestContext.Current.CancellationToken);
        Time.Advance(TimeSpan.FromTicks(1));
        ExpectMsg("due", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Timers_of_actors_follow_virtual_time()
    {
        var ticking = Sys.ActorOf(Props.Create(() => new Ticking(TestActor)));
        await ticking.Ask<string>("started?", TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            Time.Advance(Minute);
            ExpectMsg("tick", cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void What_was_cancelled_does_not_happen()
    {
        var handle = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Minute, Minute, TestActor, "again", ActorRefs.NoSender);
        Time.Advance(2 * Minute);
        ReceiveN(2, TestContext.Current.CancellationToken);
        handle.Cancel();
        Time.Advance(2 * Minute);
        ExpectNoMsg(10, TestContext.Current.CancellationToken);
    }
}
