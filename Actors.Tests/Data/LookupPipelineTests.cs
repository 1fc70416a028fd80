using ActorPerf.Data;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>A lookup has a pipeline of its own: its database is nobody else's trouble.</summary>
public sealed class LookupPipelineTests
{
    private const int Hung = 20;                                   // more than any pipeline has slots

    [Fact]
    public void A_lookup_whose_database_hangs_keeps_no_entity_and_no_other_lookup_waiting() => TaskSimulation.ForEachSeed(1, 20, simulation =>
    {
        var products = new HungSource();
        var prices = new HungSource();
        prices.Answer();
        var world = TransactionWorld.In(simulation, new Lookups(new Dictionary<string, ILookupSource> { ["product"] = products, ["price"] = prices }));
        simulation.Run(async () =>
        {
            await world.Data.WriteAsync(Put(Key(1), 7));
            var hung = new List<Task<Entity?>>();
            for (var i = 1; i <= Hung; i++)
            {
                hung.Add(world.Data.GetAsync(Key(i, kind: "product")).AsTask());
                await simulation.PauseAsync();
            }
            Assert.Equal(products.Limits.Slots, world.Data.Statistics.Lookups["product"].UnderWay);

            Assert.Equal(7, Value(await world.Data.GetAsync(Key(1))));
            Assert.Equal(2, Value(await world.Data.GetAsync(Key(2, kind: "price"))));
            await using (world.Data.BeginScope()) Assert.Equal(7, Value(await world.Data.GetAsync(Key(1))));
            Assert.All(hung, read => Assert.False(read.IsCompleted));

            products.Answer();
            var found = await Task.WhenAll(hung);
            for (var i = 1; i <= Hung; i++) Assert.Equal(i, Value(found[i - 1]));
        });
        var statistics = world.Data.Statistics;
        Assert.Equal((Hung, 1), (statistics.Lookups["product"].Calls, statistics.Lookups["price"].Calls));
        Assert.Equal(2, statistics.Reads.Calls);
        // Slots of its own, and all that waited for them in one statement.
        Assert.InRange(statistics.Lookups["product"].Statements, 2, 4);
    });

    [Fact]
    public void Stopping_reads_what_waits_in_every_pipeline() => TaskSimulation.ForEachSeed(1, 20, simulation =>
    {
        var products = new HungSource();
        var world = TransactionWorld.In(simulation, new Lookups(new Dictionary<string, ILookupSource> { ["product"] = products }));
        simulation.Run(async () =>
        {
            var read = world.Data.GetAsync(Key(3, kind: "product")).AsTask();
            await simulation.PauseAsync();
            var stopping = world.Service.DisposeAsync().AsTask();
            await simulation.PauseAsync();
            Assert.False(stopping.IsCompleted);
            products.Answer();
            Assert.Equal(3, Value(await read));
            await stopping;
            await Assert.ThrowsAnyAsync<Exception>(() => world.Data.GetAsync(Key(4, kind: "product")).AsTask());
        });
    });

    /// <summary>Answers nothing until it is told to.</summary>
    private sealed class HungSource : ILookupSource
    {
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EntityStoreLimits Limits { get; } = new("own", Slots: 2);

        public void Answer() => _answer.TrySetResult();

        public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct)
        {
            await _answer.Task;
            return [.. ids.Select(id => (ReadOnlyMemory<byte>?)Json(id.Number!.Value))];
        }

        public ValueTask DisposeAsync() => default;
    }
}
