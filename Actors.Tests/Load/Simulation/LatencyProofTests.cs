using ActorPerf.Load;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Load.Simulation;

/// <summary>Against servers whose latencies are known, what is told is what was: within 1 % or 1 ms.</summary>
[Trait("Kind", "Simulation")]
public sealed class LatencyProofTests
{
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_fixed_latency_is_told_as_it_is()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("between(100ms, 300ms)"));
        world.Server.Latency = static (_, _) => TimeSpan.FromMilliseconds(50);
        var result = world.Whole(LoadWorld.Plan(new LoadModel.Closed(20, 20), Half));
        var all = result.Series[^1];
        Assert.Equal(world.Server.Asked, all.Service.Count);
        foreach (var percent in LoadRow.Percents) AssertNear(TimeSpan.FromMilliseconds(50), all.Service.Percentile(percent));
        AssertNear(TimeSpan.FromMilliseconds(50), result.Final.Total.Service.Mean);
        Assert.False(result.Final.Health.Saturated);
    }

    [Fact]
    public void A_bimodal_latency_keeps_its_two_humps()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (number, _) => TimeSpan.FromMilliseconds(number % 10 == 9 ? 200 : 10);
        var result = world.Whole(LoadWorld.Plan(new LoadModel.Open(200), Half));
        var times = result.Final.Total.Service;
        Assert.Equal(6_000, result.Final.Total.Count);
        AssertNear(TimeSpan.FromMilliseconds(10), times.Median);
        AssertNear(TimeSpan.FromMilliseconds(10), result.Series[^1].Service.Percentile(89.9));
        AssertNear(TimeSpan.FromMilliseconds(200), times.P95);
        AssertNear(TimeSpan.FromMilliseconds(29), times.Mean);
        AssertNear(times.P95, result.Final.Total.Response.P95);
    }

    [Fact]
    public void A_stall_is_charged_to_everybody_who_came_during_it()
    {
        const int users = 10, rate = 100, seconds = 20;
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, at) => Stalled(at);
        var result = world.Whole(LoadWorld.Plan(new LoadModel.Open(rate) { MaxUsers = users }, TimeSpan.FromSeconds(seconds)));
        var (service, response) = (result.Series[^1].Service, result.Series[^1].Response);

        // Ten connections and a plan, worked out by themselves.
        var (served, waited) = (new List<TimeSpan>(), new List<TimeSpan>());
        var free = new PriorityQueue<int, TimeSpan>(Enumerable.Range(0, users).Select(static user => (user, TimeSpan.Zero)));
        for (var i = 0; i < rate * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate);
            free.TryDequeue(out var user, out var at);
            var begin = at > due ? at : due;
            var took = Stalled(begin);
            served.Add(took);
            waited.Add(begin - due + took);
            free.Enqueue(user, begin + took);
        }
        Assert.Equal(rate * seconds, result.Final.Total.Count);
        foreach (var percent in new[] { 50.0, 90, 95, 99, 99.9 })
        {
            AssertNear(Exact(served, percent), service.Percentile(percent));
            AssertNear(Exact(waited, percent), response.Percentile(percent));
        }
        // What omits the coordination sees a server of 10 ms; who came by the plan waited up to two seconds.
        AssertNear(TimeSpan.FromMilliseconds(10), service.Percentile(99));
        Assert.InRange(response.Percentile(99), TimeSpan.FromSeconds(1.7), TimeSpan.FromSeconds(2.1));
        Assert.True(result.Final.Health.Saturated);
        Assert.Contains(result.Final.Health.Warnings, static warning => warning.StartsWith("Saturated", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pace_that_was_missed_shows_in_the_planned_latency()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("pacing(1s)"));
        world.Server.Latency = static (number, _) => number == 3 ? TimeSpan.FromSeconds(3) : TimeSpan.FromMilliseconds(20);
        var result = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(10.5)));
        // Starts at 0, 1, 2, 3; the fourth lasts until 6, and the next was due at 4.
        Assert.Equal(9, result.Final.Total.Count);
        AssertNear(TimeSpan.FromMilliseconds(3_000), result.Final.Total.Service.Max);
        AssertNear(TimeSpan.FromMilliseconds(2_020), result.Series[^1].Response.Percentile(88));
        Assert.Equal(1, result.Final.LateIterations);
    }

    private static TimeSpan Stalled(TimeSpan at) =>
        at >= TimeSpan.FromSeconds(5) && at < TimeSpan.FromSeconds(7) ? TimeSpan.FromSeconds(7) - at + TimeSpan.FromMilliseconds(10) : TimeSpan.FromMilliseconds(10);

    private static TimeSpan Exact(List<TimeSpan> latencies, double percent)
    {
        var sorted = latencies.Order().ToList();
        return sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * sorted.Count - 1e-7) - 1)];
    }

    private static void AssertNear(TimeSpan expected, TimeSpan told)
    {
        var off = Math.Max(expected.TotalMilliseconds / 100, 1);
        Assert.InRange(told.TotalMilliseconds, expected.TotalMilliseconds - off, expected.TotalMilliseconds + off);
    }
}
