namespace ActorPerf.Tests.Kernel;

/// <summary>What a full mailbox still takes: notices that are sent once, by the system itself.</summary>
public sealed class BoundedMailboxTests() : ActorTest(Configured)
{
    private static readonly Config Configured = Config.FromPairs(
    [
        new("akka.scheduler.implementation", typeof(TestScheduler).AssemblyQualifiedName),
        new("two.mailbox-type", "Akka.Dispatch.BoundedMailbox, Akka"),
        new("two.mailbox-capacity", "2"),
    ]);

    private TestScheduler Time => (TestScheduler)Sys.Scheduler;

    private sealed class Mute : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private sealed class Busy : ReceiveActor, IWithTimers
    {
        public Busy(IActorRef target)
        {
            var child = Context.Watch(Context.ActorOf(Props.Create(() => new Mute()), "child"));
            Receive<ManualResetEventSlim>(gate =>
            {
                target.Tell(child);
                gate.Wait();
            });
            Receive<Terminated>(_ => target.Tell("the child has stopped"));
            Receive<string>(text => text == "single", _ => Timers.StartSingleTimer("s", "rang once", TimeSpan.FromSeconds(1)));
            Receive<string>(text => text == "periodic", _ => Timers.StartPeriodicTimer("p", "rang", TimeSpan.FromSeconds(1)));
            Receive<string>(text => text == "active", _ => target.Tell(Timers.IsTimerActive("s")));
            ReceiveAny(target.Tell);
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private IActorRef Start()
    {
        var target = TestActor;
        return Sys.ActorOf(Props.Create(() => new Busy(target)).WithMailbox("two"));
    }

    /// <summary>Lets the actor wait inside a handler, with a full mailbox. Returns its child.</summary>
    private async Task<IActorRef> FillAsync(IActorRef actor, ManualResetEventSlim gate)
    {
        actor.Tell(gate);
        var child = await ExpectMsgAsync<IActorRef>();
        for (var i = 1; i <= 3; i++) actor.Tell(i);
        return child;
    }

    [Fact]
    public async Task A_full_mailbox_takes_the_end_of_who_is_watched()
    {
        using var gate = new ManualResetEventSlim();
        var child = await FillAsync(Start(), gate);
        await WatchAsync(child);
        child.Tell(PoisonPill.Instance);
        await ExpectTerminatedAsync(child);
        gate.Set();
        await ExpectMsgAsync(1);
        await ExpectMsgAsync(2);
        await ExpectMsgAsync("the child has stopped");
    }

    [Fact]
    public async Task A_full_mailbox_takes_the_tick_of_a_single_timer()
    {
        using var gate = new ManualResetEventSlim();
        var actor = Start();
        actor.Tell("single");
        await FillAsync(actor, gate);
        Time.Advance(TimeSpan.FromSeconds(1));
        gate.Set();
        await ExpectMsgAsync(1);
        await ExpectMsgAsync(2);
        await ExpectMsgAsync("rang once");
        actor.Tell("active");
        await ExpectMsgAsync(false);
    }

    [Fact]
    public async Task Ticks_of_a_periodic_timer_that_find_a_full_mailbox_are_left_out()
    {
        using var gate = new ManualResetEventSlim();
        var actor = Start();
        actor.Tell("periodic");
        await FillAsync(actor, gate);
        Time.Advance(TimeSpan.FromSeconds(5));
        gate.Set();
        await ExpectMsgAsync(1);
        await ExpectMsgAsync(2);
        actor.Tell("end");
        await ExpectMsgAsync("end");
        Time.Advance(TimeSpan.FromSeconds(1));
        await ExpectMsgAsync("rang");
    }
}
