using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

public sealed class ManualTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Timers_ring_in_the_order_of_their_times_and_see_their_own()
    {
        var time = new ManualTime();
        var start = time.GetUtcNow();
        var log = new List<string>();
        using var later = time.CreateTimer(_ => log.Add($"b{(time.GetUtcNow() - start).TotalSeconds}"), null, 2 * Second, Timeout.InfiniteTimeSpan);
        using var sooner = time.CreateTimer(_ => log.Add($"a{(time.GetUtcNow() - start).TotalSeconds}"), null, Second, Second);
        time.Advance(3 * Second);
        Assert.Equal(["a1", "b2", "a2", "a3"], log);
        Assert.Equal(Second, time.UntilNextTimer);
    }

    [Fact]
    public void A_disposed_or_changed_timer_does_not_ring_as_it_was_set()
    {
        var time = new ManualTime();
        var rang = 0;
        var timer = time.CreateTimer(_ => rang++, null, Second, Timeout.InfiniteTimeSpan);
        timer.Change(2 * Second, Timeout.InfiniteTimeSpan);
        time.Advance(Second);
        Assert.Equal(0, rang);
        time.Advance(Second);
        Assert.Equal(1, rang);
        timer.Change(Second, Second);
        timer.Dispose();
        time.Advance(5 * Second);
        Assert.Equal(1, rang);
        Assert.Null(time.UntilNextTimer);
    }
}
