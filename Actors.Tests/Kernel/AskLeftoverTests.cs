using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

public sealed class AskLeftoverTests
{
    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class Mute : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    [Fact]
    public async Task An_answered_ask_leaves_no_timer()
    {
        var time = new ManualTime();
        var system = ActorSystem.Create("asks", Config.Empty, new KernelSetup { Time = time });
        var echo = system.ActorOf<Echo>();
        for (var i = 0; i < 10; i++) await echo.Ask<object>(i, TimeSpan.FromMinutes(1));
        Assert.Null(time.UntilNextTimer);
        await system.Terminate();
    }

    [Fact]
    public async Task A_cancelled_ask_leaves_no_timer()
    {
        var time = new ManualTime();
        var system = ActorSystem.Create("asks", Config.Empty, new KernelSetup { Time = time });
        using var source = new CancellationTokenSource();
        var answer = system.ActorOf<Mute>().Ask<object>("a", TimeSpan.FromMinutes(1), source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Null(time.UntilNextTimer);
        await system.Terminate();
    }

    [Fact]
    public async Task A_timed_out_ask_fails_when_its_time_has_come_and_not_before()
    {
        var time = new ManualTime();
        var system = ActorSystem.Create("asks", Config.Empty, new KernelSetup { Time = time });
        var answer = system.ActorOf<Mute>().Ask<object>("a", TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<AskTimeoutException>(() => answer);
        Assert.Null(time.UntilNextTimer);
        await system.Terminate();
    }
}
