using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

public sealed class AskLeftoverTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1);

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
        // Who answers gives the answer first, and the timer back then.
        await Eventually.Is(() => time.UntilNextTimer is null, "no timer is left");
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

    [Fact]
    public async Task A_question_that_could_not_be_sent_leaves_no_timer()
    {
        var time = new ManualTime();
        var system = ActorSystem.Create("asks", Config.Empty, new KernelSetup { Time = time });
        var echo = system.ActorOf<Echo>();
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAsync<FormatException>(() => echo.Ask<object>(_ => throw new FormatException(), Minute, source.Token));
        await Assert.ThrowsAsync<InvalidMessageException>(() => echo.Ask<object>(_ => null!, Minute, source.Token));
        await Assert.ThrowsAsync<InvalidMessageException>(() => echo.Ask<object>((object)null!, Minute, source.Token));
        Assert.Null(time.UntilNextTimer);
        await system.Terminate();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1000)]
    public async Task A_time_out_of_zero_or_less_is_none(int milliseconds)
    {
        var time = new ManualTime();
        var system = ActorSystem.Create("asks", Config.Empty, new KernelSetup { Time = time });
        var answer = system.ActorOf<Mute>().Ask<object>("a", TimeSpan.FromMilliseconds(milliseconds));
        Assert.Null(time.UntilNextTimer);
        time.Advance(Minute);
        Assert.False(answer.IsCompleted);
        await system.Terminate();
    }

    /// <summary>There asks that wait equally long share a timer, and each is a place in its line. They would wait longer than the test does.</summary>
    [Fact]
    public async Task In_real_time_answered_and_cancelled_asks_leave_neither_alarm_nor_registration()
    {
        var system = ActorSystem.Create("asks");
        var lanes = ((TimeProviderScheduler)system.Scheduler).Lanes!;
        var (echo, mute) = (system.ActorOf<Echo>(), system.ActorOf<Mute>());
        using CancellationTokenSource kept = new(), cancelled = new();
        var left = await AskManyAsync(echo, kept.Token);
        left.AddRange(await CancelManyAsync(mute, cancelled));
        await Eventually.Is(() => lanes.SetAlarms == 0, () => $"{lanes.SetAlarms} alarms left");
        // What a registration holds lives as long as its token.
        await Eventually.Is(() => Living(left) == 0, () => $"{Living(left)} of {left.Count} asks are still held");
        GC.KeepAlive(kept);
        await system.Terminate();
    }

    private static async Task<List<WeakReference>> AskManyAsync(IActorRef echo, CancellationToken kept)
    {
        var asked = new List<WeakReference>();
        for (var i = 0; i < 1_000; i++) asked.Add(await AskOnceAsync(echo, kept));
        return asked;
    }

    private static async Task<WeakReference> AskOnceAsync(IActorRef echo, CancellationToken kept)
    {
        var answer = echo.Ask<object>("a", Hour, kept);
        await answer;
        return new WeakReference(answer);
    }

    private static async Task<List<WeakReference>> CancelManyAsync(IActorRef mute, CancellationTokenSource cancelled)
    {
        var open = Enumerable.Range(0, 1_000).Select(_ => mute.Ask<object>("a", Hour, cancelled.Token)).ToList();
        await cancelled.CancelAsync();
        foreach (var answer in open) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        return [.. open.Select(static answer => new WeakReference(answer))];
    }

    private static int Living(List<WeakReference> asked)
    {
        GC.Collect();
        return asked.Count(static one => one.IsAlive);
    }
}
