using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>What every batch keeps, by the names of the catalogue of invariants.</summary>
public sealed class BatchInvariantTests
{
    /// <summary>Ten thousand calls of two namespaces, of transactions and of two tables at a time, interleaved by twenty seeds.</summary>
    [Fact]
    public void INV_37_a_batch_never_mixes_namespaces_transactions_or_tables() => TaskSimulation.ForEachSeed(1, 20, simulation =>
    {
        // Whose a key is shows in its number: of entities to 50, of products from 200, of prices from 300, of each transaction a pair of its own from 1,000.
        var (products, prices) = (new Table(200), new Table(300));
        var world = TransactionWorld.In(simulation, new Lookups(new Dictionary<string, ILookupSource> { ["product"] = products, ["price"] = prices }));
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(3)), TimeSpan.Zero);
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, 500).Select(i => simulation.Start(() => ReadAsync(i)))));
        Assert.All(world.Store.Statements, statement =>
        {
            Assert.All(statement.Keys, key => Assert.Equal(("Thing", statement.Namespace), (key.Kind, key.Namespace)));
            if (statement.Keys.Any(key => key.Id.Number >= 1_000)) Assert.Single(statement.Keys.Select(key => key.Id.Number / 2).Distinct());
        });
        Assert.True(world.Store.Statements.Max(statement => statement.Keys.Count) > 2, "Nothing was batched.");
        Assert.All(new[] { products, prices }, table => Assert.True(table.Reads > 0));

        async Task ReadAsync(int i)
        {
            await simulation.PauseAsync(simulation.Random.Next(5));
            var ns = i % 2 == 0 ? "red" : "blue";
            var n = 1 + simulation.Random.Next(50);
            if (i % 7 == 0)
            {
                await world.Data.TransactAsync(tx => tx.GetManyAsync([Key(1_000 + 2 * i, ns), Key(1_001 + 2 * i, ns)]).AsTask(), new TransactionOptions { Namespace = Namespace.Parse(ns) });
            }
            else
            {
                await world.Data.GetAsync(i % 5 == 0 ? Key(200 + n, ns, "product") : i % 5 == 1 ? Key(300 + n, ns, "price") : Key(n, ns));
            }
        }
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

    /// <summary>A row that is missing in an answer's place cannot be told from one that is not there; a row in another's place can.</summary>
    [Fact]
    public void INV_38_what_a_store_shuffles_drops_and_repeats_is_nobody_elses_answer()
    {
        int told = 0, refused = 0;
        TaskSimulation.ForEachSeed(1, 50, simulation => simulation.Run(async () =>
        {
            var store = new ConfusedStore(new PlainEntities(simulation.Time), entities => Confuse(entities, simulation.Random));
            await using var data = new DataService(store, new DataOptions(), simulation.Time, new Random(1), NullLogger<DataService>.Instance, simulation.Scheduler);
            await data.WriteManyAsync([.. Keys(60).Select(key => Put(key, key.Id.Number!.Value))]);
            foreach (var (key, get) in Keys(60).Select(key => (key, data.GetAsync(key))).ToArray())
            {
                try
                {
                    Assert.Equal(key.Id.Number, Value(await get));
                    told++;
                }
                catch (StatementFailedException)
                {
                    refused++;
                }
            }
        }));
        Assert.True(told > 500 && refused > 50, $"{told} were told, {refused} refused: that is no test of both.");
    }

    [Fact]
    public void INV_39_a_bad_key_fails_its_own_caller_wherever_it_stands()
    {
        for (var bad = 1; bad <= 64; bad++)
        {
            var simulation = new TaskSimulation(bad);
            var world = In(simulation);
            simulation.Run(async () =>
            {
                await world.FillAsync(64);
                world.Store.FailBefore = statement => statement.Keys.Contains(Key(bad)) ? new EntityFaultException("broken row") : null;
                foreach (var (key, get) in Keys(64).Select(key => (key, world.Data.GetAsync(key))).ToArray())
                {
                    if (key.Id.Number == bad) await Assert.ThrowsAsync<EntityFaultException>(async () => await get);
                    else Assert.Equal(key.Id.Number, Value(await get));
                }
            });
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(513)]
    [InlineData(20_000)]
    [InlineData(100_000)]
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

    private static void Confuse(List<Entity?> entities, Random random)
    {
        var (one, other) = (random.Next(entities.Count), random.Next(entities.Count));
        switch (random.Next(6))
        {
            case 0: (entities[one], entities[other]) = (entities[other], entities[one]); break;
            case 1: entities[one] = entities[other]; break;
            case 2: entities.RemoveAt(one); break;
            case 3: entities.Insert(one, entities[other]); break;
            default: break;
        }
    }

    /// <param name="first">Its rows are those behind this one, a hundred at most.</param>
    private sealed class Table(int first) : ILookupSource
    {
        public int Reads { get; private set; }

        public EntityStoreLimits Limits { get; } = new("own", Slots: 2);

        public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct)
        {
            Reads++;
            Assert.All(ids, id => Assert.InRange(id.Number!.Value, first + 1, first + 99));
            return new([.. ids.Select(id => (ReadOnlyMemory<byte>?)Json(id.Number!.Value))]);
        }

        public ValueTask DisposeAsync() => default;
    }
}
