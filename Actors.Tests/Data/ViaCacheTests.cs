using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>Rows of a query that are read by their keys: none is left out, and none is older than the query found it, whatever the scope remembers.</summary>
public sealed class ViaCacheTests
{
    private static readonly EntityFilter Small = new EntityFilter.Compare("value", EntityOperator.Lt, new EntityValue.Integer(100));

    [Fact]
    public async Task Pitfall_18_a_remembered_miss_drops_no_row()
    {
        var world = await FilledAsync(2);
        await using var scope = world.Data.BeginScope();
        Assert.Null(await world.Data.GetAsync(Key(3)));
        await ElsewhereAsync(world, Put(Key(3), 3));
        Assert.Equal([1, 2, 3], await ValuesAsync(world));
        Assert.Equal(3, Value(await world.Data.GetAsync(Key(3))));          // and the scope knows better now
    }

    [Fact]
    public async Task Pitfall_18_a_remembered_older_state_replaces_no_row()
    {
        var world = await FilledAsync(2);
        await ElsewhereAsync(world, Put(Key(1), 500));
        await using var scope = world.Data.BeginScope();
        Assert.Equal(500, Value(await world.Data.GetAsync(Key(1))));        // which does not meet the filter
        await ElsewhereAsync(world, Put(Key(1), 1));
        Assert.Equal([1, 2], await ValuesAsync(world));
        Assert.Equal(1, Value(await world.Data.GetAsync(Key(1))));
    }

    [Fact]
    public async Task A_scope_around_is_no_hindrance_either()
    {
        var world = await FilledAsync(2);
        await using var outer = world.Data.BeginScope();
        Assert.Null(await world.Data.GetAsync(Key(3)));
        await ElsewhereAsync(world, Put(Key(3), 3));
        await using var inner = world.Data.BeginScope();
        Assert.Equal([1, 2, 3], await ValuesAsync(world));
    }

    [Fact]
    public async Task Only_what_is_remembered_as_older_is_read_again()
    {
        var world = await FilledAsync(5);
        await using var scope = world.Data.BeginScope();
        await world.Data.GetManyAsync(Keys(5));
        await ElsewhereAsync(world, Put(Key(4), 40));
        world.Store.Forget();
        Assert.Equal([1, 2, 3, 40, 5], await ValuesAsync(world));
        Assert.Equal([Key(4)], Assert.Single(world.Store.Statements, statement => statement.Sort == ScriptedSort.Read).Keys);
    }

    [Fact]
    public async Task A_newer_state_that_the_scope_wrote_itself_is_answered()
    {
        var world = await FilledAsync(2);
        await using var scope = world.Data.BeginScope();
        world.Store.Afterwards = async statement =>
        {
            if (statement.Sort == ScriptedSort.Query) await world.Data.WriteAsync(Put(Key(1), 11));
        };
        Assert.Equal([11, 2], await ValuesAsync(world));
    }

    [Fact]
    public async Task What_is_gone_when_it_is_read_is_left_out()
    {
        var world = await FilledAsync(3);
        await using var scope = world.Data.BeginScope();
        world.Store.Afterwards = async statement =>
        {
            if (statement.Sort == ScriptedSort.Query) await ElsewhereAsync(world, new EntityWrite.Delete(Key(2)));
        };
        Assert.Equal([1, 3], await ValuesAsync(world));
    }

    [Fact]
    public async Task A_read_that_was_under_way_before_the_query_is_not_its_answer()
    {
        var world = await FilledAsync(1);
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Store.Afterwards = statement => statement.Sort switch
        {
            ScriptedSort.Read when read.TrySetResult() => found.Task,       // the first read has seen the older state, and its answer is late
            _ => Task.CompletedTask,
        };
        var early = world.Data.GetAsync(Key(1)).AsTask();
        await read.Task;
        await ElsewhereAsync(world, Put(Key(1), 10));
        var rows = ValuesAsync(world);
        await Eventually.Is(() => world.Store.Statements.Any(statement => statement.Sort == ScriptedSort.Query), "the query");
        found.SetResult();
        Assert.Equal([10], await rows);
        Assert.Equal(1, Value(await early));
    }

    [Fact]
    public async Task Inside_a_transaction_rows_are_as_new_and_its_own_writes_are_seen()
    {
        var world = await FilledAsync(3);
        await ElsewhereAsync(world, Put(Key(2), 2));
        var seen = new List<long?[]>();
        await world.Data.TransactAsync(async tx =>
        {
            await tx.GetAsync(Key(1));
            await tx.WriteAsync(Put(Key(2), 20));
            await tx.WriteAsync(new EntityWrite.Delete(Key(3)));
            if (tx.Attempt == 1) await ElsewhereAsync(world, Put(Key(1), 10));
            seen.Add([.. (await tx.Query("Thing").Where(Small).ViaCache().ToListAsync(100)).Select(Value)]);
        });
        Assert.Equal([10, 20], Assert.Single(seen));
    }

    private static async Task<long?[]> ValuesAsync(TransactionWorld world) => [.. (await world.Data.Query("Thing").Where(Small).ViaCache().ToListAsync(100)).Select(Value)];

    private static async Task ElsewhereAsync(TransactionWorld world, EntityWrite write) => await world.Store.WriteManyAsync(Namespace.Default, [write], CancellationToken.None);

    private static async Task<TransactionWorld> FilledAsync(int count)
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteManyAsync([.. Keys(count).Select(key => Put(key, key.Id.Number!.Value))]);
        return world;
    }
}
