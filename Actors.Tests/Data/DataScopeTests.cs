using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.ThingKinds;

namespace ActorPerf.Tests.Data;

public sealed class DataScopeTests
{
    private const int Seeds = 30;

    [Fact]
    public void What_was_read_once_is_remembered_and_a_miss_too() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        await using var scope = world.Data.BeginScope();
        var first = await world.Data.GetAsync(DataWorld.Key(1));
        Assert.Null(await world.Data.GetAsync(DataWorld.Key(2)));
        Assert.Same(first, await world.Data.GetAsync(DataWorld.Key(1)));
        Assert.Null(await world.Data.GetAsync(DataWorld.Key(2)));
        Assert.Equal([first, null], await world.Data.GetManyAsync(DataWorld.Keys(2)));
        Assert.Equal([1, 1], world.ReadSizes);
        Assert.Equal(2, scope.Remembered);
    });

    [Fact]
    public void A_scope_sees_its_own_writes_awaited_or_not() => In(async (simulation, world) =>
    {
        await world.FillAsync(2);
        await using var scope = world.Data.BeginScope();
        Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
        var put = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 10));
        Assert.Equal(10, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
        await put;
        _ = world.Data.DeleteAsync(Things, 1);
        Assert.Equal([null, 2], (await world.Data.GetManyAsync(DataWorld.Keys(2))).Select(DataWorld.Value));
        Assert.Null(await world.Data.GetAsync(DataWorld.Key(1)));
        Assert.Equal([1, 1], world.ReadSizes);
    });

    [Fact]
    public void Writes_of_one_key_take_place_in_the_order_of_their_calls() => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(5)), TimeSpan.FromMilliseconds(simulation.Random.Next(5)));
        await using (world.Data.BeginScope())
            for (var n = 1; n <= 20; n++) _ = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), n));
        var last = await world.Data.GetAsync(DataWorld.Key(1));
        Assert.Equal((20, 20), (DataWorld.Value(last), last!.Version));
        Assert.All(world.WriteSizes, size => Assert.Equal(1, size));
    });

    [Fact]
    public void A_get_called_before_a_put_does_not_see_it() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        world.Store.Delay = statement => statement.Sort == ScriptedSort.Read ? (TimeSpan.FromMilliseconds(simulation.Random.Next(20)), TimeSpan.Zero) : default;
        await using var scope = world.Data.BeginScope();
        var before = world.Data.GetAsync(DataWorld.Key(1));
        var put = world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 2));
        var after = world.Data.GetAsync(DataWorld.Key(1));
        Assert.Equal([1, 2, 2], new[] { DataWorld.Value(await before), DataWorld.Value(await put), DataWorld.Value(await after) });
    });

    [Fact]
    public void Concurrent_gets_of_a_scope_join() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        await using var scope = world.Data.BeginScope();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => world.Data.GetAsync(DataWorld.Key(1)).AsTask()));
        Assert.Equal([1], world.ReadSizes);
    });

    [Fact]
    public void A_failed_load_is_not_remembered() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        await using var scope = world.Data.BeginScope();
        world.Store.FailBefore = _ => new EntityFaultException("broken");
        await Assert.ThrowsAsync<EntityFaultException>(async () => await world.Data.GetAsync(DataWorld.Key(1)));
        world.Store.FailBefore = _ => null;
        Assert.NotNull(await world.Data.GetAsync(DataWorld.Key(1)));
    });

    [Fact]
    public void A_cancelled_load_is_not_remembered() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        await using var scope = world.Data.BeginScope();
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(10), TimeSpan.Zero);
        using var leaving = new CancellationTokenSource();
        var left = world.Data.GetAsync(DataWorld.Key(1), leaving.Token);
        await simulation.PauseAsync();
        leaving.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await left);
        Assert.NotNull(await world.Data.GetAsync(DataWorld.Key(1)));
    });

    [Fact]
    public void A_read_that_a_write_elsewhere_overtook_answers_and_is_not_remembered() => In(async (simulation, world) =>
    {
        await world.FillAsync(1);
        world.Store.Delay = statement => statement.Sort == ScriptedSort.Read ? (TimeSpan.Zero, TimeSpan.FromMilliseconds(50)) : default;
        Task<Entity?> elsewhere;
        using (ExecutionContext.SuppressFlow()) elsewhere = simulation.Start(async () =>
        {
            await simulation.PauseAsync(10);
            return await world.Data.WriteAsync(DataWorld.Put(DataWorld.Key(1), 2));
        });
        await using var scope = world.Data.BeginScope();
        Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
        await elsewhere;
        Assert.Equal(0, scope.Remembered);
        Assert.Equal(2, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
    });

    [Fact]
    public void A_scope_is_bounded_and_forgets_what_was_not_used_for_longest() => In(async (simulation, world) =>
    {
        await world.FillAsync(30);
        await using var scope = world.Data.BeginScope();
        for (var n = 1; n <= 20; n++)
        {
            await world.Data.GetAsync(DataWorld.Key(n));
            await world.Data.GetAsync(DataWorld.Key(1));
        }
        Assert.Equal(10, scope.Remembered);
        Assert.Equal(10, scope.Usage.Evictions);
        world.Store.Forget();
        await world.Data.GetAsync(DataWorld.Key(1));
        await world.Data.GetAsync(DataWorld.Key(20));
        Assert.Empty(world.ReadSizes);
        await world.Data.GetAsync(DataWorld.Key(2));
        Assert.Equal([1], world.ReadSizes);
    }, new DataOptions { ScopeEntities = 10 });

    [Fact]
    public void Leaving_a_scope_makes_a_thousand_writes_durable_that_nobody_awaited() => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(5), TimeSpan.Zero);
        await using (world.Data.BeginScope())
            foreach (var key in DataWorld.Keys(1_000)) _ = world.Data.WriteAsync(DataWorld.Put(key, 7));
        Assert.Equal(1_000, await world.Data.CountAsync("Thing"));
        Assert.InRange(world.Store.Writes, 2, 4);
    });

    [Fact]
    public void Leaving_a_scope_throws_the_failures_that_nobody_saw_and_only_those() => In(async (simulation, world) =>
    {
        await world.FillAsync(3);
        var scope = world.Data.BeginScope();
        _ = world.Data.InsertAsync(Things, 1, new Thing(1));
        _ = world.Data.PutAsync(Things, 2, new Thing(1), ifVersion: 99);
        _ = world.Data.WriteManyAsync([DataWorld.Put(DataWorld.Key(7), 1), DataWorld.Put(DataWorld.Key(8), 1, ifVersion: 3)]);
        _ = world.Data.PutAsync(Things, 9, new Thing(9));
        await Assert.ThrowsAsync<EntityStateException>(async () => await world.Data.InsertAsync(Things, 3, new Thing(1)));
        var leaving = scope.DisposeAsync();
        var failure = await Assert.ThrowsAsync<UnawaitedWritesException>(async () => await leaving);
        Assert.Equal([typeof(EntityStateException), typeof(VersionConflictException), typeof(VersionConflictException)], failure.InnerExceptions.Select(inner => inner.GetType()));
        Assert.Contains("Insert Thing/1 (DataScopeTests.cs:", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(await world.Data.GetAsync(Things, 9));
    });

    [Fact]
    public void The_failure_of_the_body_comes_first_and_its_writes_still_take_place() => In(async (simulation, world) =>
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => world.Data.InScopeAsync(async scope =>
        {
            _ = world.Data.PutAsync(Things, 1, new Thing(1));
            _ = world.Data.UpdateAsync(Things, 2, new Thing(1));
            await Task.Yield();
            throw new InvalidDataException("body");
        }));
        Assert.NotNull(await world.Data.GetAsync(Things, 1));
        await Assert.ThrowsAsync<UnawaitedWritesException>(() => world.Data.InScopeAsync(scope =>
        {
            _ = world.Data.UpdateAsync(Things, 2, new Thing(1));
            return Task.CompletedTask;
        }));
    });

    [Fact]
    public void A_scope_that_cannot_be_left_in_time_says_what_it_waits_for() => In(async (simulation, world) =>
    {
        world.Store.Delay = statement => statement.Sort == ScriptedSort.Write ? (TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(20)) : default;
        var scope = world.Data.BeginScope();
        _ = world.Data.PutAsync(Things, 1, new Thing(1));
        var start = simulation.Time.GetUtcNow();
        var late = await Assert.ThrowsAsync<TimeoutException>(async () => await scope.DisposeAsync());
        Assert.Equal(30, (simulation.Time.GetUtcNow() - start).TotalSeconds);
        Assert.Contains("Put Thing/1 (DataScopeTests.cs:", late.Message, StringComparison.Ordinal);
    }, new DataOptions { StatementTimeout = TimeSpan.FromMinutes(5) });

    [Fact]
    public void At_the_deadline_of_the_request_everybody_who_waits_is_told() => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMinutes(10), TimeSpan.Zero);
        var start = simulation.Time.GetUtcNow();
        var scope = world.Data.BeginScope(new ScopeSettings { Deadline = start + TimeSpan.FromSeconds(2) });
        var get = world.Data.GetAsync(DataWorld.Key(1));
        var many = world.Data.GetManyAsync(DataWorld.Keys(5));
        var put = world.Data.PutAsync(Things, 6, new Thing(1));
        await Assert.ThrowsAsync<TimeoutException>(async () => await get);
        await Assert.ThrowsAsync<TimeoutException>(async () => await many);
        await Assert.ThrowsAsync<TimeoutException>(async () => await put);
        Assert.Equal(2, (simulation.Time.GetUtcNow() - start).TotalSeconds);
        await Assert.ThrowsAsync<TimeoutException>(async () => await scope.DisposeAsync());
        Assert.Equal(2, (simulation.Time.GetUtcNow() - start).TotalSeconds);
    }, new DataOptions { StatementTimeout = TimeSpan.FromHours(1) });

    [Fact]
    public void Leaving_cancels_reads_that_nobody_awaits() => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromHours(1), TimeSpan.Zero);
        var start = simulation.Time.GetUtcNow();
        await using (world.Data.BeginScope())
        {
            _ = world.Data.GetAsync(DataWorld.Key(1));
            await simulation.PauseAsync();
        }
        await simulation.PauseAsync();
        Assert.Equal(0, world.Service.Statistics.Reads.UnderWay);
        Assert.True(simulation.Time.GetUtcNow() - start < TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void A_scope_that_was_left_takes_no_more_work() => In(async (simulation, world) =>
    {
        var scope = world.Data.BeginScope();
        var straggler = new TaskCompletionSource();
        async Task Straggle()
        {
            await straggler.Task;
            await world.Data.GetAsync(DataWorld.Key(1));
        }
        var late = Straggle();
        await scope.DisposeAsync();
        await scope.DisposeAsync();
        straggler.SetResult();
        Assert.Contains("Detach", (await Assert.ThrowsAsync<InvalidOperationException>(() => late)).Message, StringComparison.Ordinal);
        Assert.Null(DataScope.Current);
        Assert.Null(await world.Data.GetAsync(DataWorld.Key(1)));
    });

    [Fact]
    public void Detached_work_has_a_scope_of_its_own_and_the_node_awaits_it() => In(async (simulation, world) =>
    {
        var inside = new TaskCompletionSource<Namespace>();
        await using (var scope = world.Data.BeginScope(new ScopeSettings { Namespace = Namespace.Parse("red") }))
        {
            scope.Detach(async () =>
            {
                await simulation.PauseAsync(100);
                inside.SetResult(world.Data.Namespace);
                _ = world.Data.PutAsync(Things, 1, new Thing(1));
            }, "a test");
            Assert.Same(scope, DataScope.Current);
        }
        Assert.False(inside.Task.IsCompleted);
        await world.Service.DisposeAsync();
        Assert.Equal("red", (await inside.Task).Name);
        Assert.Equal([1], world.WriteSizes);
    });

    [Fact]
    public void The_namespace_flows_into_child_work_and_never_to_siblings() => In(async (simulation, world) =>
    {
        async Task<string> Child(string? ns)
        {
            await simulation.PauseAsync();
            if (ns is null) return world.Data.Namespace.Name;
            await using var scope = world.Data.BeginScope(new ScopeSettings { Namespace = Namespace.Parse(ns) });
            await simulation.PauseAsync();
            return await Child(null);
        }
        await using var outer = world.Data.BeginScope(new ScopeSettings { Namespace = Namespace.Parse("outer") });
        var (red, own, blue) = await (Child("red"), Child(null), Child("blue"));
        Assert.Equal(("red", "outer", "blue", "outer"), (red, own, blue, world.Data.Namespace.Name));
        Assert.Equal("outer", world.Data.Key("Thing", 1).Namespace.Name);
    });

    [Fact]
    public void A_scope_begun_in_a_called_method_ends_with_that_method() => In(async (simulation, world) =>
    {
        async Task Called()
        {
            await using var scope = world.Data.BeginScope();
            await Task.Yield();
            Assert.Same(scope, DataScope.Current);
        }
        await Called();
        Assert.Null(DataScope.Current);
    });

    [Fact]
    public void A_scope_inside_another_reads_what_that_one_knows_and_its_writes_are_seen_there() => In(async (simulation, world) =>
    {
        await world.FillAsync(2);
        await using var outer = world.Data.BeginScope();
        await world.Data.GetAsync(DataWorld.Key(1));
        await using (world.Data.BeginScope())
        {
            Assert.Equal(1, DataWorld.Value(await world.Data.GetAsync(DataWorld.Key(1))));
            Assert.Equal([1], world.ReadSizes);
            await world.Data.PutAsync(Things, 1, new Thing(11));
            Assert.Equal(11, (await world.Data.GetAsync(Things, 1))!.Value.Value);
        }
        Assert.Equal(11, (await world.Data.GetAsync(Things, 1))!.Value.Value);
    });

    [Fact]
    public void Faults_of_the_arguments_are_thrown_by_the_call_and_faults_of_the_store_by_the_await() => In(async (simulation, world) =>
    {
        Assert.Throws<ArgumentException>(() => { _ = world.Data.GetAsync(default); });
        Assert.Throws<ArgumentException>(() => { _ = world.Data.GetManyAsync([DataWorld.Key(1), DataWorld.Key(1, "red")]); });
        Assert.Throws<ArgumentException>(() => { _ = world.Data.WriteAsync(new EntityWrite.Put(DataWorld.Key(1), "[1]"u8.ToArray())); });
        Assert.Throws<ArgumentException>(() => { _ = world.Data.WriteAsync(new EntityWrite.Put(DataWorld.Key(1), "{} x"u8.ToArray())); });
        Assert.Throws<ArgumentException>(() => { _ = world.Data.WriteAsync(new EntityWrite.Put(DataWorld.Key(1), new byte[2_000_000])); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = world.Data.AllocateAsync("Thing", 0); });
        Assert.Throws<ArgumentException>(() => { _ = world.Data.AllocateAsync("no kind"); });
        world.Store.FailBefore = _ => new StoreFullException();
        var put = world.Data.PutAsync(Things, 1, new Thing(1));
        await Assert.ThrowsAsync<StoreFullException>(async () => await put);
        Assert.Empty(await world.Data.GetManyAsync([]));
    });

    [Fact]
    public void Of_many_who_get_or_insert_one_inserts_and_all_get_the_same() => In(async (simulation, world) =>
    {
        var made = 0;
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            await using var scope = world.Data.BeginScope();
            return await world.Data.GetOrInsertAsync(Things, 1, () => new Thing(++made));
        }));
        Assert.Single(all.Select(entity => entity.Value).Distinct());
        Assert.All(all, entity => Assert.Equal(1, entity.Version));
    });

    [Fact]
    public void An_entity_that_is_not_of_its_type_fails_its_reader_only() => In(async (simulation, world) =>
    {
        await world.Data.WriteAsync(new EntityWrite.Put(DataWorld.Key(1), """{"value":"text"}"""u8.ToArray()));
        await world.Data.PutAsync(Things, 2, new Thing(2));
        var bad = world.Data.GetAsync(Things, 1);
        var good = world.Data.GetAsync(Things, 2);
        Assert.Equal(2, (await good)!.Value.Value);
        Assert.Contains("Thing/1", (await Assert.ThrowsAsync<EntityFaultException>(async () => await bad)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Numbers_come_from_blocks_and_no_two_callers_get_the_same() => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(3)), TimeSpan.Zero);
        var firsts = await Task.WhenAll(Enumerable.Range(0, 500).Select(async n => (First: await world.Data.AllocateAsync("Thing", 1 + n % 3), Count: 1 + n % 3)));
        var numbers = firsts.SelectMany(block => Enumerable.Range(0, block.Count).Select(i => block.First + i)).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.Equal(1, world.Store.Statements.Count(statement => statement.Sort == ScriptedSort.Allocate));
        await world.Data.AllocateAsync("Thing", 5_000);
        Assert.Equal(2, world.Store.Statements.Count(statement => statement.Sort == ScriptedSort.Allocate));
    });

    private static void In(Func<TaskSimulation, DataWorld, Task> scenario, DataOptions? options = null) => TaskSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = DataWorld.In(simulation, options);
        simulation.Run(() => scenario(simulation, world));
    });
}
