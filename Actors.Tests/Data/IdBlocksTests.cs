using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

/// <summary>Numbers for new entities, where the store is slow or away: nobody waits for ever, and nobody gets what another one was told.</summary>
public sealed class IdBlocksTests
{
    [Fact]
    public void Those_who_wait_for_numbers_get_exceptions_of_their_own() => In(async (_, world) =>
    {
        world.Store.FailBefore = _ => new StoreFullException("full");
        var failures = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Assert.ThrowsAsync<StoreFullException>(async () => await world.Data.AllocateAsync("Thing"))));
        Assert.Equal(10, failures.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.All(failures, failure => Assert.Contains("Thing", failure.Message, StringComparison.Ordinal));
        Assert.Single(world.Store.Statements);
        world.Store.FailBefore = _ => null;
        Assert.Equal(1, await world.Data.AllocateAsync("Thing"));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    public void A_moments_trouble_is_sat_out(int count) => In(async (_, world) =>
    {
        var asked = 0;
        world.Store.FailBefore = _ => ++asked <= 2 ? new StoreUnavailableException() : null;
        Assert.Equal(1, await world.Data.AllocateAsync("Thing", count));
        Assert.Equal(3, asked);
        asked = -100;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await world.Data.AllocateAsync("Other", count));
        Assert.Equal(-96, asked);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    public void A_store_that_does_not_answer_is_given_up_and_asked_anew(int count) => In(async (simulation, world) =>
    {
        var isSlow = true;
        world.Store.Delay = _ => (isSlow ? TimeSpan.FromHours(1) : TimeSpan.Zero, TimeSpan.Zero);
        var start = simulation.Time.GetUtcNow();
        var failures = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Assert.ThrowsAsync<TimeoutException>(async () => await world.Data.AllocateAsync("Thing", count))));
        Assert.Equal(3, failures.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(30, (simulation.Time.GetUtcNow() - start).TotalSeconds);
        isSlow = false;
        await simulation.PauseAsync();
        Assert.Equal(1, await world.Data.AllocateAsync("Thing", count));
    });

    [Fact]
    public void Who_leaves_the_line_for_numbers_leaves_alone() => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(10), TimeSpan.Zero);
        using var leaving = new CancellationTokenSource();
        var leaves = world.Data.AllocateAsync("Thing", ct: leaving.Token);
        var stays = world.Data.AllocateAsync("Thing");
        await simulation.PauseAsync();
        leaving.Cancel();
        var left = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await leaves);
        Assert.Equal(leaving.Token, left.CancellationToken);
        Assert.Equal(1, await stays);
        Assert.Single(world.Store.Statements);
    });

    private static void In(Func<TaskSimulation, DataWorld, Task> scenario) => TaskSimulation.ForEachSeed(1, 10, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(() => scenario(simulation, world));
    });
}
