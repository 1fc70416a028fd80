using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

/// <summary>Many threads do everything at once, over a store that is slow and fails: nobody waits for ever, and no write is lost or counted twice.</summary>
public sealed class ThreadTests
{
    private const int Keys = 20;

    [Fact]
    public Task Many_threads_do_everything_at_once() => RunAsync(seed: 1, steps: FullRun.Of(300, 100));

    [FullFact]
    public async Task Many_threads_do_everything_at_once_for_long()
    {
        for (var seed = 2; seed < 9; seed++) await RunAsync(seed, steps: 500);
    }

    private static async Task RunAsync(int seed, int steps)
    {
        var world = DataWorld.OnThreads(new DataOptions { Slots = 3 });
        world.Store.Delay = statement => (TimeSpan.FromMilliseconds(statement.Keys.Count % 3 == 0 ? 1 : 0), TimeSpan.Zero);
        world.Store.FailBefore = statement => statement.Keys.Count % 7 == 6 ? new EntityFaultException("now and then") : null;
        var written = new long[Keys];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(() => ClientAsync(new Random(seed * 100 + client))))).WaitAsync(TimeSpan.FromMinutes(5));

        // What its caller left may still be under way when all callers are done.
        await Eventually.Is(
            () => world.Service.Statistics is { Reads: { Queued: 0, UnderWay: 0 }, Writes: { Queued: 0, UnderWay: 0 } },
            () => $"nothing left: {world.Service.Statistics.Reads}, {world.Service.Statistics.Writes}");
        world.Store.FailBefore = _ => null;
        var entities = await world.Data.GetManyAsync(DataWorld.Keys(Keys));
        Assert.Equal(written, entities.Select(entity => entity?.Version ?? 0));

        async Task ClientAsync(Random random)
        {
            for (var step = 0; step < steps; step++)
            {
                var scope = random.Next(3) == 0 ? world.Data.BeginScope() : null;
                await Task.WhenAll(Enumerable.Range(0, random.Next(1, 12)).Select(_ => OneAsync(1 + random.Next(Keys), random.Next(10))));
                if (scope is not null) await scope.DisposeAsync();
            }
        }

        async Task OneAsync(int id, int choice)
        {
            using var leaving = new CancellationTokenSource();
            try
            {
                switch (choice)
                {
                    case < 4: await world.Data.GetAsync(DataWorld.Key(id)); break;
                    case < 6: await world.Data.GetManyAsync(DataWorld.Keys(id)); break;
                    case < 8:
                        var read = world.Data.GetAsync(DataWorld.Key(id), leaving.Token);
                        leaving.Cancel();
                        await read;
                        break;
                    default:
                        await world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(id), choice));
                        Interlocked.Increment(ref written[id - 1]);
                        break;
                }
            }
            catch (Exception failure) when (failure is EntityFaultException or OperationCanceledException)
            {
                // Part of the game.
            }
        }
    }
}
