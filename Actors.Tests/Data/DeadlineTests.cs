using ActorPerf.Data;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.ThingKinds;

namespace ActorPerf.Tests.Data;

/// <summary>Nobody waits beyond the deadline of a scope, nor beyond the time of a statement.</summary>
public sealed class DeadlineTests
{
    private static readonly Key K = DataWorld.Key(1);

    public static TheoryData<string> Operations => new(All.Keys);

    /// <summary>All but transactions: from its commit on whoever called one learns what became of it.</summary>
    public static TheoryData<string> Statements => new(All.Keys.Where(name => name != "transaction"));

    private static readonly Dictionary<string, Func<IData, CancellationToken, Task>> All = new()
    {
        ["get"] = async (data, ct) => await data.GetAsync(K, ct),
        ["get many"] = async (data, ct) => await data.GetManyAsync([K, DataWorld.Key(2)], ct),
        ["write"] = async (data, ct) => await data.WriteAsync(DataWorld.Put(K, 2), ct),
        ["write many"] = async (data, ct) => await data.WriteManyAsync([DataWorld.Put(K, 2), DataWorld.Put(DataWorld.Key(2), 2)], ct),
        ["query"] = async (data, ct) => await data.QueryPageAsync(new EntityQuery(K.Namespace, K.Kind), ct),
        ["count"] = async (data, ct) => await data.CountAsync(K.Kind, ct: ct),
        ["kinds"] = async (data, ct) => await data.KindsAsync(ct),
        ["allocate"] = async (data, ct) => await data.AllocateAsync(K.Kind, ct: ct),
        ["allocate many"] = async (data, ct) => await data.AllocateAsync(K.Kind, 50_000, ct),
        ["commit"] = async (data, ct) => await data.CommitAsync(new EntityCommit(Guid.NewGuid(), [], [DataWorld.Put(K, 2)]), ct),
        ["transaction"] = (data, ct) => data.TransactAsync(async tx => await tx.WriteAsync(DataWorld.Put(K, 2)), ct: ct),
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void What_is_called_after_the_deadline_is_refused_and_asks_nothing_of_the_store(string operation) => In(async (simulation, world) =>
    {
        await using var scope = world.Data.BeginScope(In(simulation, 50));
        Assert.Null(await world.Data.GetAsync(K));
        await world.Data.AllocateAsync(K.Kind);
        await simulation.PauseAsync(100);
        world.Store.Forget();
        var late = await Assert.ThrowsAsync<TimeoutException>(() => All[operation](world.Data, CancellationToken.None));
        Assert.Contains($"The deadline of the request ({scope.Deadline:O}) has passed", late.Message, StringComparison.Ordinal);
        Assert.Empty(world.Store.Statements);
    });

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_scope_that_begins_after_its_deadline_takes_nothing(string operation) => In(async (simulation, world) =>
    {
        await using (world.Data.BeginScope(In(simulation, 0)))
            await Assert.ThrowsAsync<TimeoutException>(() => All[operation](world.Data, CancellationToken.None));
        Assert.Empty(world.Store.Statements);
    });

    [Theory]
    [MemberData(nameof(Statements))]
    public void What_is_under_way_at_the_deadline_is_given_up_then(string operation) => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMinutes(10), TimeSpan.Zero);
        var start = simulation.Time.GetUtcNow();
        var scope = world.Data.BeginScope(In(simulation, 2_000));
        var late = await Assert.ThrowsAsync<TimeoutException>(() => All[operation](world.Data, CancellationToken.None));
        Assert.Contains($"The deadline of the request ({scope.Deadline:O}) has passed", late.Message, StringComparison.Ordinal);
        Assert.Equal(2, (simulation.Time.GetUtcNow() - start).TotalSeconds);
    }, new DataOptions { StatementTimeout = TimeSpan.FromHours(1) });

    [Theory]
    [MemberData(nameof(Statements))]
    public void What_the_store_does_not_answer_is_given_up_after_the_statements_time(string operation) => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMinutes(10), TimeSpan.Zero);
        var start = simulation.Time.GetUtcNow();
        await using var scope = world.Data.BeginScope(In(simulation, 5_000));
        var late = await Assert.ThrowsAnyAsync<Exception>(() => All[operation](world.Data, CancellationToken.None));
        Assert.True(late is TimeoutException or CommitUnknownException, late.ToString());
        Assert.Equal(2, (simulation.Time.GetUtcNow() - start).TotalSeconds);
    }, new DataOptions { StatementTimeout = TimeSpan.FromSeconds(2) });

    [Theory]
    [MemberData(nameof(Statements))]
    public void Who_leaves_hears_of_its_own_token_and_of_no_deadline(string operation) => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMinutes(10), TimeSpan.Zero);
        using var leaving = new CancellationTokenSource();
        var asked = All[operation](world.Data, leaving.Token);
        await simulation.PauseAsync();
        leaving.Cancel();
        var left = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(leaving.Token, left.CancellationToken);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_get_behind_an_own_write_that_was_sent_waits_no_longer_than_the_deadline(bool many) => In(async (simulation, world) =>
    {
        world.Store.Delay = _ => (TimeSpan.FromMinutes(10), TimeSpan.Zero);
        var start = simulation.Time.GetUtcNow();
        var scope = world.Data.BeginScope(In(simulation, 2_000));
        var put = world.Data.WriteAsync(DataWorld.Put(K, 2));
        await simulation.PauseAsync();
        Task get = many ? ReadManyAsync() : ReadAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => get);
        await Assert.ThrowsAsync<TimeoutException>(async () => await put);
        Assert.Equal(2, (simulation.Time.GetUtcNow() - start).TotalSeconds);
        await Assert.ThrowsAsync<TimeoutException>(async () => await scope.DisposeAsync());

        async Task ReadAsync() => await world.Data.GetAsync(K);

        async Task ReadManyAsync() => await world.Data.GetManyAsync([K, DataWorld.Key(2)]);
    }, new DataOptions { StatementTimeout = TimeSpan.FromHours(1) });

    [Fact]
    public void A_transaction_whose_body_ends_after_the_deadline_does_not_take_place() => In(async (simulation, world) =>
    {
        await using (world.Data.BeginScope(In(simulation, 50)))
        {
            await Assert.ThrowsAsync<TimeoutException>(() => world.Data.TransactAsync(async tx =>
            {
                await tx.WriteAsync(DataWorld.Put(K, 2));
                await simulation.PauseAsync(100);
            }));
        }
        Assert.Empty(world.Store.Statements);
    });

    [Fact]
    public void A_write_refused_after_the_deadline_that_nobody_awaits_fails_its_scope() => In(async (simulation, world) =>
    {
        var scope = world.Data.BeginScope(In(simulation, 50));
        await simulation.PauseAsync(100);
        _ = world.Data.PutAsync(Things, 1, new Thing(1));
        var unseen = await Assert.ThrowsAsync<UnawaitedWritesException>(async () => await scope.DisposeAsync());
        Assert.IsType<TimeoutException>(Assert.Single(unseen.InnerExceptions));
    });

    [Fact]
    public void What_a_scope_waits_for_is_heard_of_where_the_seed_decides() => TaskSimulation.ForEachSeed(1, 20, simulation =>
    {
        var world = DataWorld.In(simulation);
        world.Store.Delay = _ => (TimeSpan.FromMilliseconds(5), TimeSpan.Zero);
        simulation.Run(async () =>
        {
            await using var scope = world.Data.BeginScope(In(simulation, 10_000));
            _ = world.Data.PutAsync(Things, 1, new Thing(1));
            await world.Data.GetAsync(K);                          // behind the write
            _ = world.Data.PutAsync(Things, 2, new Thing(2));
            await scope.FlushAsync();
            _ = world.Data.PutAsync(Things, 3, new Thing(3));
            await scope.SettleAsync(CancellationToken.None);
            await world.Data.AllocateAsync("Thing");
            _ = world.Data.PutAsync(Things, 4, new Thing(4));
        });
        Assert.Equal((4, 0), (world.Store.Writes, simulation.Scheduler.FromOtherThreads));
    });

    private static ScopeSettings In(TaskSimulation simulation, int milliseconds) => new() { Deadline = simulation.Time.GetUtcNow() + TimeSpan.FromMilliseconds(milliseconds) };

    private static void In(Func<TaskSimulation, DataWorld, Task> scenario, DataOptions? options = null) => TaskSimulation.ForEachSeed(1, 10, simulation =>
    {
        var world = DataWorld.In(simulation, options);
        simulation.Run(() => scenario(simulation, world));
    });
}
