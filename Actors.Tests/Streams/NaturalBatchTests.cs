using ActorPerf.Streams;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Streams;

/// <summary>Buffer → Batch → SelectAsync over a buffer that many fill.</summary>
public sealed class NaturalBatchTests
{
    [Fact]
    public void A_burst_is_one_batch_and_a_lone_element_waits_two_hops() => TaskSimulation.ForEachSeed(1, 40, simulation =>
    {
        var sizes = new List<int>();
        var buffer = new StreamBuffer<int>(1_000);
        simulation.Run(async () =>
        {
            var run = buffer.Batch(512, settle: 2).SelectAsync(4, (batch, _) =>
            {
                sizes.Add(batch.Length);
                return ValueTask.CompletedTask;
            });
            await simulation.PauseAsync();
            for (var i = 0; i < 50; i++) await buffer.OfferAsync(i);
            await simulation.PauseAsync();
            Assert.Equal([50], sizes);
            var (turns, hops) = (simulation.Scheduler.Turns, simulation.Scheduler.FairTurns);
            await buffer.OfferAsync(1);
            await simulation.PauseAsync();
            Assert.Equal([50, 1], sizes);
            Assert.Equal(1, simulation.Scheduler.FairTurns - hops);    // being woken is the other hop
            Assert.Equal(3, simulation.Scheduler.Turns - turns);       // and this flow's own turn
            buffer.Complete();
            await run;
        });
    });

    [Fact]
    public void What_gathers_while_all_slots_are_busy_goes_the_moment_one_ends() => TaskSimulation.ForEachSeed(1, 40, simulation =>
    {
        var batches = new List<(int Size, TaskCompletionSource End)>();
        var buffer = new StreamBuffer<int>(1_000);
        simulation.Run(async () =>
        {
            var run = buffer.Batch(16, settle: 2).SelectAsync(2, async (batch, _) =>
            {
                var end = new TaskCompletionSource();
                batches.Add((batch.Length, end));
                await end.Task;
            });
            for (var n = 0; n < 2; n++)
            {
                await buffer.OfferAsync(n);
                await simulation.PauseAsync();
            }
            Assert.Equal(2, batches.Count);
            for (var n = 0; n < 20; n++) await buffer.OfferAsync(n);
            await simulation.PauseAsync();
            Assert.Equal(2, batches.Count);
            var hops = simulation.Scheduler.FairTurns;
            batches[0].End.SetResult();
            await simulation.PauseAsync();
            Assert.Equal(16, batches[2].Size);
            Assert.Equal(0, simulation.Scheduler.FairTurns - hops);
            foreach (var (_, end) in batches[1..]) end.TrySetResult();
            await simulation.PauseAsync();
            Assert.Equal([1, 1, 16, 4], batches.Select(batch => batch.Size));
            batches[3].End.SetResult();
            buffer.Complete();
            await run;
        });
    });

    [Fact]
    public void Producers_wait_for_room_in_their_order_and_nothing_is_lost() => TaskSimulation.ForEachSeed(1, 40, simulation =>
    {
        var seen = new List<int>();
        var buffer = new StreamBuffer<int>(8);
        var deepest = 0;
        simulation.Run(async () =>
        {
            var run = buffer.Batch(5).SelectAsync(2, async (batch, ct) =>
            {
                seen.AddRange(batch);
                await simulation.PauseAsync(simulation.Random.Next(1, 5), ct);
            });
            await Task.WhenAll(Enumerable.Range(0, 10).Select(producer => ProduceAsync(producer)));
            buffer.Complete();
            await run;
        });
        Assert.InRange(deepest, 1, 8);
        Assert.Equal(1_000, seen.Distinct().Count());
        foreach (var producer in seen.GroupBy(n => n / 100)) Assert.Equal(producer.Order(), producer);

        async Task ProduceAsync(int producer)
        {
            for (var i = 0; i < 100; i++)
            {
                Assert.True(await buffer.OfferAsync(producer * 100 + i));
                deepest = Math.Max(deepest, buffer.Count);
            }
        }
    });

    [Fact]
    public async Task Real_threads_lose_nothing_either()
    {
        const int producers = 8, each = 5_000;
        var buffer = new StreamBuffer<int>(64);
        var sum = 0L;
        var run = buffer.Batch(32, settle: 2).SelectAsync(4, async (batch, _) =>
        {
            Interlocked.Add(ref sum, batch.Sum(n => (long)n));
            await Task.Yield();
        });
        await Task.WhenAll(Enumerable.Range(0, producers).Select(_ => Task.Run(async () =>
        {
            for (var i = 1; i <= each; i++) await buffer.OfferAsync(i);
        })));
        buffer.Complete();
        await run.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((long)producers * each * (each + 1) / 2, sum);
    }

    [Fact]
    public void A_producer_may_leave_the_line() => TaskSimulation.ForEachSeed(1, 20, simulation => simulation.Run(async () =>
    {
        var buffer = new StreamBuffer<int>(1);
        using var leaving = new CancellationTokenSource();
        await buffer.OfferAsync(1);
        var leaver = buffer.OfferAsync(2, leaving.Token);
        var stayer = buffer.OfferAsync(3);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await leaver);
        Assert.True(buffer.TryTake(10, out var first));
        Assert.True(await stayer);
        Assert.True(buffer.TryTake(10, out var second));
        Assert.Equal([1, 3], first.Concat(second));
        buffer.Abandon();
        Assert.False(await buffer.OfferAsync(4));
    }));

    [Fact]
    public void A_failing_action_stops_the_rest_and_is_thrown_once() => TaskSimulation.ForEachSeed(1, 40, simulation =>
    {
        var cancelled = 0;
        var buffer = new StreamBuffer<int>(100);
        simulation.Run(async () =>
        {
            for (var i = 0; i < 20; i++) await buffer.OfferAsync(i);
            await Assert.ThrowsAsync<InvalidDataException>(() => buffer.Batch(5).SelectAsync(3, async (batch, ct) =>
            {
                if (batch[0] == 10) throw new InvalidDataException("ten");
                ct.Register(() => cancelled++);
                await simulation.PauseAsync(TimeSpan.FromHours(1), ct);
            }));
            Assert.False(await buffer.OfferAsync(21));
        });
        Assert.Equal(2, cancelled);
    });
}
