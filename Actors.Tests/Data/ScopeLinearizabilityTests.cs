using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Data;

/// <summary>Gets and puts of few keys by many clients in scopes inside scopes, with calls that are given up, writes that nobody awaits and transactions between them, over a store that is slow and
/// fails, under many seeds. Each key is a register; and what a client sees of a key never goes back.</summary>
public sealed class ScopeLinearizabilityTests
{
    private const int Keys = 3;
    private const int Clients = 4;

    [Fact]
    public void Few_keys_behave_as_registers_in_scopes() => TaskSimulation.ForEachSeed(1, FullRun.Of(250, 100), Run);

    [FullFact]
    public void Few_keys_behave_as_registers_in_scopes_under_five_thousand_seeds() => TaskSimulation.ForEachSeed(1_000, 5_000, Run);

    private static void Run(TaskSimulation simulation)
    {
        var world = TransactionWorld.In(simulation, limits: new EntityStoreLimits("plain", Slots: 1 + simulation.Random.Next(4), MaxReadBatch: 2, MaxWriteBatch: 2));
        world.Store.Delay = _ => (Pause(simulation), Pause(simulation));
        world.Store.FailBefore = statement => simulation.Random.Next(12) == 0 ? new StoreUnavailableException()
            : statement.Sort != ScriptedSort.Other && simulation.Random.Next(20) == 0 ? new EntityFaultException("poison") : null;
        world.Store.FailAfter = statement => simulation.Random.Next(12) != 0 ? null
            : statement.Sort is ScriptedSort.Write or ScriptedSort.Commit ? new CommitUnknownException() : new StoreUnavailableException();
        var registers = Enumerable.Range(0, Keys).Select(_ => new RegisterHistory()).ToArray();
        var next = 0L;
        simulation.Run(() => Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => simulation.Start(() => new Client(simulation, world.Data, registers, () => ++next).RunAsync()))));
        Assert.All(registers, register => Assert.True(register.IsLinearizable(), register.ToString()));
    }

    private static Key Key(int id) => DataWorld.Key(id + 1);

    private static TimeSpan Pause(TaskSimulation simulation) => TimeSpan.FromMilliseconds(simulation.Random.Next(3));

    private sealed class Client(TaskSimulation simulation, IData data, RegisterHistory[] registers, Func<long> next)
    {
        private readonly Random _random = simulation.Random;
        private readonly Stack<DataScope> _scopes = new();
        private readonly Stack<List<(RegisterHistory Register, RegisterHistory.Operation Write)>> _left = new();     // writes given up, by scope
        private readonly long[] _seen = new long[Keys];                    // the highest version of each key
        private readonly Task<long>[] _puts = [.. Enumerable.Repeat(Task.FromResult(0L), Keys)];     // the last one of each key, with the version it led to
        private readonly List<Task> _started = [];                         // that nobody awaits before the scope is left

        public async Task RunAsync()
        {
            for (var step = 0; step < 2; step++)
            {
                await simulation.PauseAsync(_random.Next(4));
                await InScopeAsync(depth: 0);
            }
        }

        private async Task InScopeAsync(int depth)
        {
            var scope = data.BeginScope();
            _scopes.Push(scope);
            _left.Push([]);
            for (var step = 0; step < 3; step++)
            {
                var id = _random.Next(Keys);
                switch (_random.Next(9))
                {
                    case 0 or 1: await GetAsync(id); break;
                    case 2: await Put(id); break;
                    case 3: _started.Add(Put(id)); break;
                    case 4:
                        _started.Add(GetAsync(id));
                        _started.Add(Put(id));
                        await GetAsync(id);
                        break;
                    case 5: await GivenUpAsync(id); break;
                    case 6 when depth < 2: await InScopeAsync(depth + 1); break;
                    case 7: await TransactAsync(id); break;
                    default: await simulation.PauseAsync(_random.Next(3)); break;
                }
            }
            _scopes.Pop();
            await scope.DisposeAsync();
            // Leaving has awaited every write that was started: those given up have taken place by now, or never will.
            foreach (var (register, write) in _left.Pop()) register.EndIfAtAll(write);
            await Task.WhenAll(_started);
            _started.Clear();
        }

        // A scope remembers: then it is no read of the register, and only bound not to go back.
        private async Task GetAsync(int id)
        {
            DataScope[] scopes = [.. _scopes];
            var hits = scopes.Sum(scope => scope.Usage.Hits);
            var (seen, put, operation) = (_seen[id], _puts[id], registers[id].Begin(isWrite: false));
            try
            {
                var entity = await data.GetAsync(Key(id));
                Saw(id, entity?.Version ?? 0, Math.Max(seen, await put));
                if (scopes.Sum(scope => scope.Usage.Hits) > hits) registers[id].Undo(operation);
                else registers[id].End(operation, DataWorld.Value(entity));
            }
            catch (Exception failure) when (failure is StoreUnavailableException or EntityFaultException or OperationCanceledException)
            {
                registers[id].Undo(operation);
            }
        }

        private Task<long> Put(int id, CancellationToken ct = default) => _puts[id] = PutAsync(id, ct);

        /// <returns>The version that it led to; 0 where that is not known, or it did not take place.</returns>
        private async Task<long> PutAsync(int id, CancellationToken ct)
        {
            var left = _left.Peek();
            var value = next();
            var (seen, operation) = (_seen[id], registers[id].Begin(isWrite: true, value));
            try
            {
                var entity = await data.WriteAsync(DataWorld.Put(Key(id), value), ct);
                registers[id].End(operation);
                Saw(id, entity!.Version, seen);
                return entity.Version;
            }
            catch (CommitUnknownException)
            {
                // It may still have taken place.
            }
            catch (OperationCanceledException)
            {
                left.Add((registers[id], operation));
            }
            catch (Exception failure) when (failure is StoreUnavailableException or EntityFaultException)
            {
                registers[id].Undo(operation);
            }
            return 0;
        }

        /// <summary>A put that is cancelled at some moment, perhaps behind a get.</summary>
        private async Task GivenUpAsync(int id)
        {
            using var leaving = new CancellationTokenSource();
            if (_random.Next(2) == 0) _started.Add(GetAsync(id));
            var put = Put(id, leaving.Token);
            if (_random.Next(3) > 0) await simulation.PauseAsync(_random.Next(6));
            leaving.Cancel();
            await put;
            await GetAsync(id);
        }

        private async Task TransactAsync(int id)
        {
            var (value, stood) = (next(), 0L);
            var (seen, operation) = (_seen[id], registers[id].Begin(isWrite: true, value));
            try
            {
                await data.TransactAsync(async tx =>
                {
                    // Reads of a transaction are never answered from the scopes around it.
                    var read = registers[id].Begin(isWrite: false);
                    try
                    {
                        var entity = await tx.GetAsync(Key(id));
                        registers[id].End(read, DataWorld.Value(entity));
                        stood = entity?.Version ?? 0;
                        Assert.True(stood >= seen, $"A transaction saw version {stood} of {Key(id)} after version {seen}.");
                    }
                    catch (Exception failure) when (failure is StoreUnavailableException or EntityFaultException)
                    {
                        registers[id].Undo(read);
                        throw;
                    }
                    await tx.WriteAsync(DataWorld.Put(Key(id), value));
                });
                registers[id].End(operation);
                Saw(id, stood + 1, seen);
            }
            catch (CommitUnknownException)
            {
                // It may still have taken place.
            }
            catch (Exception failure) when (failure is StoreUnavailableException or EntityFaultException or VersionConflictException)
            {
                registers[id].Undo(operation);
            }
        }

        /// <param name="before">What was seen when the call began.</param>
        private void Saw(int id, long version, long before)
        {
            Assert.True(version >= before, $"{Key(id)} went back from version {before} to {version}.");
            _seen[id] = Math.Max(_seen[id], version);
        }
    }
}
