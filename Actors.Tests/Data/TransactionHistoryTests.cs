using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>Transfers between accounts by many clients over a store that is slow, fails and leaves commits unknown, under many seeds:
/// money is neither made nor lost, every look at all accounts sees one moment, and each account is a register.</summary>
public sealed class TransactionHistoryTests
{
    private const int Accounts = 4;
    private const int Each = 100;

    [Fact]
    public void Transfers_keep_the_sum_under_every_seed() => TaskSimulation.ForEachSeed(1, FullRun.Of(150, 60), Run);

    [FullFact]
    public void Transfers_keep_the_sum_under_thousands_of_seeds() => TaskSimulation.ForEachSeed(1_000, 2_500, Run);

    [Fact]
    public void Keys_behave_as_registers_whether_by_transactions_or_without() => TaskSimulation.ForEachSeed(1, 150, RunRegisters);

    private static void RunRegisters(TaskSimulation simulation)
    {
        var world = TransactionWorld.In(simulation);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(3)), TimeSpan.FromMilliseconds(simulation.Random.Next(3)));
        world.Store.FailBefore = _ => simulation.Random.Next(15) == 0 ? new StoreUnavailableException() : null;
        world.Store.FailAfter = statement => statement.Sort is ScriptedSort.Commit or ScriptedSort.Write && simulation.Random.Next(10) == 0 ? new CommitUnknownException() : null;
        RegisterHistory[] histories = [new(), new()];
        var next = 0L;
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, 5).Select(_ => simulation.Start(ClientAsync))));
        Assert.All(histories, history => Assert.True(history.IsLinearizable(), history.ToString()));

        async Task ClientAsync()
        {
            for (var step = 0; step < 5; step++)
            {
                await simulation.PauseAsync(simulation.Random.Next(4));
                await OneAsync(simulation.Random.Next(2), simulation.Random.Next(2) == 0, simulation.Random.Next(3) > 0);
            }
        }

        async Task OneAsync(int id, bool isWrite, bool inTransaction)
        {
            var (history, key) = (histories[id], Key(id + 1));
            long? written = isWrite && simulation.Random.Next(4) > 0 ? ++next : null;
            var operation = history.Begin(isWrite, written);
            try
            {
                var read = inTransaction
                    ? await world.Data.TransactAsync(async tx => await StepAsync(tx, key, isWrite, written), new TransactionOptions { ValidateReads = true, MaxAttempts = 10 })
                    : await StepAsync(world.Data, key, isWrite, written);
                history.End(operation, read);
            }
            catch (CommitUnknownException)
            {
                // It may still have taken place.
            }
            catch (Exception away) when (away is StoreUnavailableException or VersionConflictException)
            {
                history.Undo(operation);
            }
        }

        static async Task<long?> StepAsync(IData data, Key key, bool isWrite, long? written)
        {
            if (!isWrite) return Value(await data.GetAsync(key));
            await data.WriteAsync(written is { } value ? Put(key, value) : new EntityWrite.Delete(key));
            return null;
        }
    }

    private static void Run(TaskSimulation simulation)
    {
        var world = TransactionWorld.In(simulation);
        simulation.Run(async () => await world.Data.WriteManyAsync([.. Keys(Accounts).Select(key => Put(key, Each))]));
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(simulation.Random.Next(3)), TimeSpan.FromMilliseconds(simulation.Random.Next(3)));
        world.Store.FailBefore = statement => simulation.Random.Next(15) == 0 ? new StoreUnavailableException() : null;
        world.Store.FailAfter = statement => statement.Sort == ScriptedSort.Commit && simulation.Random.Next(8) == 0 ? new CommitUnknownException() : null;
        var counters = new long[Accounts + 1];
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, 5).Select(_ => simulation.Start(ClientAsync))));
        world.Store.FailBefore = _ => null;
        simulation.Run(async () =>
        {
            var all = await world.Data.GetManyAsync(Keys(Accounts));
            Assert.Equal(Accounts * Each, all.Sum(Value));
            // A transfer that said it took place did so exactly once.
            for (var id = 1; id <= Accounts; id++) Assert.Equal(Each + counters[id], Value(all[id - 1]));
        });

        async Task ClientAsync()
        {
            for (var step = 0; step < 4; step++)
            {
                await simulation.PauseAsync(simulation.Random.Next(4));
                if (simulation.Random.Next(3) == 0) await LookAsync();
                else await TransferAsync(1 + simulation.Random.Next(Accounts), simulation.Random.Next(Accounts - 1), simulation.Random.Next(1, 20));
            }
        }

        async Task TransferAsync(int from, int step, int amount)
        {
            var to = ((from + step) % Accounts) + 1;
            if (to == from) return;
            try
            {
                await world.Data.TransactAsync(
                    async tx =>
                    {
                        var (left, right) = (Value(await tx.GetAsync(Key(from))), Value(await tx.GetAsync(Key(to))));
                        await simulation.PauseAsync(simulation.Random.Next(3));
                        await tx.WriteAsync(Put(Key(from), left!.Value - amount));
                        await tx.WriteAsync(Put(Key(to), right!.Value + amount));
                    },
                    new TransactionOptions { MaxAttempts = 20 });
                counters[from] -= amount;
                counters[to] += amount;
            }
            catch (Exception away) when (away is StoreUnavailableException and not CommitUnknownException or VersionConflictException)
            {
                // Nothing of it took place.
            }
        }

        async Task LookAsync()
        {
            try
            {
                var sum = await world.Data.TransactAsync(async tx => (await tx.GetManyAsync(Keys(Accounts))).Sum(Value), new TransactionOptions { ValidateReads = true, MaxAttempts = 20 });
                Assert.Equal(Accounts * Each, sum);
            }
            catch (Exception away) when (away is StoreUnavailableException or VersionConflictException)
            {
                // It saw nothing that it could vouch for.
            }
        }
    }
}
