namespace ActorPerf.Tests.Kernel;

public sealed class TimerTests() : ActorTest(VirtualTime)
{
    private static readonly Config VirtualTime = Config.FromPairs([new("akka.scheduler.implementation", typeof(TestScheduler).AssemblyQualifiedName)]);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef target)
        {
            Receive<Action<ITimerScheduler>>(act =>
            {
                act(Timers);
                Sender.Tell("ok");
            });
            Receive<string>(text => text == "throw", _ => throw new FormatException());
            Receive<string>(text => target.Tell(text));
            Receive<int>(_ => Sender.Tell(Timers.ActiveTimers.Count));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private sealed class Beginning : ReceiveActor, IWithTimers
    {
        public Beginning(TestScheduler time, IActorRef target)
        {
            Receive<string>(text => text == "throw", _ =>
            {
                time.Advance(Second);                      // the tick is in the mailbox now, behind this message
                throw new FormatException();
            });
            Receive<string>(text => target.Tell(text));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartSingleTimer("k", "ring", Second);
    }

    private TestScheduler Time => (TestScheduler)Sys.Scheduler;

    private async Task<IActorRef> StartAsync(Action<ITimerScheduler> act)
    {
        var target = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new Timed(target)));
        await actor.Ask<string>(act);
        return actor;
    }

    [Fact]
    public async Task A_single_timer_rings_once()
    {
        var actor = await StartAsync(timers => timers.StartSingleTimer("k", "ring", Second));
        Time.Advance(Second / 2);
        Assert.Equal(1, await actor.Ask<int>(0));
        Time.Advance(Second);
        await ExpectMsgAsync("ring");
        Assert.Equal(0, await actor.Ask<int>(0));
        Time.Advance(10 * Second);
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_periodic_timer_rings_until_it_is_cancelled()
    {
        var actor = await StartAsync(timers => timers.StartPeriodicTimer("k", "ring", Second));
        Time.Advance(3 * Second);
        for (var i = 0; i < 3; i++) await ExpectMsgAsync("ring");
        await actor.Ask<string>((Action<ITimerScheduler>)(timers => timers.Cancel("k")));
        Time.Advance(3 * Second);
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_timer_replaces_the_one_of_the_same_key()
    {
        await StartAsync(timers =>
        {
            timers.StartSingleTimer("k", "old", Second);
            timers.StartSingleTimer("k", "new", 2 * Second);
            timers.StartSingleTimer("other", "other", 3 * Second);
        });
        Time.Advance(5 * Second);
        await ExpectMsgAsync("new");
        await ExpectMsgAsync("other");
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_tick_that_was_queued_before_its_timer_was_cancelled_is_not_handled()
    {
        var time = Time;
        await StartAsync(timers =>
        {
            timers.StartSingleTimer("k", "stale", Second);
            time.Advance(Second);                          // the tick is in the mailbox now, behind this message
            timers.Cancel("k");
        });
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_tick_that_was_queued_before_a_restart_is_not_taken_for_one_of_the_new_instance()
    {
        var (time, target) = (Time, TestActor);
        var actor = Sys.ActorOf(Props.Create(() => new Beginning(time, target)));
        actor.Tell("throw");
        actor.Tell("restarted");
        await ExpectMsgAsync("restarted");
        actor.Tell("after the tick");
        await ExpectMsgAsync("after the tick");
        time.Advance(Second);
        await ExpectMsgAsync("ring");
    }

    [Fact]
    public async Task A_restart_cancels_all_timers()
    {
        var actor = await StartAsync(timers => timers.StartPeriodicTimer("k", "ring", Second));
        actor.Tell("throw");
        Assert.Equal(0, await actor.Ask<int>(0));
        Time.Advance(3 * Second);
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_stop_cancels_all_timers()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var actor = await StartAsync(timers => timers.StartPeriodicTimer("k", "ring", Second));
        await actor.GracefulStop(10 * Second);
        Time.Advance(3 * Second);
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task The_scheduler_tells_once_repeatedly_and_not_after_cancellation()
    {
        Sys.Scheduler.ScheduleTellOnce(Second, TestActor, "once", ActorRefs.NoSender!);
        var repeated = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Second, 2 * Second, TestActor, "again", ActorRefs.NoSender!);
        Sys.Scheduler.ScheduleTellOnceCancelable(Second, TestActor, "never", ActorRefs.NoSender!).Cancel();
        Time.Advance(3 * Second);
        foreach (var expected in new[] { "once", "again", "again" }) await ExpectMsgAsync(expected);
        repeated.Cancel();
        Time.Advance(9 * Second);
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public void Advanced_runs_actions()
    {
        var ran = 0;
        var repeated = Sys.Scheduler.Advanced.ScheduleRepeatedlyCancelable(Second, Second, () => ran++);
        Sys.Scheduler.Advanced.ScheduleOnce(Second, () => ran += 10);
        Time.Advance(2 * Second);
        repeated.Cancel();
        Time.Advance(2 * Second);
        Assert.Equal(12, ran);
    }
}
