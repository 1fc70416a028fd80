using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>What a scope takes over from a transaction inside it: nothing that is older than what it knows, or than what was written in it.</summary>
public sealed class TransactionInScopeTests
{
    [Fact]
    public async Task What_it_read_does_not_replace_what_the_scope_wrote_meanwhile()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        await MeanwhileAsync(world, () => world.Data.WriteAsync(Put(Key(1), 2)).AsTask());
        Assert.Equal(2, Value(await world.Data.GetAsync(Key(1))));
    }

    [Fact]
    public async Task Nor_what_the_scope_removed()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        await MeanwhileAsync(world, () => world.Data.WriteAsync(new EntityWrite.Delete(Key(1))).AsTask());
        Assert.Null(await world.Data.GetAsync(Key(1)));
    }

    [Fact]
    public async Task Nor_does_it_hide_what_a_scope_inside_wrote_meanwhile()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        await MeanwhileAsync(world, async () =>
        {
            await using var inner = world.Data.BeginScope();
            await world.Data.WriteAsync(Put(Key(1), 2));
        });
        Assert.Equal(2, Value(await world.Data.GetAsync(Key(1))));
    }

    [Fact]
    public async Task Nor_what_another_process_wrote_and_the_scope_has_read_since()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        await MeanwhileAsync(world, async () =>
        {
            await ElsewhereAsync(world, Put(Key(1), 2));
            Assert.Equal(2, Value(await world.Data.GetAsync(Key(1))));
        });
        Assert.Equal(2, Value(await world.Data.GetAsync(Key(1))));
    }

    [Fact]
    public async Task Nor_does_a_miss_hide_what_another_process_inserted_and_the_scope_has_read_since()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        await MeanwhileAsync(world, 7, async () =>
        {
            await ElsewhereAsync(world, Put(Key(7), 1));
            Assert.Equal(1, Value(await world.Data.GetAsync(Key(7))));
        });
        Assert.Equal(1, Value(await world.Data.GetAsync(Key(7))));
    }

    [Fact]
    public async Task What_it_read_later_than_the_scope_is_known_there_without_another_statement()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        Assert.Equal(1, Value(await world.Data.GetAsync(Key(1))));
        await ElsewhereAsync(world, Put(Key(1), 2));
        await MeanwhileAsync(world, () => Task.CompletedTask);
        world.Store.Forget();
        Assert.Equal((2L, 1L), (Value(await world.Data.GetAsync(Key(1))), Value(await world.Data.GetAsync(Key(9)))));
        Assert.Equal(0, world.Store.Reads);
    }

    [Fact]
    public async Task What_it_wrote_does_not_replace_what_a_scope_inside_wrote_while_its_commit_came_back()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        world.Store.Afterwards = async statement =>
        {
            if (statement.Sort != ScriptedSort.Commit) return;
            await using var inner = world.Data.BeginScope();
            await world.Data.WriteAsync(Put(Key(1), 6));
        };
        await world.Data.TransactAsync(async tx => await tx.WriteAsync(Put(Key(1), 5)));
        Assert.Equal(6, Value(await world.Data.GetAsync(Key(1))));
    }

    [Fact]
    public async Task A_write_whose_outcome_comes_late_does_not_hide_what_a_transaction_in_a_scope_inside_wrote_since()
    {
        var world = await FilledAsync();
        await using var scope = world.Data.BeginScope();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Store.Afterwards = async statement =>
        {
            if (statement.Sort != ScriptedSort.Write) return;
            written.TrySetResult();
            await heard.Task;
        };
        var put = world.Data.WriteAsync(Put(Key(1), 2));
        await written.Task;
        await using (world.Data.BeginScope()) await world.Data.TransactAsync(async tx => await tx.WriteAsync(Put(Key(1), Value(await tx.GetAsync(Key(1))) + 1 ?? 0)));
        heard.SetResult();
        await put;
        Assert.Equal(3, Value(await world.Data.GetAsync(Key(1))));
    }

    [Fact]
    public void Nor_does_a_scope_inside_keep_what_a_transaction_wrote_before_a_write_called_around_it_took_place()
    {
        var simulation = new TaskSimulation(1);
        var world = TransactionWorld.In(simulation);
        world.Store.Delay = statement => (statement.Sort == ScriptedSort.Write ? TimeSpan.FromMilliseconds(50) : TimeSpan.Zero, TimeSpan.Zero);
        simulation.Run(async () =>
        {
            await using var scope = world.Data.BeginScope();
            var put = world.Data.WriteAsync(Put(Key(1), 2));
            await using var inner = world.Data.BeginScope();
            await world.Data.TransactAsync(async tx => await tx.WriteAsync(Put(Key(1), 5)));
            await put;
            Assert.Equal((2L, 2L), (await world.StoredAsync(1), Value(await world.Data.GetAsync(Key(1)))));
        });
    }

    [Fact]
    public void What_a_scope_has_seen_is_not_followed_by_what_another_read_of_it_brings_late()
    {
        var simulation = new TaskSimulation(1);
        var world = TransactionWorld.In(simulation);
        simulation.Run(async () =>
        {
            await world.Store.WriteManyAsync(Namespace.Default, [Put(Key(1), 1)], CancellationToken.None);
            var reads = 0;
            world.Store.Delay = statement => statement.Sort != ScriptedSort.Read ? default
                : ++reads == 1 ? (TimeSpan.FromMilliseconds(50), TimeSpan.Zero) : (TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
            await using var scope = world.Data.BeginScope();
            var first = world.Data.GetAsync(Key(1));                       // reaches the store last
            await simulation.PauseAsync(10);
            world.Service.Fence.Raise(Key(1));                             // so nobody joins it
            var second = world.Data.GetAsync(Key(1));
            await simulation.PauseAsync(10);
            await world.Store.WriteManyAsync(Namespace.Default, [Put(Key(1), 2)], CancellationToken.None);
            Assert.Equal((1L, 2L), (Value(await second), Value(await first)));
            Assert.Equal(2, Value(await world.Data.GetAsync(Key(1))));
        });
    }

    /// <summary>A transaction reads an entity and writes another; between the two something else takes place.</summary>
    private static Task MeanwhileAsync(TransactionWorld world, Func<Task> meanwhile) => MeanwhileAsync(world, 1, meanwhile);

    private static async Task MeanwhileAsync(TransactionWorld world, int id, Func<Task> meanwhile)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transaction = world.Data.TransactAsync(async tx =>
        {
            await tx.GetAsync(Key(id));
            read.TrySetResult();
            await done.Task;
            await tx.WriteAsync(Put(Key(9), 1));
        });
        await read.Task;
        await meanwhile();
        done.SetResult();
        await transaction;
        Assert.Equal(1, world.Commits);
    }

    private static async Task ElsewhereAsync(TransactionWorld world, EntityWrite write) => await world.Store.WriteManyAsync(Namespace.Default, [write], CancellationToken.None);

    private static async Task<TransactionWorld> FilledAsync()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteAsync(Put(Key(1), 1));
        return world;
    }
}
