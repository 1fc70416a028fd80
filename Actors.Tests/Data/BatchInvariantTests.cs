using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>What every batch keeps, by the names of the catalogue of invariants.</summary>
public sealed class BatchInvariantTests
{
    [Fact]
    public void INV_37_a_batch_never_mixes_namespaces_transactions_or_tables() => TaskSimulation.ForEachSeed(1, 20, simulation =>
    {
        var products = new Products();
        var world = TransactionWorld.In(simulation, new Lookups(new Dictionary<string, ILookupSource> { ["product"] = products }));
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(3)), TimeSpan.Zero);
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, 500).Select(i => simulation.Start(async () =>
        {
            await simulation.PauseAsync(simulation.Random.Next(5));
            var key = Key(1 + simulation.Random.Next(50), i % 2 == 0 ? "red" : "blue", i % 5 == 0 ? "product" : "Thing");
            if (i % 7 != 0) await world.Data.GetAsync(key);
            else await world.Data.TransactAsync(tx => tx.GetAsync(key).AsTask(), new TransactionOptions { Namespace = key.Namespace });
        }))));
        Assert.All(world.Store.Statements, statement => Assert.All(statement.Keys, key => Assert.Equal(("Thing", statement.Namespace), (key.Kind, key.Namespace))));
        Assert.True(products.Reads > 0);
        // Those of transactions are never shared: each has one statement of its own, of one key.
        Assert.True(world.Store.Statements.Count(statement => statement.Keys.Count == 1) >= 50);
    });

    [Fact]
    public async Task INV_38_each_caller_gets_its_own_keys_answer_also_for_repeats_and_misses()
    {
        var world = OnThreads();
        await world.FillAsync(100);
        int[] ids = [.. Enumerable.Range(0, 1_000).Select(i => 1 + (i * 37 % 150))];
        var found = await world.Data.GetManyAsync([.. ids.Select(id => Key(id))]);
        for (var i = 0; i < ids.Length; i++) Assert.Equal(ids[i] <= 100 ? ids[i] : null, Value(found[i]));
        var alone = await Task.WhenAll(ids.Select(id => world.Data.GetAsync(Key(id)).AsTask()));
        for (var i = 0; i < ids.Length; i++) Assert.Equal(ids[i] <= 100 ? ids[i] : null, Value(alone[i]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(64)]
    public async Task INV_39_a_bad_key_fails_its_own_caller_wherever_it_stands(int bad)
    {
        var world = OnThreads();
        await world.FillAsync(64);
        world.Store.FailBefore = statement => statement.Keys.Contains(Key(bad)) ? new EntityFaultException("broken row") : null;
        var reads = Keys(64).Select(key => world.Data.GetAsync(key).AsTask()).ToArray();
        await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { }, TaskScheduler.Default);
        for (var i = 0; i < reads.Length; i++) Assert.Equal(i + 1 == bad, reads[i].IsFaulted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(513)]
    [InlineData(20_000)]
    public async Task INV_40_no_batch_is_larger_than_the_store_takes(int count)
    {
        var world = OnThreads(limits: new EntityStoreLimits("small", Slots: 2, MaxReadBatch: 100, MaxWriteBatch: 30));
        await world.Data.GetManyAsync(Keys(count));
        foreach (var some in Keys(Math.Min(count, 2_000)).Chunk(500)) await world.Data.WriteManyAsync([.. some.Select(key => Put(key, 1))]);
        Assert.All(world.ReadSizes, size => Assert.InRange(size, 1, 100));
        Assert.All(world.WriteSizes, size => Assert.InRange(size, 1, 30));
    }

    [Fact]
    public void INV_41_who_wrote_reads_what_it_wrote_and_no_batch_begun_before() => TaskSimulation.ForEachSeed(1, 100, simulation =>
    {
        var world = In(simulation);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(4)), TimeSpan.FromMilliseconds(simulation.Random.Next(4)));
        simulation.Run(() => Task.WhenAll(simulation.Start(OthersAsync), simulation.Start(WriterAsync)));

        async Task OthersAsync()
        {
            for (var i = 0; i < 20; i++) await world.Data.GetAsync(Key(1));
        }

        async Task WriterAsync()
        {
            for (var i = 1; i <= 8; i++)
            {
                await using var scope = world.Data.BeginScope();
                var writing = world.Data.WriteAsync(Put(Key(1), i));
                Assert.Equal(i, Value(await world.Data.GetAsync(Key(1))));
                await writing;
                Assert.Equal(i, Value((await world.Data.GetManyAsync([Key(1)]))[0]));
            }
        }
    });

    private sealed class Products : ILookupSource
    {
        public int Reads { get; private set; }

        public EntityStoreLimits Limits { get; } = new("own", Slots: 2);

        public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct)
        {
            Reads++;
            return new([.. ids.Select(id => (ReadOnlyMemory<byte>?)Json(id.Number!.Value))]);
        }

        public ValueTask DisposeAsync() => default;
    }
}
