using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>Transactions: all or nothing, what they see, whom they meet, and what is left of them.</summary>
public sealed class TransactionTests
{
    [Fact]
    public async Task Writes_wait_for_the_end_and_take_place_in_one_commit()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(1), 10));
            await tx.WriteAsync(Put(Key(2), 20));
            Assert.Null(await world.StoredAsync(1));
            Assert.Equal(0, world.Commits);
        });
        Assert.Equal((1, 10L, 20L), (world.Commits, await world.StoredAsync(1), await world.StoredAsync(2)));
        Assert.Equal(0, world.Store.Writes);
    }

    [Fact]
    public async Task A_transaction_sees_its_own_writes_and_nobody_else_does()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteAsync(Put(Key(1), 1));
        await world.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(1), 5));
            Assert.Equal(5, Value(await tx.GetAsync(Key(1))));
            Assert.Equal([5, null], (await tx.GetManyAsync([Key(1), Key(2)])).Select(Value));
            await tx.WriteAsync(new EntityWrite.Delete(Key(1)));
            Assert.Null(await tx.GetAsync(Key(1)));
            Assert.Equal(1, await world.StoredAsync(1));
        });
        Assert.Null(await world.StoredAsync(1));
    }

    [Fact]
    public async Task Ordinary_calls_inside_the_body_belong_to_it()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.TransactAsync(async tx =>
        {
            await world.Data.WriteAsync(Put(Key(1), 5));
            Assert.Equal(5, Value(await world.Data.GetAsync(Key(1))));
            await using var inner = world.Data.BeginScope();
            Assert.Equal(5, Value(await world.Data.GetAsync(Key(1))));
            using (world.Data.SuppressTransaction()) Assert.Null(await world.Data.GetAsync(Key(1)));
            Assert.Equal(5, Value(await world.Data.GetAsync(Key(1))));
        });
        Assert.Equal(5, await world.StoredAsync(1));
        Assert.Null(DataTransaction.Current);
    }

    [Fact]
    public async Task No_update_is_lost()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteAsync(Put(Key(1), 1));
        var tries = 0;
        await world.AddAsync(1, between: async () =>
        {
            if (++tries == 1) await world.Store.WriteManyAsync(Namespace.Default, [Put(Key(1), 100)], CancellationToken.None);
        });
        Assert.Equal((2, 101L), (tries, await world.StoredAsync(1)));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Of_two_doctors_one_stays_on_call_where_reads_are_validated(bool validate, int left)
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteManyAsync([Put(Key(1), 1), Put(Key(2), 1)]);
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        await Task.WhenAll(LeaveAsync(1), LeaveAsync(2));
        Assert.Equal(left, await world.StoredAsync(1) + await world.StoredAsync(2));

        async Task LeaveAsync(int self) => await world.Data.TransactAsync(
            async tx =>
            {
                var onCall = (await tx.GetManyAsync([Key(1), Key(2)])).Sum(Value);
                if (Interlocked.Increment(ref arrived) == 2) both.SetResult();
                await both.Task;
                if (onCall == 2) await tx.WriteAsync(Put(Key(self), 0));
            },
            new TransactionOptions { ValidateReads = validate });
    }

    [Fact]
    public async Task A_counter_of_32_callers_ends_exact_and_in_about_as_many_commits()
    {
        var world = TransactionWorld.OnThreads();
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => world.AddAsync(1)));
        Assert.Equal(32, await world.StoredAsync(1));
        Assert.InRange(world.Commits, 32, 32 * 3);
    }

    [Fact]
    public void A_hot_counter_ends_exact_under_every_seed() => TaskSimulation.ForEachSeed(1, 60, simulation =>
    {
        var world = TransactionWorld.In(simulation);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(4)), TimeSpan.FromMilliseconds(simulation.Random.Next(4)));
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, 12).Select(_ => simulation.Start(async () =>
        {
            await simulation.PauseAsync(simulation.Random.Next(20));
            await world.AddAsync(1);
        }))));
        simulation.Run(async () => Assert.Equal(12, await world.StoredAsync(1)));
        Assert.Equal(0, simulation.Scheduler.FromOtherThreads);
    });

    [Fact]
    public async Task It_gives_up_after_its_tries_and_says_where_others_were_in_the_way()
    {
        var world = TransactionWorld.OnThreads();
        var tries = 0;
        var conflict = await Assert.ThrowsAsync<VersionConflictException>(() => world.AddAsync(1, new TransactionOptions { MaxAttempts = 3 }, async () =>
        {
            tries++;
            await world.Store.WriteManyAsync(Namespace.Default, [Put(Key(1), tries)], CancellationToken.None);
        }));
        Assert.Equal(3, tries);
        Assert.Equal([Key(1)], conflict.Keys);
        Assert.Contains("Thing/1", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_retry_reads_is_read_anew()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteManyAsync([Put(Key(1), 1), Put(Key(2), 2)]);
        var seen = new List<long?>();
        await using var scope = world.Data.BeginScope();
        Assert.Equal(1, Value(await world.Data.GetAsync(Key(1))));
        await world.Data.TransactAsync(async tx =>
        {
            seen.Add(Value(await tx.GetAsync(Key(1))));
            await tx.WriteAsync(Put(Key(1), 50));
            if (tx.Attempt == 1) await world.Store.WriteManyAsync(Namespace.Default, [Put(Key(1), 7)], CancellationToken.None);
        });
        Assert.Equal([1, 7], seen);
        world.Store.Forget();
        Assert.Equal(50, Value(await world.Data.GetAsync(Key(1))));        // merged into the scope around
        Assert.Equal(0, world.Store.Reads);
    }

    [Fact]
    public async Task Writes_of_the_scope_around_take_place_first()
    {
        var world = TransactionWorld.OnThreads();
        await using var scope = world.Data.BeginScope();
        var writing = world.Data.WriteAsync(Put(Key(1), 3));
        Assert.Equal(3, await world.Data.TransactAsync(async tx => Value(await tx.GetAsync(Key(1)))));
        await writing;
        Assert.Equal(ScriptedSort.Write, world.Store.Statements[0].Sort);
    }

    [Fact]
    public async Task Rolled_back_nothing_takes_place_and_nothing_is_thrown()
    {
        var world = TransactionWorld.OnThreads();
        var after = 0;
        var took = await world.Data.TransactAsync(async tx =>
        {
            tx.AfterCommit(() => Task.FromResult(after++));
            await tx.WriteAsync(Put(Key(1), 1));
            tx.Rollback();
        });
        Assert.Equal((false, 0, 0), (took, after, world.Commits));
        Assert.Equal("no", await world.Data.TransactAsync(tx =>
        {
            tx.Rollback();
            return Task.FromResult("no");
        }));
    }

    [Fact]
    public async Task A_body_that_throws_leaves_nothing()
    {
        var world = TransactionWorld.OnThreads();
        await Assert.ThrowsAsync<FormatException>(() => world.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(1), 1));
            throw new FormatException();
        }));
        Assert.Equal(0, world.Commits);
    }

    [Fact]
    public async Task After_its_end_and_after_it_was_cancelled_nothing_is_written()
    {
        var world = TransactionWorld.OnThreads();
        DataTransaction? kept = null;
        await world.Data.TransactAsync(tx =>
        {
            kept = tx;
            return Task.CompletedTask;
        });
        Assert.Throws<InvalidOperationException>(() => { _ = kept!.WriteAsync(Put(Key(1), 1)).AsTask(); });
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Data.TransactAsync(
            async tx =>
            {
                await tx.WriteAsync(Put(Key(1), 1));
                await stop.CancelAsync();
                await tx.WriteAsync(Put(Key(2), 1));
            },
            ct: stop.Token));
        Assert.Equal(0, world.Commits);
    }

    [Fact]
    public async Task All_actions_for_afterwards_run_outside_and_their_failures_are_told_together()
    {
        var world = TransactionWorld.OnThreads();
        var ran = new List<string>();
        var failure = await Assert.ThrowsAsync<AfterCommitException>(() => world.Data.TransactAsync(async tx =>
        {
            await tx.WriteAsync(Put(Key(1), 1));
            tx.AfterCommit(() => throw new FormatException("first"));
            tx.AfterCommit(async () =>
            {
                Assert.Null(DataTransaction.Current);
                ran.Add($"second saw {Value(await world.Data.GetAsync(Key(1)))}");
            });
            tx.AfterCommit(() => Task.FromException(new FormatException("third")));
        }));
        Assert.Equal(["second saw 1"], ran);
        Assert.Equal(["first", "third"], failure.InnerExceptions.Select(inner => inner.Message));
        Assert.Equal(1, await world.StoredAsync(1));
    }

    [Fact]
    public async Task Inside_another_one_it_joins_stands_alone_or_is_refused_as_asked()
    {
        var world = TransactionWorld.OnThreads();
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.AddAsync(1, new TransactionOptions { Nesting = TransactionNesting.Mandatory }));
        await world.Data.TransactAsync(async tx =>
        {
            await world.AddAsync(1);
            await world.AddAsync(1, new TransactionOptions { Nesting = TransactionNesting.Mandatory });
            Assert.Equal(2, Value(await tx.GetAsync(Key(1))));
            await world.AddAsync(2, new TransactionOptions { Nesting = TransactionNesting.RequireNew });
            Assert.Equal(1, await world.StoredAsync(2));
            await Assert.ThrowsAsync<InvalidOperationException>(() => world.AddAsync(3, new TransactionOptions { Nesting = TransactionNesting.Never }));
            tx.Rollback();
        });
        Assert.Equal((null, 1L), (await world.StoredAsync(1), await world.StoredAsync(2)));
    }

    [Fact]
    public async Task Inserts_and_updates_say_at_the_await_what_is_wrong_and_without_one_at_the_end()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteAsync(Put(Key(1), 1));
        var body = await world.Data.TransactAsync(async tx =>
        {
            await Assert.ThrowsAsync<EntityStateException>(async () => await tx.WriteAsync(new EntityWrite.Update(Key(2), Json(1))));
            await tx.GetAsync(Key(1));
            await Assert.ThrowsAsync<EntityStateException>(async () => await tx.WriteAsync(new EntityWrite.Insert(Key(1), Json(1))));
            await tx.WriteAsync(new EntityWrite.Insert(Key(3), Json(3)));
            return "done";
        });
        Assert.Equal(("done", 3L), (body, await world.StoredAsync(3)));
        var tries = 0;
        await Assert.ThrowsAsync<EntityStateException>(() => world.Data.TransactAsync(tx =>
        {
            tries++;
            _ = tx.WriteAsync(new EntityWrite.Insert(Key(1), Json(9)));
            return Task.CompletedTask;
        }));
        await Assert.ThrowsAsync<EntityStateException>(() => world.Data.TransactAsync(tx =>
        {
            _ = tx.WriteAsync(new EntityWrite.Update(Key(2), Json(9)));
            return Task.CompletedTask;
        }));
        Assert.Equal((1, 1L), (tries, await world.StoredAsync(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unknown_commit_is_settled_before_anything_is_tried_again(bool tookPlace)
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteAsync(Put(Key(1), 1));
        var lost = 0;
        Exception? Lose(ScriptedStatement statement) => statement.Sort == ScriptedSort.Commit && lost++ == 0 ? new CommitUnknownException() : null;
        if (tookPlace) world.Store.FailAfter = Lose;
        else world.Store.FailBefore = Lose;
        var bodies = 0;
        await world.AddAsync(1, between: () => Task.FromResult(bodies++));
        Assert.Equal((1, 2L, tookPlace ? 1 : 2), (bodies, await world.StoredAsync(1), world.Commits));
    }

    [Fact]
    public async Task A_commit_that_comes_through_late_is_not_done_twice()
    {
        var world = TransactionWorld.OnThreads();
        var commits = 0;
        // The first one takes place, but nobody can tell yet: the marker is asked for, and comes to light only at the second commit.
        world.Store.FailAfter = statement => statement.Sort == ScriptedSort.Commit && ++commits == 1 ? new CommitUnknownException() : null;
        var asked = 0;
        world.Store.FailBefore = statement => statement.Sort == ScriptedSort.Other && asked++ < 2 ? new ActorPerf.Cluster.StoreUnavailableException() : null;
        await world.AddAsync(1);
        Assert.Equal(1, await world.StoredAsync(1));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task The_store_being_away_for_a_moment_is_waited_out()
    {
        var world = TransactionWorld.OnThreads();
        var failures = 2;
        world.Store.FailBefore = statement => statement.Sort == ScriptedSort.Commit && failures-- > 0 ? new ActorPerf.Cluster.StoreUnavailableException() : null;
        await world.AddAsync(1);
        Assert.Equal((1L, 3), (await world.StoredAsync(1), world.Commits));
    }

    [Fact]
    public async Task Its_reads_share_statements_among_themselves_and_with_nobody_else()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.TransactAsync(async tx =>
        {
            var fifty = Keys(50);
            await fifty.MapAsync((key, ct) => tx.GetAsync(key, ct));
        });
        Assert.Equal(1, world.Store.Reads);
    }

    [Fact]
    public async Task What_a_query_showed_is_checked_when_it_is_written()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.WriteManyAsync([Put(Key(1), 1), Put(Key(2), 2)]);
        var tries = 0;
        await world.Data.TransactAsync(async tx =>
        {
            var all = await tx.Query("Thing").ToListAsync(10);
            if (++tries == 1) await world.Store.WriteManyAsync(Namespace.Default, [Put(Key(1), 10)], CancellationToken.None);
            foreach (var thing in all) await tx.WriteAsync(Put(thing.Key, Value(thing)!.Value + 1));
        });
        Assert.Equal((2, 11L, 3L), (tries, await world.StoredAsync(1), await world.StoredAsync(2)));
    }

    [Fact]
    public async Task A_key_of_another_namespace_is_refused_at_the_call()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.TransactAsync(tx =>
        {
            Assert.Throws<ArgumentException>(() => { _ = tx.GetAsync(Key(1, "other")).AsTask(); });
            return Task.CompletedTask;
        });
        await world.Data.TransactAsync(async tx => await tx.WriteAsync(Put(Key(1, "other"), 1)), new TransactionOptions { Namespace = Namespace.Parse("other") });
        Assert.Equal(1, world.Commits);
    }
}
