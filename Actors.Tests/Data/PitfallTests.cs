using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

/// <summary>Where batchers and identity maps are known to go wrong, one test each; those of cancellation, fences and scopes stand with theirs.</summary>
public sealed class PitfallTests
{
    private const int Seeds = 20;

    [Fact]
    public void Callbacks_that_read_again_do_not_wait_for_themselves_with_a_single_slot() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation, new DataOptions { Slots = 1 });
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        simulation.Run(async () =>
        {
            await world.FillAsync(200);
            var sums = await DataWorld.Keys(64).MapAsync(async (key, ct) =>
            {
                var first = DataWorld.Value(await world.Data.GetAsync(key, ct)) ?? 0;
                var more = await new[] { 64, 128 }.MapAsync((n, inner) => world.Data.GetAsync(DataWorld.Key((int)first + n), inner), ct: ct);
                return first + more.Sum(entity => DataWorld.Value(entity) ?? 0);
            });
            Assert.Equal(Enumerable.Range(1, 64).Select(n => 3L * n + 192), sums);
        });
        Assert.Equal(1, world.Store.MostUnderWay);
        Assert.Equal(64, world.ReadSizes.First());
        // A slot that has become free takes what gathered by then; the rest goes together.
        Assert.InRange(world.Store.Reads, 2, 4);
        Assert.Equal(192, world.ReadSizes.Sum());
    });

    [Fact]
    public async Task A_caller_that_blocks_after_its_read_holds_up_nobody()
    {
        var world = DataWorld.OnThreads(new DataOptions { Slots = 1 });
        await world.FillAsync(10);
        using var release = new ManualResetEventSlim();
        var blocked = Task.Run(async () =>
        {
            await world.Data.GetAsync(DataWorld.Key(1));
            return release.Wait(TimeSpan.FromSeconds(30));
        });
        for (var n = 2; n <= 10; n++) Assert.Equal(n, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(n)).AsTask().WaitAsync(TimeSpan.FromSeconds(60))));
        release.Set();
        Assert.True(await blocked);
    }

    [Fact]
    public void What_a_scope_remembers_is_there_at_once() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(1);
            await using var scope = world.Data.BeginScope();
            await world.Data.GetAsync(DataWorld.Key(1));
            Assert.True(world.Data.GetAsync(DataWorld.Key(1)).IsCompletedSuccessfully);
            Assert.True(world.Data.GetManyAsync([DataWorld.Key(1)]).IsCompletedSuccessfully);
        });
    });

    [Fact]
    public void No_batch_waits_for_a_timer() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        var start = simulation.Time.GetUtcNow();
        simulation.Run(async () =>
        {
            await world.FillAsync(10);
            for (var n = 1; n <= 10; n++) await world.Data.GetAsync(DataWorld.Key(n));
        });
        Assert.Equal(start, simulation.Time.GetUtcNow());
    });

    [Fact]
    public void Ten_thousand_callers_of_one_cold_key_are_one_statement_for_one_key() => TaskSimulation.ForEachSeed(1, 3, simulation =>
    {
        var world = DataWorld.In(simulation);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        simulation.Run(async () =>
        {
            await world.FillAsync(1);
            foreach (var get in Enumerable.Range(0, 10_000).Select(_ => world.Data.GetAsync(DataWorld.Key(1))).ToArray()) Assert.NotNull(await get);
        });
        Assert.Equal([1], world.ReadSizes);
    });

    [Fact]
    public async Task Failures_that_nobody_awaits_do_not_come_back_as_unobserved()
    {
        const string mark = "nobody looks at this one";
        var unobserved = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.ToString().Contains(mark, StringComparison.Ordinal)) Interlocked.Increment(ref unobserved);
        }
        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            var world = DataWorld.OnThreads();
            world.Store.FailBefore = _ => new EntityFaultException(mark);
            IgnoreSome(world);
            await Assert.ThrowsAsync<EntityFaultException>(async () => await world.Data.GetAsync(DataWorld.Key(99)));
            await Eventually.Is(() => world.Service.Statistics.Reads.Failed == 21, "all have failed");
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
            Assert.Equal(0, unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }
    }

    [Fact]
    public void A_write_behind_another_may_be_given_up_and_the_next_still_goes() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            world.Store.Delay = _ => (TimeSpan.FromMilliseconds(5), TimeSpan.Zero);
            using var leaving = new CancellationTokenSource();
            var first = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 1));
            await simulation.PauseAsync();
            var second = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 2), leaving.Token);
            var third = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 3));
            leaving.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await second);
            Assert.Equal((1, 2), ((await first)!.Version, (await third)!.Version));
            Assert.Equal(3, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
        });
    });

    [Fact]
    public void A_write_that_was_sent_goes_on_when_its_caller_leaves_and_the_scope_awaits_it() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            world.Store.Delay = _ => (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));
            using var leaving = new CancellationTokenSource();
            await using (world.Data.BeginScope())
            {
                var put = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 1), leaving.Token);
                await simulation.PauseAsync();
                leaving.Cancel();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await put);
            }
            Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
        });
    });

    private static void IgnoreSome(DataWorld world)
    {
        for (var n = 1; n <= 20; n++) _ = world.Data.GetAsync(ThingKinds.Things, n);
    }
}
