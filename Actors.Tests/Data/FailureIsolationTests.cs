using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Data;

public sealed class FailureIsolationTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(17, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(17, false)]
    public void Poison_among_512_fails_its_own_caller_only(int poisoned, bool reads) => TaskSimulation.ForEachSeed(1, 5, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(512);
            var bad = Enumerable.Range(1, 512).OrderBy(_ => simulation.Random.Next()).Take(poisoned).Select(id => DataWorld.Key(id)).ToHashSet();
            world.Store.FailBefore = statement => statement.Keys.Any(bad.Contains) ? new EntityFaultException("It cannot be decoded.") : null;
            var calls = DataWorld.Keys(512).Select(key => (key, Call: (reads ? world.Data.GetAsync(key) : world.Data.WriteAsync(DataWorld.Put(key, 9))).AsTask())).ToArray();
            foreach (var (key, call) in calls)
            {
                if (!bad.Contains(key))
                {
                    Assert.Equal(reads ? key.Id.Number : 9, DataWorld.Value(await call));
                    continue;
                }
                var failure = await Assert.ThrowsAsync<EntityFaultException>(() => call);
                Assert.Contains(key.ToString(), failure.Message, StringComparison.Ordinal);
            }
            var bound = 1 + 2 * poisoned * (1 + Math.Ceiling(Math.Log2(512.0 / poisoned)));
            Assert.InRange(world.Store.Statements.Count, 2, bound);
        });
    });

    [Fact]
    public void An_error_that_does_not_say_what_it_is_about_is_isolated_too()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(64);
            var bad = DataWorld.Key(40);
            world.Store.FailBefore = statement => statement.Keys.Contains(bad) ? new FormatException("overflow") : null;
            var gets = DataWorld.Keys(64).Select(key => (key, Get: world.Data.GetAsync(key).AsTask())).ToArray();
            foreach (var (key, get) in gets)
            {
                if (key != bad) Assert.NotNull(await get);
                else Assert.IsType<FormatException>((await Assert.ThrowsAsync<StatementFailedException>(() => get)).InnerException);
            }
        });
    }

    [Fact]
    public void What_meets_every_statement_fails_all_at_once()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            world.Store.FailBefore = _ => new FormatException("no such table");
            foreach (var get in DataWorld.Keys(512).Select(key => world.Data.GetAsync(key)).ToArray())
                await Assert.ThrowsAsync<StatementFailedException>(async () => await get);
            Assert.Equal([512, 256, 256], world.ReadSizes);
            world.Store.Forget();
            world.Store.FailBefore = _ => new StoreFullException();
            foreach (var put in DataWorld.Keys(100).Select(key => world.Data.WriteAsync(DataWorld.Put(key, 1))).ToArray())
                await Assert.ThrowsAsync<StoreFullException>(async () => await put);
            Assert.Equal([100], world.WriteSizes);
        });
    }

    [Fact]
    public void A_moments_trouble_is_sat_out_with_the_whole_batch() => TaskSimulation.ForEachSeed(1, 20, simulation =>
    {
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.FillAsync(20);
            var failures = 3;
            world.Store.FailBefore = _ => failures-- > 0 ? new StoreUnavailableException() : null;
            foreach (var get in DataWorld.Keys(20).Select(key => world.Data.GetAsync(key)).ToArray()) Assert.NotNull(await get);
            Assert.Equal([20, 20, 20, 20], world.ReadSizes);
            world.Store.FailBefore = _ => new StoreUnavailableException();
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await world.Data.GetAsync(DataWorld.Key(1)));
        });
        Assert.Equal(6, world.Service.Statistics.Reads.Retries);
    });

    [Fact]
    public void An_unknown_commit_is_told_and_not_tried_again()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            world.Store.FailAfter = _ => new CommitUnknownException();
            await Assert.ThrowsAsync<CommitUnknownException>(async () => await world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 1)));
            Assert.Equal(1, world.Store.Writes);
            world.Store.FailAfter = _ => null;
            Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
        });
    }

    [Fact]
    public void Waiters_of_one_failure_get_exceptions_of_their_own()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            world.Store.FailBefore = _ => new EntityFaultException("broken");
            var gets = Enumerable.Range(0, 10).Select(n => world.Data.GetAsync(DataWorld.Key(1 + n % 2)).AsTask()).ToArray();
            var failures = new HashSet<Exception>(ReferenceEqualityComparer.Instance);
            foreach (var get in gets) failures.Add(await Assert.ThrowsAsync<EntityFaultException>(() => get));
            Assert.Equal(10, failures.Count);
        });
    }

    [Fact]
    public void A_statement_that_never_ends_is_given_up_and_its_callers_are_told()
    {
        var simulation = new TaskSimulation(1);
        var world = DataWorld.In(simulation);
        simulation.Run(async () =>
        {
            var start = simulation.Time.GetUtcNow();
            world.Store.Delay = _ => (TimeSpan.FromDays(1), TimeSpan.Zero);
            await Assert.ThrowsAsync<TimeoutException>(async () => await world.Data.GetAsync(DataWorld.Key(1)));
            Assert.Equal(30, (simulation.Time.GetUtcNow() - start).TotalSeconds);
            // Of a write nobody knows then whether it took place.
            await Assert.ThrowsAsync<CommitUnknownException>(async () => await world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 1)));
        });
    }

    [Fact]
    public void A_store_that_breaks_its_contract_fails_the_callers_it_confused()
    {
        var simulation = new TaskSimulation(1);
        simulation.Run(async () =>
        {
            var time = simulation.Time;
            var store = new ConfusedStore(new PlainEntities(time), entities => (entities[1], entities[2]) = (entities[2], entities[1]));
            await using var data = new DataService(store, new DataOptions(), time, new Random(1), NullLogger<DataService>.Instance, simulation.Scheduler);
            await ((IData)data).WriteManyAsync([.. DataWorld.Keys(4).Select(key => DataWorld.Put(key, key.Id.Number!.Value))]);
            var gets = DataWorld.Keys(4).Select(key => ((IData)data).GetAsync(key).AsTask()).ToArray();
            Assert.Equal(1, DataWorld.Value(await gets[0]));
            foreach (var get in gets[1..3])
                Assert.Contains("answered", (await Assert.ThrowsAsync<StatementFailedException>(() => get)).Message, StringComparison.Ordinal);
            Assert.Equal(4, DataWorld.Value(await gets[3]));
        });
    }
}
