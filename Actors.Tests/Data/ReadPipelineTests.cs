using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Streams;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

public sealed class ReadPipelineTests
{
    private const int Seeds = 30;

    [Fact]
    public void Fifty_gets_that_nobody_awaits_in_between_are_one_statement() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(50);
            var gets = DataWorld.Keys(50).Select(key => world.Data.GetAsync(key)).ToArray();
            for (var i = 0; i < gets.Length; i++) Assert.Equal(i + 1, DataWorld.Value(await gets[i]));
        });
        Assert.Equal([50], world.ReadSizes);
    });

    [Fact]
    public async Task Fifty_gets_on_real_threads_are_at_most_three_statements()
    {
        var world = DataWorld.OnThreads();
        await world.FillAsync(50);
        var fewest = int.MaxValue;
        // A loop that loses its processor to other programs in the midst of its gets looks like one that pauses. Nothing makes statements fewer than they are: so the best round counts.
        for (var round = 0; round < 200 && fewest > 3; round++)
        {
            world.Store.Forget();
            var gets = new ValueTask<Entity?>[50];
            for (var i = 0; i < gets.Length; i++) gets[i] = world.Data.GetAsync(DataWorld.Key(i + 1));
            foreach (var get in gets) await get;
            fewest = Math.Min(fewest, world.Store.Reads);
        }
        Assert.InRange(fewest, 1, 3);
    }

    [Fact]
    public void Two_levels_of_dependence_are_two_statements() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(100);
            await Task.WhenAll(Enumerable.Range(1, 50).Select(async n =>
            {
                var message = await world.Data.GetAsync(DataWorld.Key(n));
                var author = await world.Data.GetAsync(DataWorld.Key((int)DataWorld.Value(message)!.Value + 50));
                Assert.Equal(n + 50, DataWorld.Value(author));
            }));
        });
        Assert.Equal([50, 50], world.ReadSizes);
    });

    [Fact]
    public void A_lone_get_pays_two_hops() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(1);
            await simulation.PauseAsync();
            var (turns, hops) = (simulation.Scheduler.Turns, simulation.Scheduler.FairTurns);
            var get = world.Data.GetAsync(DataWorld.Key(1));
            var sent = 0L;
            world.Store.Delay = _ =>
            {
                sent = simulation.Scheduler.Turns;
                return default;
            };
            await get;
            Assert.Equal(2, sent - turns);                                  // the statement goes in the second turn from here
            Assert.Equal(1, simulation.Scheduler.FairTurns - hops);         // being woken, and one more
        });
    });

    [Fact]
    public void Many_keys_asked_for_at_once_are_one_statement_and_keep_their_order() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(20);
            Key[] keys = [.. DataWorld.Keys(30).Reverse(), DataWorld.Key(7), DataWorld.Key(7)];
            var entities = await world.Data.GetManyAsync(keys);
            Assert.Equal(keys.Select(key => key.Id.Number <= 20 ? key.Id.Number : null), entities.Select(DataWorld.Value));
        });
        Assert.Equal([30], world.ReadSizes);
    });

    [Fact]
    public void More_keys_than_a_batch_takes_are_as_few_statements_as_can_be() => TaskSimulation.ForEachSeed(1, 5, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(1_300);
            var entities = await world.Data.GetManyAsync(DataWorld.Keys(1_300));
            Assert.Equal(Enumerable.Range(1, 1_300).Select(n => (long?)n), entities.Select(DataWorld.Value));
        });
        Assert.Equal([276, 512, 512], world.ReadSizes.Order());
    });

    [Fact]
    public void While_all_slots_are_busy_reads_gather_and_finished_statements_send_them_at_once() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(600);
            world.Store.Delay = _ => (TimeSpan.FromMilliseconds(50), TimeSpan.Zero);
            var gets = new List<Task<Entity?>>();
            for (var slot = 1; slot <= 4; slot++)
            {
                gets.Add(world.Data.GetAsync(DataWorld.Key(slot)).AsTask());
                await simulation.PauseAsync();
            }
            for (var n = 5; n <= 600; n++)
            {
                gets.Add(world.Data.GetAsync(DataWorld.Key(n)).AsTask());
                if (n % 100 == 0) await simulation.PauseAsync();
            }
            Assert.Equal([1, 1, 1, 1], world.ReadSizes);
            await Task.WhenAll(gets);
        });
        Assert.Equal(600, world.ReadSizes.Sum());
        Assert.All(world.ReadSizes.Skip(4), size => Assert.InRange(size, 64, 151));      // a quarter each
        Assert.Equal(4, world.Store.MostUnderWay);
    });

    [Fact]
    public void Batches_are_of_one_namespace_whoever_asks() => TaskSimulation.ForEachSeed(1, 10, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(100, "red");
            await world.FillAsync(100, "blue");
            // The store itself refuses a batch that mixes them.
            var gets = Enumerable.Range(0, 10_000).Select(n =>
            {
                var ns = simulation.Random.Next(2) == 0 ? "red" : "blue";
                return (ns, Get: world.Data.GetAsync(DataWorld.Key(1 + n % 120, ns)));
            }).ToArray();
            foreach (var (ns, get) in gets)
                if (await get is { } entity) Assert.Equal(ns, entity.Key.Namespace.Name);
        });
        Assert.All(world.Store.Statements, statement => Assert.All(statement.Keys, key => Assert.Equal(statement.Namespace, key.Namespace)));
        Assert.Equal(240, world.ReadSizes.Sum());
    });

    [Fact]
    public void A_full_queue_makes_callers_wait_and_loses_nobody() => TaskSimulation.ForEachSeed(1, 5, simulation =>
    {
        var world = DataWorld.In(simulation, new DataOptions { MaxQueued = 4_096 });
        var deepest = 0;
        simulation.Run(async () =>
        {
            await world.FillAsync(3_000);
            world.Store.Delay = _ =>
            {
                deepest = Math.Max(deepest, world.Service.Statistics.Reads.Queued);
                return (TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
            };
            var gets = DataWorld.Keys(10_000).Select(key => world.Data.GetAsync(key)).ToArray();
            deepest = world.Service.Statistics.Reads.Queued;
            for (var i = 0; i < gets.Length; i++) Assert.Equal(i < 3_000 ? i + 1 : null, DataWorld.Value(await gets[i]));
        });
        Assert.Equal(4_096, deepest);
        Assert.Equal(10_000, world.ReadSizes.Sum());
    });

    [Fact]
    public void One_who_leaves_does_not_take_others_along() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(3);
            using var leaving = new CancellationTokenSource();
            world.Store.Delay = _ => (TimeSpan.FromMilliseconds(5), TimeSpan.Zero);
            var leaver = world.Data.GetAsync(DataWorld.Key(1), leaving.Token);
            var stayer = world.Data.GetAsync(DataWorld.Key(1));
            await simulation.PauseAsync();
            leaving.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await leaver);
            Assert.Equal(1, DataWorld.Value(await stayer));
        });
        Assert.Equal([1], world.ReadSizes);
    });

    [Fact]
    public void A_key_that_everybody_left_is_not_read_and_a_statement_that_everybody_left_is_cancelled() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        var cancelled = 0;
        simulation.Run(async () =>
        {
            await world.FillAsync(3);
            using var leaving = new CancellationTokenSource();
            var left = world.Data.GetAsync(DataWorld.Key(1), leaving.Token);
            var kept = world.Data.GetAsync(DataWorld.Key(2));
            leaving.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await left);
            await kept;
            Assert.Equal([1], world.ReadSizes);

            using var all = new CancellationTokenSource();
            world.Store.Delay = _ => (TimeSpan.FromHours(1), TimeSpan.Zero);
            var start = simulation.Time.GetUtcNow();
            var slow = Enumerable.Range(1, 3).Select(n => world.Data.GetAsync(DataWorld.Key(n), all.Token).AsTask()).ToArray();
            await simulation.PauseAsync();
            all.Cancel();
            foreach (var one in slow)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
                cancelled++;
            }
            await simulation.PauseAsync();
            Assert.Equal(0, world.Service.Statistics.Reads.UnderWay);
            Assert.True(simulation.Time.GetUtcNow() - start < TimeSpan.FromSeconds(1));
        });
        Assert.Equal(3, cancelled);
    });

    [Fact]
    public void A_read_that_began_before_a_write_is_not_joined_after_it() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(1);
            // Read at once, answered late: what it brings is old by then.
            world.Store.Delay = statement => statement.Sort == ScriptedSort.Read ? (TimeSpan.Zero, TimeSpan.FromMilliseconds(100)) : default;
            var old = world.Data.GetAsync(DataWorld.Key(1));
            await simulation.PauseAsync();
            var joined = world.Data.GetAsync(DataWorld.Key(1));
            await world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 2));
            var fresh = world.Data.GetAsync(DataWorld.Key(1));
            Assert.Equal([1, 1, 2], new[] { DataWorld.Value(await old), DataWorld.Value(await joined), DataWorld.Value(await fresh) });
        });
        Assert.Equal(2, world.Store.Reads);
    });

    [Fact]
    public void Statistics_tell_what_was_joined_and_how_large_batches_were()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(10);
            await Task.WhenAll(Enumerable.Range(0, 30).Select(n => world.Data.GetAsync(DataWorld.Key(1 + n % 10)).AsTask()));
        });
        var reads = world.Service.Statistics.Reads;
        Assert.Equal((30, 20, 1), (reads.Calls, reads.Joined, reads.Statements));
        Assert.Equal(1, reads.BatchSizes[4]);       // 9 to 16 keys
        Assert.Equal(10, reads.MeanBatch);
        Assert.Equal(1, reads.Waits.Sum());
    }

    [Fact]
    public void A_stopping_node_reads_what_waits_and_refuses_what_comes_later()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(10);
            var get = world.Data.GetAsync(DataWorld.Key(1));
            var put = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 5));
            var again = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 6));
            await world.Service.DisposeAsync();
            Assert.NotNull(await get);
            Assert.Equal(6, DataWorld.Value(await again));
            await put;
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await world.Data.GetAsync(DataWorld.Key(2)));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(2), 5)));
        });
    }

    [Fact]
    public void While_statements_are_under_way_a_batch_is_full_at_its_share_of_all_keys()
    {
        var reads = new ReadLine(1_000, slots: 4, new Fence(), new PipelineCounters(), TimeProvider.System);
        IBatchLine<Batch<SharedRead>> line = reads;
        Enter(reads, 1, 30);
        Assert.False(line.IsFull(512));             // nothing is under way: what comes together goes together
        Assert.True(line.TryTake(512, out var batch));
        Enter(reads, 31, 9);
        Assert.False(line.IsFull(512));             // 9 of 39 are less than a quarter
        Enter(reads, 40, 1);
        Assert.True(line.IsFull(512));              // 10 of 40
        reads.Ended(batch);
        Assert.False(line.IsFull(512));
    }

    [Fact]
    public void While_statements_are_under_way_no_batch_takes_more_than_its_share()
    {
        var reads = new ReadLine(1_000, slots: 4, new Fence(), new PipelineCounters(), TimeProvider.System);
        IBatchLine<Batch<SharedRead>> line = reads;
        Enter(reads, 1, 300);
        Assert.Equal(300, Take());                  // nothing is under way: what comes together goes together
        Enter(reads, 301, 100);
        Assert.Equal(100, Take());                  // a quarter of 400
        Enter(reads, 401, 200);
        Assert.Equal(150, Take());                  // of 600
        Assert.Equal(50, Take());

        int Take() => line.TryTake(512, out var batch) ? batch.Items.Length : 0;
    }

    [Fact]
    public void A_few_dozen_keys_go_together_whatever_their_share()
    {
        var reads = new ReadLine(1_000, slots: 4, new Fence(), new PipelineCounters(), TimeProvider.System);
        IBatchLine<Batch<SharedRead>> line = reads;
        Enter(reads, 1, 1);
        Assert.True(line.TryTake(512, out _));
        Enter(reads, 2, 70);
        Assert.True(line.TryTake(512, out var most));
        Assert.Equal(64, most.Items.Length);
        Assert.True(line.TryTake(512, out var rest));
        Assert.Equal(6, rest.Items.Length);
    }

    private static void Enter(ReadLine reads, int first, int count)
    {
        foreach (var n in Enumerable.Range(first, count)) reads.Enter(DataWorld.Key(n), new LaneId(Namespace.Default, null), new SingleRead(reads));
    }
}
