using ActorPerf.Kernel;

namespace ActorPerf.Tests.Kernel;

public sealed class RetryWindowTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Within_a_window_so_many_restarts_are_allowed()
    {
        var statistics = new RestartStatistics();
        Assert.True(statistics.RequestPermission(2, Minute, TimeSpan.Zero));
        Assert.True(statistics.RequestPermission(2, Minute, TimeSpan.FromSeconds(10)));
        Assert.False(statistics.RequestPermission(2, Minute, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_new_window_counts_anew()
    {
        var statistics = new RestartStatistics();
        Assert.True(statistics.RequestPermission(1, Minute, TimeSpan.Zero));
        Assert.False(statistics.RequestPermission(1, Minute, Minute));
        Assert.True(statistics.RequestPermission(1, Minute, 2.1 * Minute));
    }

    [Fact]
    public void Without_a_number_any_number_is_allowed() =>
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(new RestartStatistics().RequestPermission(-1, TimeSpan.Zero, TimeSpan.Zero)));
}
