using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

/// <summary>Gets, puts and deletes of few keys by many clients, through pipelines and scopes, over a store that is slow and fails, under many seeds.</summary>
public sealed class LinearizabilityTests
{
    private const int Keys = 3;
    private const int Clients = 6;

    [Fact]
    public void Few_keys_behave_as_registers() => TaskSimulation.ForEachSeed(1, FullRun.Of(250, 100), Run);

    [FullFact]
    public void Few_keys_behave_as_registers_under_five_thousand_seeds() => TaskSimulation.ForEachSeed(1_000, 5_000, Run);

    [Fact]
    public void The_checker_finds_a_stale_read()
    {
        var history = new RegisterHistory();
        history.End(history.Begin(isWrite: true, 1));
        history.End(history.Begin(isWrite: true, 2));
        Assert.True(history.IsLinearizable());
        history.End(history.Begin(isWrite: false), read: 1);
        Assert.False(history.IsLinearizable());
    }

    [Fact]
    public void The_checker_lets_a_lost_write_take_place_late_or_never()
    {
        var history = new RegisterHistory();
        history.End(history.Begin(isWrite: true, 1));
        history.Begin(isWrite: true, 2);
        history.End(history.Begin(isWrite: false), read: 1);
        Assert.True(history.IsLinearizable());
        history.End(history.Begin(isWrite: false), read: 2);
        Assert.True(history.IsLinearizable());
        history.End(history.Begin(isWrite: false), read: 1);
        Assert.False(history.IsLinearizable());
    }

    [Fact]
    public void The_checker_lets_a_write_that_was_given_up_take_place_before_its_end_or_never()
    {
        var history = new RegisterHistory();
        history.End(history.Begin(isWrite: true, 1));
        var left = history.Begin(isWrite: true, 2);
        history.EndIfAtAll(left);
        Assert.True(history.IsLinearizable());
        history.End(history.Begin(isWrite: false), read: 1);
        Assert.True(history.IsLinearizable());
        history.End(history.Begin(isWrite: false), read: 2);
        Assert.False(history.IsLinearizable());
    }

    private static void Run(TaskSimulation simulation)
    {
        var world = DataWorld.In(simulation, limits: new EntityStoreLimits("plain", Slots: 1 + simulation.Random.Next(4), MaxReadBatch: 2, MaxWriteBatch: 2));
        world.Store.Delay = _ => (Pause(simulation), Pause(simulation));
        world.Store.FailBefore = _ => simulation.Random.Next(12) == 0 ? new StoreUnavailableException() : simulation.Random.Next(20) == 0 ? new EntityFaultException("poison") : null;
        world.Store.FailAfter = statement => simulation.Random.Next(12) != 0 ? null
            : statement.Sort == ScriptedSort.Read ? new StoreUnavailableException() : new CommitUnknownException();
        var histories = Enumerable.Range(0, Keys).Select(_ => new RegisterHistory()).ToArray();
        var next = 0L;
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => simulation.Start(ClientAsync))));
        Assert.All(histories, history => Assert.True(history.IsLinearizable(), history.ToString()));

        async Task ClientAsync()
        {
            for (var step = 0; step < 5; step++)
            {
                await simulation.PauseAsync(simulation.Random.Next(4));
                var id = simulation.Random.Next(Keys);
                if (simulation.Random.Next(2) == 0) await OneAsync(id);
                else await InScopeAsync(id);
            }
        }

        // A scope remembers: only its first read of a key is one of the register. Afterwards it sees what it saw, or what it wrote.
        async Task InScopeAsync(int id)
        {
            var scope = world.Data.BeginScope();
            var seen = await OneAsync(id);
            if (seen is { } value && simulation.Random.Next(2) == 0)
            {
                await simulation.PauseAsync(simulation.Random.Next(3));
                // What a write elsewhere had overtaken was not remembered, and is read again.
                var hits = scope.Usage.Hits;
                var again = world.Data.GetAsync(Key(id));
                var remembered = scope.Usage.Hits > hits;
                try
                {
                    var later = DataWorld.Value(await again);
                    if (remembered) Assert.Equal(value.Value, later);
                }
                catch (Exception failure) when (failure is StoreUnavailableException or EntityFaultException)
                {
                    Assert.False(remembered);
                }
            }
            await scope.DisposeAsync();
        }

        async Task<(long? Value, bool _)?> OneAsync(int id)
        {
            var history = histories[id];
            var choice = simulation.Random.Next(5);
            var isWrite = choice < 2;
            var written = choice == 0 ? (long?)null : ++next;
            var operation = history.Begin(isWrite, written);
            try
            {
                if (isWrite)
                {
                    await world.Data.WriteAsync(written is { } value ? DataWorld.Put(Key(id), value) : new EntityWrite.Delete(Key(id)));
                    history.End(operation);
                    return (written, true);
                }
                var read = choice == 2 ? (await world.Data.GetManyAsync([Key(id), Key((id + 1) % Keys)]))[0] : await world.Data.GetAsync(Key(id));
                history.End(operation, DataWorld.Value(read));
                return (DataWorld.Value(read), true);
            }
            catch (CommitUnknownException)
            {
                return null;               // it may still have taken place
            }
            catch (Exception failure) when (failure is StoreUnavailableException or EntityFaultException)
            {
                history.Undo(operation);   // nothing changed, nothing was learned
                return null;
            }
        }
    }

    private static Key Key(int id) => DataWorld.Key(id + 1);

    private static TimeSpan Pause(TaskSimulation simulation) => TimeSpan.FromMilliseconds(simulation.Random.Next(3));
}
