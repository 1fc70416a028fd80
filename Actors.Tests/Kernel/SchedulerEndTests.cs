using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>What is still scheduled when the system ends.</summary>
public sealed class SchedulerEndTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private sealed class Mute : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private readonly ManualTime _time = new();

    private ActorSystem Start() => ActorSystem.Create("end", Config.Empty, new KernelSetup { Time = _time });

    [Fact]
    public async Task What_is_still_scheduled_at_the_end_never_happens_and_leaves_no_timer()
    {
        var system = Start();
        var rang = 0;
        system.Scheduler.Advanced.ScheduleOnce(Hour, () => rang++);
        system.Scheduler.Advanced.ScheduleRepeatedly(Hour, Hour, () => rang++);
        system.Scheduler.ScheduleTellOnce(Hour, system.DeadLetters, "late", ActorRefs.NoSender);
        Assert.Equal(3, ((TimeProviderScheduler)system.Scheduler).SetAlarms);
        await system.Terminate();
        Assert.Null(_time.UntilNextTimer);
        Assert.Equal(0, ((TimeProviderScheduler)system.Scheduler).SetAlarms);
        system.Scheduler.Advanced.ScheduleOnce(Hour, () => rang++);
        _time.Advance(3 * Hour);
        Assert.Equal(0, rang);
    }

    [Fact]
    public void An_alarm_that_rang_or_was_cancelled_is_not_kept()
    {
        var system = Start();
        var scheduler = (TimeProviderScheduler)system.Scheduler;
        scheduler.ScheduleOnce(Hour, static () => { });
        var handle = scheduler.ScheduleRepeatedlyCancelable(Hour, Hour, static () => { });
        _time.Advance(Hour);
        Assert.Equal(1, scheduler.SetAlarms);
        handle.Cancel();
        Assert.Equal(0, scheduler.SetAlarms);
        Assert.Null(_time.UntilNextTimer);
        system.Dispose();
    }

    [Fact]
    public async Task A_question_that_is_open_at_the_end_still_times_out()
    {
        var system = Start();
        var answer = system.ActorOf<Mute>().Ask<object>("a", Hour);
        await system.Terminate();
        _time.Advance(Hour);
        await Assert.ThrowsAsync<AskTimeoutException>(() => answer);
    }
}
