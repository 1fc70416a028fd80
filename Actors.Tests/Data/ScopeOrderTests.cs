using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

/// <summary>In which order the operations on one key take place, also where some of them are given up.</summary>
public sealed class ScopeOrderTests
{
    private static readonly Key K = DataWorld.Key(1);

    [Fact]
    public void A_write_that_waited_for_a_read_and_was_cancelled_never_takes_place() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        Slow(world, ScriptedSort.Read);
        using var leaving = new CancellationTokenSource();
        var scope = world.Data.BeginScope();
        var get = world.Data.GetAsync(K);
        var put = world.Data.WriteAsync(DataWorld.Put(K, 2), leaving.Token);
        await simulation.PauseAsync();
        leaving.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await put);
        Assert.Equal(1, DataWorld.Value(await get));
        Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(K)));
        await scope.DisposeAsync();
        await simulation.PauseAsync(100);
        Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(K)));
        Assert.Equal((0, 0), (world.Store.Writes, world.Service.Statistics.Writes.Queued));
    });

    [Fact]
    public void Many_writes_that_were_cancelled_while_one_of_them_waited_for_a_read_never_take_place() => In(async (simulation, world) =>
    {
        await world.FillAsync(2);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(50), TimeSpan.Zero);
        using var leaving = new CancellationTokenSource();
        await using (world.Data.BeginScope())
        {
            var get = world.Data.GetAsync(K);
            var puts = world.Data.WriteManyAsync([DataWorld.Put(K, 2), DataWorld.Put(DataWorld.Key(2), 3)], leaving.Token);
            leaving.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await puts);
            await get;
        }
        await simulation.PauseAsync(100);
        Assert.Equal([1, 2], (await world.Data.GetManyAsync(DataWorld.Keys(2))).Select(DataWorld.Value));
        Assert.Equal(0, world.Store.Writes);
    });

    [Fact]
    public void A_write_of_a_scope_inside_stands_behind_that_of_the_scope_around_although_that_one_waits_for_a_read() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        Slow(world, ScriptedSort.Read);
        await using (world.Data.BeginScope())
        {
            var get = world.Data.GetAsync(K);
            _ = world.Data.WriteAsync(DataWorld.Put(K, 2));
            await using (world.Data.BeginScope())
            {
                await world.Data.WriteAsync(DataWorld.Put(K, 3));
                Assert.Equal(3, DataWorld.Value(await world.Data.GetAsync(K)));
            }
            Assert.Equal(3, DataWorld.Value(await world.Data.GetAsync(K)));
            Assert.Equal(1, DataWorld.Value(await get));
        }
        var last = await world.Data.GetAsync(K);
        Assert.Equal((3, 3), (DataWorld.Value(last), last!.Version));
    });

    [Fact]
    public void A_get_after_a_cancelled_write_still_sees_the_write_before_it() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        Slow(world, ScriptedSort.Write);
        using var leaving = new CancellationTokenSource();
        await using var scope = world.Data.BeginScope();
        var first = world.Data.WriteAsync(DataWorld.Put(K, 2));
        var second = world.Data.WriteAsync(DataWorld.Put(K, 3), leaving.Token);
        var third = world.Data.WriteAsync(DataWorld.Put(K, 4), leaving.Token);
        await simulation.PauseAsync();
        leaving.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await second);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await third);
        Assert.Equal(2, DataWorld.Value(await world.Data.GetAsync(K)));
        Assert.Equal(2, DataWorld.Value(await first));
        Assert.Equal(1, scope.Remembered);
        Assert.Equal(1, world.Store.Writes);
    });

    [Fact]
    public void Writes_of_others_wait_for_one_that_was_called_before_them_and_go_when_it_is_given_up() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        Slow(world, ScriptedSort.Read);
        using var leaving = new CancellationTokenSource();
        var elsewhere = default(Task<Entity?>);
        await using (world.Data.BeginScope())
        {
            var get = world.Data.GetAsync(K);
            var put = world.Data.WriteAsync(DataWorld.Put(K, 2), leaving.Token);
            using (ExecutionContext.SuppressFlow()) elsewhere = simulation.Start(async () => await world.Data.WriteAsync(DataWorld.Put(K, 3)));
            await simulation.PauseAsync(10);
            Assert.Equal(0, world.Store.Writes);
            leaving.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await put);
            Assert.Equal(2, (await elsewhere)!.Version);
            Assert.False(get.IsCompleted);
        }
    });

    [Fact]
    public void A_write_that_waits_for_a_read_when_the_node_stops_takes_place() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        Slow(world, ScriptedSort.Read);
        var scope = world.Data.BeginScope();
        var get = world.Data.GetAsync(K);
        var put = world.Data.WriteAsync(DataWorld.Put(K, 2));
        await simulation.PauseAsync();
        await world.Service.DisposeAsync();
        Assert.Equal((1, 2), (DataWorld.Value(await get), DataWorld.Value(await put)));
        await scope.DisposeAsync();
    });

    private static void Slow(DataWorld world, ScriptedSort sort) =>
        world.Store.Delay = statement => statement.Sort == sort ? (TimeSpan.FromMilliseconds(50), TimeSpan.Zero) : default;

    private static void In(Func<TaskSimulation, DataWorld, Task> scenario) => TaskSimulation.ForEachSeed(1, 30, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(() => scenario(simulation, world));
    });
}
