using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using Microsoft.Extensions.Logging.Abstractions;
using static ActorPerf.Tests.Data.DataWorld;
using static ActorPerf.Tests.Data.ThingKinds;

namespace ActorPerf.Tests.Data;

/// <summary>What is wrong with the arguments is thrown by the call, before anything is awaited; what is wrong with the store by the await.</summary>
public sealed class ArgumentFaultTests
{
    private static readonly EntityKind<Thing> NoThings = new("Nothing", ThingJson.Default.Thing);

    [Fact]
    public async Task Getting_or_inserting()
    {
        var world = OnThreads();
        AtTheCall<ArgumentNullException>(() => ((IData)null!).GetOrInsertAsync(Things, 1, () => new Thing(1)));
        AtTheCall<ArgumentNullException>(() => world.Data.GetOrInsertAsync(Things, 1, null!));
        AtTheCall<ArgumentException>(() => world.Data.GetOrInsertAsync(Things, default, () => new Thing(1)));
        Assert.Empty(world.Store.Statements);
        world.Store.FailBefore = _ => new StoreFullException();
        var asked = world.Data.GetOrInsertAsync(Things, 1, () => new Thing(1));
        await Assert.ThrowsAsync<StoreFullException>(async () => await asked);
    }

    [Fact]
    public async Task Mapping_and_waiting_for_the_first()
    {
        var calls = 0;
        Func<int, CancellationToken, ValueTask<int>> count = (n, _) => new(calls += n);
        AtTheCall<ArgumentNullException>(() => ((IReadOnlyList<int>)null!).MapAsync(count));
        AtTheCall<ArgumentNullException>(() => new[] { 1 }.MapAsync((Func<int, CancellationToken, ValueTask<int>>)null!));
        AtTheCall<ArgumentOutOfRangeException>(() => new[] { 1 }.MapAsync(count, maxConcurrency: 0));
        AtTheCall<ArgumentNullException>(() => ((IAsyncEnumerable<int>)null!).MapAsync(count));
        AtTheCall<ArgumentOutOfRangeException>(() => AsyncEnumerable.Empty<int>().MapAsync(count, maxConcurrency: 0));
        AtTheCall<ArgumentException>(() => Array.Empty<Task<int>>().WhenAnyAsync());
        AtTheCall<ArgumentException>(() => Array.Empty<ValueTask<int>>().WhenAnyAsync());
        AtTheCall<ArgumentException>(() => Array.Empty<Task>().WhenAnyAsync());
        AtTheCall<ArgumentException>(() => new Task[] { Task.CompletedTask, null! }.WhenAnyAsync());
        Assert.Equal(0, calls);

        // What the callbacks and the tasks throw is theirs, also where it looks the same.
        var mapping = new[] { 1 }.MapAsync<int, int>((_, _) => throw new ArgumentException("theirs"));
        var first = new[] { Task.FromException<int>(new ArgumentException("theirs")) }.WhenAnyAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => mapping);
        await Assert.ThrowsAsync<ArgumentException>(() => first);
    }

    [Fact]
    public async Task Scopes_and_transactions()
    {
        var world = TransactionWorld.OnThreads();
        AtTheCall<ArgumentNullException>(() => ((IData)null!).InScopeAsync(_ => Task.FromResult(1)));
        AtTheCall<ArgumentNullException>(() => world.Data.InScopeAsync((Func<DataScope, Task<int>>)null!));
        AtTheCall<ArgumentNullException>(() => world.Data.InScopeAsync((Func<DataScope, Task>)null!));
        AtTheCall<ArgumentNullException>(() => world.Data.TransactAsync((Func<DataTransaction, Task>)null!));
        AtTheCall<ArgumentOutOfRangeException>(() => world.Data.TransactAsync(_ => Task.CompletedTask, new TransactionOptions { MaxAttempts = 0 }));
        var scoped = world.Data.InScopeAsync(_ => throw new ArgumentException("theirs"));
        await Assert.ThrowsAsync<ArgumentException>(() => scoped);
    }

    [Fact]
    public async Task Inside_a_transaction_and_nothing_of_a_list_is_taken_of_which_one_is_refused()
    {
        var world = TransactionWorld.OnThreads();
        await world.Data.TransactAsync(tx =>
        {
            AtTheCall<ArgumentNullException>(() => tx.WriteManyAsync(null!));
            AtTheCall<ArgumentException>(() => tx.WriteManyAsync([Put(Key(1), 1), Put(Key(2, "other"), 2)]));
            AtTheCall<ArgumentException>(() => tx.WriteManyAsync([Put(Key(1), 1), new EntityWrite.Put(Key(2), "[1]"u8.ToArray())]));
            AtTheCall<ArgumentException>(() => tx.GetManyAsync([Key(1), Key(2, "other")]));
            AtTheCall<ArgumentNullException>(() => tx.QueryPageAsync(null!));
            AtTheCall<ArgumentOutOfRangeException>(() => tx.QueryPageAsync(new EntityQuery(tx.Namespace, "Thing") { Limit = EntityQuery.MaxPage + 1 }));
            AtTheCall<ArgumentException>(() => tx.QueryPageAsync(new EntityQuery(Namespace.Parse("other"), "Thing")));
            return Task.CompletedTask;
        });
        Assert.Equal((0, null), (world.Commits, await world.StoredAsync(1)));
    }

    [Fact]
    public async Task A_lookup_is_not_queried_in_a_transaction_either()
    {
        var world = TransactionWorld.OnThreads(lookups: new Lookups(new Dictionary<string, ILookupSource> { ["Nothing"] = new NoRows() }));
        await world.Data.TransactAsync(tx =>
        {
            AtTheCall<ReadOnlyKindException>(() => tx.QueryPageAsync(new EntityQuery(tx.Namespace, "Nothing")));
            AtTheCall<ReadOnlyKindException>(() => tx.WriteManyAsync([Put(Key(1, kind: "Nothing"), 1)]));
            return Task.CompletedTask;
        });
        AtTheCall<ReadOnlyKindException>(() => world.Data.Query(NoThings).FirstOrDefaultAsync());
    }

    [Fact]
    public async Task Queries()
    {
        await using var data = In(new MemoryEntityStore(TimeProvider.System, _ => { }));
        var query = data.Query(Things).OrderBy(thing => thing.Value);
        AtTheCall<ArgumentOutOfRangeException>(() => query.ToListAsync(0));
        AtTheCall<ArgumentOutOfRangeException>(() => query.PageAsync(0));
        AtTheCall<ArgumentOutOfRangeException>(() => query.PageAsync(EntityQuery.MaxPage + 1));
        AtTheCall<QueryCursorException>(() => query.PageAsync(10, "AAAA"));
        AtTheCall<ArgumentOutOfRangeException>(() => query.CountAsync(0));
        var bad = query.Where("no path", EntityOperator.Eq, new EntityValue.Null());
        AtTheCall<ArgumentException>(() => bad.FirstOrDefaultAsync());
        AtTheCall<ArgumentException>(() => bad.ToListAsync(10));
        AtTheCall<ArgumentException>(() => bad.PageAsync(10));
        AtTheCall<ArgumentException>(() => bad.CountAsync());
        Assert.Empty(await query.ToListAsync(10));
    }

    [Fact]
    public async Task The_span_of_a_refused_query_ends_with_the_fault()
    {
        await using var data = In(new MemoryEntityStore(TimeProvider.System, _ => { }));
        using var traces = new TraceCollector(new TracingOptions(), TimeProvider.System);
        var meter = traces.Route(CallKind.Request, "GET /refused");
        var root = meter.Start()!;
        var bad = data.Query(Things).Where("no path", EntityOperator.Eq, new EntityValue.Null());
        AtTheCall<ArgumentException>(() => bad.FirstOrDefaultAsync());
        AtTheCall<ArgumentException>(() => bad.CountAsync());
        Assert.Equal(0, await data.Query(Things).CountAsync());
        meter.End(root, "default", 200, null);
        var spans = traces.Find("default", root.SpanId.ToHexString())!.Spans;
        Assert.Equal([nameof(ArgumentException), nameof(ArgumentException), null], spans.Where(span => span.Parent is not null).Select(span => span.Error));
    }

    [Fact]
    public async Task What_the_store_throws_at_once_still_comes_by_the_await()
    {
        await using var data = In(new PlainEntities(TimeProvider.System));
        var page = data.Query(Things).PageAsync(10);
        var list = data.Query(Things).ToListAsync(10);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await page);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await list);
    }

    private static DataService In(IEntityStore store) => new(store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);

    private static void AtTheCall<TFault>(Func<object> call)
        where TFault : Exception => Assert.ThrowsAny<TFault>(() => { _ = call(); });

    /// <summary>A table without rows.</summary>
    private sealed class NoRows : ILookupSource
    {
        public EntityStoreLimits Limits { get; } = new("own", Slots: 1);

        public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> ReadManyAsync(IReadOnlyList<EntityId> ids, CancellationToken ct) => new([.. ids.Select(_ => (ReadOnlyMemory<byte>?)null)]);

        public ValueTask DisposeAsync() => default;
    }
}
