using ActorPerf.Streams;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Streams;

public sealed class StageTests
{
    private const int Seeds = 40;

    [Fact]
    public void SelectAsync_keeps_the_order_with_so_many_under_way() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        int running = 0, most = 0;
        var results = simulation.Run(() => Source.ListAsync(new Source().Numbers(100).SelectAsync(4, async (n, ct) =>
        {
            most = Math.Max(most, ++running);
            await simulation.PauseAsync(simulation.Random.Next(1, 50), ct);
            running--;
            return n * 2;
        })));
        Assert.Equal(Enumerable.Range(0, 100).Select(n => n * 2), results);
        Assert.Equal(4, most);
    });

    [Fact]
    public void SelectAsyncUnordered_hands_on_what_is_ready() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        int running = 0, most = 0;
        var results = simulation.Run(() => Source.ListAsync(new Source().Numbers(100).SelectAsyncUnordered(4, async (n, ct) =>
        {
            most = Math.Max(most, ++running);
            await simulation.PauseAsync(n == 0 ? 10_000 : 1 + n % 7, ct);
            running--;
            return n;
        })));
        Assert.Equal(0, results[^1]);
        Assert.Equal(Enumerable.Range(0, 100), results.Order());
        Assert.Equal(4, most);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_slow_consumer_stops_the_functions_and_the_source(bool ordered) => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        simulation.Run(async () =>
        {
            var stream = ordered
                ? source.Numbers(100).SelectAsync(3, static async (n, _) => { await Task.Yield(); return n; })
                : source.Numbers(100).SelectAsyncUnordered(3, static async (n, _) => { await Task.Yield(); return n; });
            var reader = stream.GetAsyncEnumerator();
            await using (reader)
            {
                for (var taken = 1; taken <= 5; taken++)
                {
                    Assert.True(await reader.MoveNextAsync());
                    await simulation.PauseAsync(1_000);
                    Assert.Equal(taken + 3, source.Read);
                }
            }
        });
        Assert.True(source.Disposed);
        Assert.Equal(8, source.Read);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Leaving_early_cancels_the_functions_awaits_them_and_disposes_the_source(bool ordered) => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        int running = 0, cancelled = 0;
        simulation.Run(async () =>
        {
            async ValueTask<int> Slow(int n, CancellationToken ct)
            {
                if (n == 0) return n;
                running++;
                try
                {
                    await simulation.PauseAsync(TimeSpan.FromHours(1), ct);
                }
                catch (OperationCanceledException)
                {
                    cancelled++;
                    await Task.Yield();
                    throw;
                }
                finally
                {
                    running--;
                }
                return n;
            }
            var stream = ordered ? source.Numbers(100).SelectAsync(4, Slow) : source.Numbers(100).SelectAsyncUnordered(4, Slow);
            await foreach (var _ in stream) break;
            Assert.Equal(0, running);
        });
        Assert.InRange(cancelled, 3, 4);
        Assert.True(source.Disposed);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failing_function_ends_the_stream_once(bool ordered) => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        var seen = new List<int>();
        simulation.Run(async () =>
        {
            async ValueTask<int> Fifth(int n, CancellationToken ct)
            {
                await simulation.PauseAsync(simulation.Random.Next(1, 9), ct);
                return n == 5 ? throw new InvalidDataException("five") : n;
            }
            var stream = ordered ? source.Numbers(100).SelectAsync(4, Fifth) : source.Numbers(100).SelectAsyncUnordered(4, Fifth);
            var reader = stream.GetAsyncEnumerator();
            await using (reader)
            {
                var failure = await Assert.ThrowsAsync<InvalidDataException>(async () =>
                {
                    while (await reader.MoveNextAsync()) seen.Add(reader.Current);
                });
                Assert.Equal("five", failure.Message);
                Assert.False(await reader.MoveNextAsync());
            }
        });
        if (ordered) Assert.Equal([0, 1, 2, 3, 4], seen);
        Assert.DoesNotContain(5, seen);
        Assert.True(source.Disposed);
    });

    [Theory]
    [InlineData("buffer")]
    [InlineData("batch")]
    [InlineData("group")]
    [InlineData("ordered")]
    [InlineData("unordered")]
    public void A_failing_source_gives_what_came_before_it_and_then_its_failure(string stage) => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        var numbers = source.Numbers(20, new InvalidDataException("end"));
        var stream = stage switch
        {
            "buffer" => numbers.Buffer(3),
            "batch" => Flat(numbers.Batch(4, n => new List<int> { n }, Add)),
            "group" => Flat(numbers.GroupedWithin(20, TimeSpan.FromSeconds(1), simulation.Time)),
            "ordered" => numbers.SelectAsync(4, static (n, _) => ValueTask.FromResult(n)),
            _ => numbers.SelectAsyncUnordered(4, static (n, _) => ValueTask.FromResult(n)),
        };
        var seen = new List<int>();
        simulation.Run(async () =>
        {
            await Assert.ThrowsAsync<InvalidDataException>(async () =>
            {
                await foreach (var n in stream) seen.Add(n);
            });
        });
        Assert.Equal(Enumerable.Range(0, 20), seen.Order());
        Assert.True(source.Disposed);
    });

    [Fact]
    public void Batch_gathers_only_while_downstream_is_busy() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        simulation.Run(async () =>
        {
            var reader = source.Pushed().Batch(10, n => new List<int> { n }, Add).GetAsyncEnumerator();
            await using (reader)
            {
                var first = reader.MoveNextAsync();
                source.Push(1);
                Assert.True(await first);
                Assert.Equal([1], reader.Current);
                source.Push(Enumerable.Range(2, 25).ToArray());
                await simulation.PauseAsync();
                Assert.True(source.Read <= 12, "ten gathered, one held by the stage, one by the source");
                var sizes = new List<int>();
                source.End();
                while (await reader.MoveNextAsync())
                {
                    sizes.Add(reader.Current.Count);
                    await simulation.PauseAsync();
                }
                Assert.Equal([10, 10, 5], sizes);
            }
        });
    });

    [Fact]
    public void GroupedWithin_closes_a_group_by_count_or_by_time() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        var groups = new List<int[]>();
        simulation.Run(async () =>
        {
            var reading = Read();
            source.Push(1, 2, 3, 4, 5);
            await simulation.PauseAsync(500);
            Assert.Equal([[1, 2, 3]], groups);
            await simulation.PauseAsync(501);
            Assert.Equal([[1, 2, 3], [4, 5]], groups);
            source.Push(6);
            await simulation.PauseAsync(10);
            source.End();
            await reading;
        });
        Assert.Equal([[1, 2, 3], [4, 5], [6]], groups);
        async Task Read()
        {
            await foreach (var group in source.Pushed().GroupedWithin(3, TimeSpan.FromSeconds(1), simulation.Time)) groups.Add(group);
        }
    });

    [Fact]
    public void Throttle_spaces_elements_evenly_after_its_burst()
    {
        var simulation = new TaskSimulation(1);
        var start = simulation.Time.GetUtcNow();
        var times = new List<double>();
        simulation.Run(async () =>
        {
            await foreach (var _ in new Source().Numbers(6).Throttle(10, TimeSpan.FromSeconds(1), simulation.Time, burst: 3))
                times.Add((simulation.Time.GetUtcNow() - start).TotalMilliseconds);
        });
        Assert.Equal([0, 0, 0, 100, 200, 300], times);
    }

    [Fact]
    public void Buffer_reads_so_far_ahead_and_no_further() => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var source = new Source();
        simulation.Run(async () =>
        {
            await foreach (var n in source.Numbers(1_000).Buffer(5))
            {
                await simulation.PauseAsync();
                Assert.InRange(source.Read, n + 1, n + 7);     // taken, five waiting, one that waits for room
                if (n == 10) break;
            }
        });
        Assert.True(source.Disposed);
    });

    [Fact]
    public async Task A_cancelled_enumeration_ends_and_disposes_its_source()
    {
        using var stop = new CancellationTokenSource();
        var source = new Source();
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in source.Pushed().Buffer(4).SelectAsync(2, static (n, _) => ValueTask.FromResult(n)).WithCancellation(stop.Token)) stop.Cancel();
        });
        source.Push(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(source.Disposed);
    }

    private static List<int> Add(List<int> batch, int n)
    {
        batch.Add(n);
        return batch;
    }

    private static async IAsyncEnumerable<int> Flat(IAsyncEnumerable<IEnumerable<int>> batches)
    {
        await foreach (var batch in batches)
            foreach (var n in batch) yield return n;
    }
}
