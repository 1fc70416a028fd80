using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

public sealed class DataParallelTests
{
    private const int Seeds = 30;

    [Fact]
    public void The_reads_of_fifty_callbacks_are_one_statement() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(50);
            var values = await DataWorld.Keys(50).MapAsync(async (key, ct) => DataWorld.Value(await world.Data.GetAsync(key, ct)));
            Assert.Equal(Enumerable.Range(1, 50).Select(n => (long?)n), values);
        });
        Assert.Equal([50], world.ReadSizes);
    });

    [Fact]
    public async Task The_reads_of_fifty_callbacks_are_one_statement_on_real_threads_too()
    {
        var world = DataWorld.OnThreads();
        await world.FillAsync(50);
        for (var round = 0; round < 20; round++)
        {
            world.Store.Forget();
            await DataWorld.Keys(50).MapAsync((key, ct) => world.Data.GetAsync(key, ct));
            await world.Data.GetManyAsync(DataWorld.Keys(50));
            Assert.Equal([50, 50], world.ReadSizes);
        }
    }

    [Fact]
    public void So_many_callbacks_are_under_way_and_no_more() => TaskSimulation.ForEachSeed(1, Seeds, simulation => simulation.Run(async () =>
    {
        int running = 0, most = 0;
        var results = await Enumerable.Range(0, 100).ToList().MapAsync(async (n, ct) =>
        {
            most = Math.Max(most, ++running);
            await simulation.PauseAsync(simulation.Random.Next(1, 10), ct);
            running--;
            return n;
        }, maxConcurrency: 7);
        Assert.Equal(Enumerable.Range(0, 100), results);
        Assert.Equal(7, most);
    }));

    [Fact]
    public void After_a_failure_no_more_are_started_and_the_first_in_order_is_thrown() => TaskSimulation.ForEachSeed(1, Seeds, simulation => simulation.Run(async () =>
    {
        var started = 0;
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => Enumerable.Range(0, 100).ToList().MapAsync<int, int>(async (n, ct) =>
        {
            started++;
            await simulation.PauseAsync(n == 3 ? 1 : 100, n == 1 ? CancellationToken.None : ct);
            throw new InvalidDataException($"{n}");
        }, maxConcurrency: 5));
        Assert.Equal("1", failure.Message);
        Assert.Equal(5, started);
    }));

    [Fact]
    public void A_stream_is_mapped_in_order_and_read_no_further_than_it_is_asked_for() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        var source = new Streams.Source();
        simulation.Run(async () =>
        {
            await world.FillAsync(100);
            var seen = new List<long?>();
            await foreach (var entity in source.Numbers(100).MapAsync((n, ct) => world.Data.GetAsync(DataWorld.Key(n + 1), ct), maxConcurrency: 10))
            {
                seen.Add(DataWorld.Value(entity));
                if (seen.Count == 10) break;
            }
            Assert.Equal(Enumerable.Range(1, 10).Select(n => (long?)n), seen);
        });
        Assert.InRange(source.Read, 10, 20);
        Assert.True(source.Disposed);
    });

    [Fact]
    public void A_tuple_waits_for_all_of_it_and_throws_the_first_failure_in_its_order() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(3);
            var (one, two, count) = await (world.Data.GetAsync(DataWorld.Key(1)), world.Data.GetAsync(DataWorld.Key(2)), world.Data.CountAsync("Thing"));
            Assert.Equal((1, 2, 3), (DataWorld.Value(one), DataWorld.Value(two), count));
            Assert.Equal([2], world.ReadSizes);
            var ended = 0;
            async Task<int> End(int after, string? failure)
            {
                await simulation.PauseAsync(after);
                ended++;
                return failure is null ? after : throw new InvalidDataException(failure);
            }
            var thrown = await Assert.ThrowsAsync<InvalidDataException>(async () => await (End(50, null), End(30, "second"), End(10, "third")));
            Assert.Equal(("second", 3), (thrown.Message, ended));
        });
    });

    [Fact]
    public void Overlapping_reads_take_the_time_of_the_slowest_and_not_the_sum() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(2);
            world.Store.Delay = _ => (TimeSpan.FromMilliseconds(20), TimeSpan.Zero);
            var start = simulation.Time.GetUtcNow();
            await (world.Data.GetAsync(DataWorld.Key(1)), world.Data.CountAsync("Thing"));
            Assert.Equal(20, (simulation.Time.GetUtcNow() - start).TotalMilliseconds);
            await world.Data.GetAsync(DataWorld.Key(1));
            await world.Data.CountAsync("Thing");
            Assert.Equal(60, (simulation.Time.GetUtcNow() - start).TotalMilliseconds);
        });
    });

    [Fact]
    public void The_first_of_several_is_told_by_its_place() => TaskSimulation.ForEachSeed(1, Seeds, simulation => simulation.Run(async () =>
    {
        async Task<int> After(int milliseconds)
        {
            await simulation.PauseAsync(milliseconds);
            return milliseconds;
        }
        Assert.Equal((1, 10), await new[] { After(30), After(10), After(20) }.WhenAnyAsync());
        Assert.Equal((0, 10), await new[] { new ValueTask<int>(After(10)), new ValueTask<int>(After(20)) }.WhenAnyAsync());
        Assert.Equal(1, await new Task[] { After(30), After(10) }.WhenAnyAsync());
    }));

    [Fact]
    public async Task A_list_has_64_callbacks_under_way_and_a_stream_32_unless_told_otherwise()
    {
        Assert.Equal(64, await MostAsync(async callback => { await Enumerable.Range(0, 200).ToList().MapAsync(callback); }));
        Assert.Equal(32, await MostAsync(async callback => { await foreach (var _ in Enumerable.Range(0, 200).ToAsyncEnumerable().MapAsync(callback)) { } }));

        // None goes on before all that may be under way are.
        static async Task<int> MostAsync(Func<Func<int, CancellationToken, ValueTask<int>>, Task> map)
        {
            var (underWay, most) = (0, 0);
            var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var mapping = map(async (n, ct) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref underWay));
                await go.Task;
                Interlocked.Decrement(ref underWay);
                return n;
            });
            await Eventually.Is(() => Volatile.Read(ref underWay) >= 32, "callbacks under way");
            go.SetResult();
            await mapping;
            return most;
        }
    }
}
