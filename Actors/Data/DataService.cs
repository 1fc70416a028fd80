using System.Diagnostics;
using System.Runtime.CompilerServices;
using ActorPerf.Streams;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>The front door: checks arguments, asks the scope around the caller, and hands the rest to the pipelines.</summary>
public sealed class DataService : IData, IAsyncDisposable
{
    private readonly IEntityStore _store;
    private readonly DataOptions _options;
    private readonly Fence _fence = new();
    private readonly ReadPipelines _reads;
    private readonly WritePipeline _writes;
    private readonly DetachedWork _detached;
    private readonly LoneStatements _lone;
    private readonly IdBlocks _ids;
    private readonly ScopeParts _parts;
    private readonly TransactionRunner _transactions;
    private readonly List<object> _features = [];
    private readonly Lookups _lookups;
    private readonly QueryAdvice _advice;

    /// <param name="random">Of the jitter of retries; used by nobody else.</param>
    /// <param name="lookups">Kinds that are tables of somebody else's; null: none. Whoever made them closes them.</param>
    /// <param name="scheduler">Where the pipelines run; null: the thread pool.</param>
    public DataService(IEntityStore store, DataOptions options, TimeProvider time, Random random, ILogger<DataService> log, TaskScheduler? scheduler = null, Lookups? lookups = null)
    {
        (_store, _options, _lookups) = (store, options, lookups ?? Lookups.None);
        var maxBatch = Math.Min(options.BatchSize, store.Limits.MaxReadBatch);
        var slots = options.Slots > 0 ? options.Slots : store.Limits.Slots;
        var setup = new PipelineSetup(maxBatch, slots, options.MaxQueued, options.StatementTimeout, time, random, scheduler ?? TaskScheduler.Default, log);
        _reads = new ReadPipelines(store, _lookups, _fence, setup, options.BatchSize);
        _writes = new WritePipeline(store, _fence, setup with { MaxBatch = Math.Min(options.BatchSize, store.Limits.MaxWriteBatch) });
        _detached = new DetachedWork(log);
        _advice = new QueryAdvice(log);
        _lone = new LoneStatements(options.StatementTimeout, time);
        _ids = new IdBlocks(store, options.IdBlock, options.StatementTimeout, time, random);
        _parts = new ScopeParts(_reads, _writes.Line, _fence, _detached, options, time, log);
        _transactions = new TransactionRunner(this, store, _parts, new HotKeys(time), random);
    }

    public Namespace Namespace => DataScope.Current?.Namespace ?? Namespace.Default;

    public DataStatistics Statistics => new(_reads.Snapshot(), _writes.Snapshot(), _reads.LookupSnapshots());

    /// <summary>Raised by every write, so that caches of what was read know what is out of date.</summary>
    public Fence Fence => _fence;

    public DataScope BeginScope(ScopeSettings? settings = null) => new DataScope(_parts, DataScope.Current, settings ?? ScopeSettings.Default).Enter();

    public ValueTask<Entity?> GetAsync(Key key, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        DataArguments.Check(key);
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<Entity?>(ct);
        if (DataScope.Current is { } scope) return scope.Transaction is { } transaction ? transaction.GetAsync(key, ct, file, line, member) : scope.GetAsync(key, ct, file, line, member);
        var read = new SingleRead(_reads.Of(key.Kind).Line);
        read.Trace(key, file, line, member);
        read.Line.Enter(key, new LaneId(key.Namespace, null), read);
        return read.WaitAsync(ct);
    }

    public ValueTask<IReadOnlyList<Entity?>> GetManyAsync(
        IReadOnlyList<Key> keys, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        DataArguments.Check(keys);
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<IReadOnlyList<Entity?>>(ct);
        if (keys.Count == 0) return ValueTask.FromResult<IReadOnlyList<Entity?>>([]);
        if (DataTransaction.Current is { } transaction) return transaction.GetManyAsync(keys, ct, file, line, member);
        return ReadManyAsync(DataScope.Current, keys, file, line, member, ct);
    }

    public ValueTask<Entity?> WriteAsync(EntityWrite write, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        DataArguments.Check(write);
        _lookups.RefuseWrite(write.Key.Kind);
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<Entity?>(ct);
        var scope = DataScope.Current;
        if (scope?.Transaction is { } transaction) return transaction.WriteAsync(write, ct, file, line, member);
        var operation = new DataWrite(_writes.Line, scope, write, file, line) { Span = Spans.Begin(CallKind.Write, write.Key.Kind, file, line, member) };
        Send(scope, operation, [write]);
        return operation.WaitAsync(ct);
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(
        IReadOnlyList<EntityWrite> writes, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        DataArguments.Check(writes);
        foreach (var write in writes) _lookups.RefuseWrite(write.Key.Kind);
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<IReadOnlyList<WriteOutcome>>(ct);
        if (writes.Count == 0) return ValueTask.FromResult<IReadOnlyList<WriteOutcome>>([]);
        var scope = DataScope.Current;
        if (scope?.Transaction is { } transaction) return transaction.WriteManyAsync(writes, ct, file, line, member);
        var operation = new DataWrites(_writes.Line, writes, scope, file, line) { Span = Spans.Begin(CallKind.Write, writes[0].Key.Kind, file, line, member) };
        Send(scope, operation, writes);
        return operation.WaitAsync(ct);
    }

    public ValueTask<long> AllocateAsync(string kind, int count = 1, CancellationToken ct = default)
    {
        Data.Key.CheckKind(kind);
        _lookups.RefuseWrite(kind);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 100_000);
        var ns = Namespace;
        if (DataScope.Current?.Deadline is null && _ids.TryTake(ns, kind, count) is { } first) return ValueTask.FromResult(first);
        return _lone.RunAsync("Setting aside numbers for", kind, stop => _ids.TakeAsync(ns, kind, count, stop), ct);
    }

    public ValueTask<EntityPage> QueryPageAsync(EntityQuery query, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        Check(query);
        return DataTransaction.Current is { } transaction ? transaction.QueryPageAsync(query, ct, file, line, member) : ReadPageAsync(query, file, line, member, ct);
    }

    public ValueTask<long> CountAsync(EntityQuery query, long most = long.MaxValue, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        DataTransaction.Current is { } transaction ? transaction.CountAsync(query, most, ct, file, line, member) : CountStoredAsync(query, most, file, line, member, ct);

    public ValueTask<CommitOutcome> CommitAsync(EntityCommit commit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (DataTransaction.Current is { } transaction) return transaction.CommitAsync(commit, ct);
        DataArguments.Check(commit.Writes);
        foreach (var write in commit.Writes) _lookups.RefuseWrite(write.Key.Kind);
        Key[] keys = [.. commit.Reads.Select(read => read.Key), .. commit.Writes.Select(write => write.Key)];
        DataArguments.Check(keys);
        if (commit.Writes.DistinctBy(write => write.Key).Count() < commit.Writes.Count) throw new ArgumentException("A commit writes each entity at most once.", nameof(commit));
        var ns = keys.Length > 0 ? keys[0].Namespace : Namespace;
        return _lone.RunAsync("Committing in", ns.Name, stop => CommitAsync(ns, commit, stop), ct);
    }

    public Task<T> TransactAsync<T>(
        Func<DataTransaction, Task<T>> body, TransactionOptions? options = null, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        TransactAsync(DataTransaction.Current, body, options, file, line, member, ct);

    /// <summary>Gives transactions something that another feature needs in them, such as the way to submit jobs.</summary>
    public void AddFeature(object feature)
    {
        ArgumentNullException.ThrowIfNull(feature);
        _features.Add(feature);
    }

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(CancellationToken ct = default)
    {
        var ns = Namespace;
        return _lone.RunAsync("Measuring the kinds of", ns.Name, stop => _store.KindsAsync(ns, stop), ct);
    }

    /// <summary>Waits for background work, carries out what waits, and takes nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _detached.WhenDone();
        await _writes.StopAsync();
        await _reads.StopAsync();
    }

    internal Task<T> TransactAsync<T>(DataTransaction? around, Func<DataTransaction, Task<T>> body, TransactionOptions? options, string file, int line, string member, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(body);
        return ct.IsCancellationRequested ? Task.FromCanceled<T>(ct) : _transactions.RunAsync(around, body, options ?? TransactionOptions.Default, file, line, member, ct);
    }

    internal TFeature? Feature<TFeature>()
        where TFeature : class => _features.OfType<TFeature>().FirstOrDefault();

    internal void Check(EntityQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        Data.Key.CheckKind(query.Kind);
        _lookups.RefuseQuery(query.Kind);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, EntityQuery.MaxPage);
    }

    internal ValueTask<EntityPage> ReadPageAsync(EntityQuery query, string file, int line, string member, CancellationToken ct)
    {
        var span = Spans.Begin(CallKind.Query, query.Kind, file, line, member);
        return PageOfAsync(Ask(span, () => _lone.RunAsync("Querying", query.Kind, stop => _store.QueryAsync(query, stop), ct)), query, span);
    }

    private async ValueTask<EntityPage> PageOfAsync(ValueTask<EntityPage> reading, EntityQuery query, Activity? span)
    {
        Exception? failure = null;
        try
        {
            var page = await reading;
            span?.SetTag(SpanTags.Rows, page.Items.Count);
            _advice.Look(query, page, span);
            return page;
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }

    internal ValueTask<long> CountStoredAsync(EntityQuery query, long most, string file, int line, string member, CancellationToken ct)
    {
        Check(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (!Spans.IsTraced) return CountRowsAsync(query, most, ct);
        var span = Spans.Begin(CallKind.Count, query.Kind, file, line, member);
        return CountOfAsync(Ask(span, () => CountRowsAsync(query, most, ct)), span);
    }

    private ValueTask<long> CountRowsAsync(EntityQuery query, long most, CancellationToken ct) =>
        _lone.RunAsync("Counting", query.Kind, stop => _store.CountAsync(query.Namespace, query.Kind, query.Filter, most, stop), ct);

    private static async ValueTask<long> CountOfAsync(ValueTask<long> counting, Activity? span)
    {
        Exception? failure = null;
        try
        {
            return await counting;
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }

    /// <summary>Begins a statement: what is wrong with its arguments is thrown by the call, whatever else by the await.</summary>
    private static ValueTask<T> Ask<T>(Activity? span, Func<ValueTask<T>> statement)
    {
        try
        {
            return statement();
        }
        catch (ArgumentException fault)
        {
            Spans.End(span, fault);
            throw;
        }
        catch (Exception fault)
        {
            return ValueTask.FromException<T>(fault);
        }
    }

    /// <param name="scope">Null: outside any.</param>
    internal ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(DataScope? scope, IReadOnlyList<Key> keys, string file, int line, string member, CancellationToken ct) =>
        Spans.IsTraced ? new(ReadManyTracedAsync(scope, keys, file, line, member, ct)) : ReadManyAsync(scope, keys, null, ct);

    private async Task<IReadOnlyList<Entity?>> ReadManyTracedAsync(DataScope? scope, IReadOnlyList<Key> keys, string file, int line, string member, CancellationToken ct)
    {
        var span = Spans.Begin(CallKind.GetMany, Array.TrueForAll([.. keys], key => key.Kind == keys[0].Kind) ? keys[0].Kind : null, file, line, member);
        Exception? failure = null;
        try
        {
            return await ReadManyAsync(scope, keys, span, ct);
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }

    private ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(DataScope? scope, IReadOnlyList<Key> keys, Activity? span, CancellationToken ct) =>
        HasSeveralSources(keys) ? GetGroupsAsync(scope, keys, span, ct)
        : _reads.Of(keys[0].Kind) is var reads && keys.Count <= reads.MaxBatch ? GetBatchAsync(scope, reads, keys, span, ct)
        : GetBatchesAsync(scope, reads, keys, span, ct);

    internal bool IsLookup(Key key) => _lookups.Has(key.Kind);

    private static ValueTask<IReadOnlyList<Entity?>> GetBatchAsync(DataScope? scope, ReadPipeline reads, IReadOnlyList<Key> keys, Activity? span, CancellationToken ct)
    {
        if (scope is not null) return scope.GetManyAsync(keys, span, ct);
        var many = new ManyReads(reads.Line, keys.Count, span);
        foreach (var key in span is null ? [] : keys) Spans.Read(span, key.GetHashCode());
        for (var i = 0; i < keys.Count; i++) many.Add(i, null);
        reads.Line.Enter(keys, new LaneId(keys[0].Namespace, null), many.Parts);
        return many.WaitAsync(ct);
    }

    /// <summary>Whether the keys are not all entities, nor all rows of one table.</summary>
    private bool HasSeveralSources(IReadOnlyList<Key> keys)
    {
        for (var i = 1; i < keys.Count; i++)
            if (keys[i].Kind != keys[0].Kind && _reads.Of(keys[i].Kind) != _reads.Of(keys[0].Kind)) return true;
        return false;
    }

    /// <summary>Entities, and the rows of each table, in statements of their own.</summary>
    private async ValueTask<IReadOnlyList<Entity?>> GetGroupsAsync(DataScope? scope, IReadOnlyList<Key> keys, Activity? span, CancellationToken ct)
    {
        var entities = new Entity?[keys.Count];
        var groups = Enumerable.Range(0, keys.Count).GroupBy(i => _reads.Of(keys[i].Kind)).Select(group => group.ToArray()).ToArray();
        await Task.WhenAll(groups.Select(FillAsync));
        return entities;

        async Task FillAsync(int[] places)
        {
            var found = await ReadManyAsync(scope, [.. places.Select(i => keys[i])], span, ct);
            for (var i = 0; i < places.Length; i++) entities[places[i]] = found[i];
        }
    }

    /// <summary>A batch at a time for each slot: the queue is for others too.</summary>
    private static async ValueTask<IReadOnlyList<Entity?>> GetBatchesAsync(DataScope? scope, ReadPipeline reads, IReadOnlyList<Key> keys, Activity? span, CancellationToken ct)
    {
        var entities = new List<Entity?>(keys.Count);
        var batches = keys.Chunk(reads.MaxBatch).ToAsyncEnumerable();
        await foreach (var batch in batches.SelectAsync(reads.Slots, (some, stop) => GetBatchAsync(scope, reads, some, span, stop)).WithCancellation(ct)) entities.AddRange(batch);
        return entities;
    }

    private void Send<TOperation>(DataScope? scope, TOperation operation, IReadOnlyList<EntityWrite> writes)
        where TOperation : ScopeOperation, IWriteSink
    {
        if (scope is not null)
        {
            scope.Write(operation, writes);
            return;
        }
        var all = new PendingWrite[writes.Count];
        for (var i = 0; i < all.Length; i++) all[i] = new PendingWrite(writes[i], new LaneId(writes[i].Key.Namespace, null), operation, i) { FirstSpan = operation.Span };
        operation.Begin(all);
        _writes.Line.Enter(all);
    }

    /// <summary>Commits, and lets everybody know whose caches that concerns.</summary>
    internal async ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        Changed(commit);
        try
        {
            return await _store.CommitAsync(ns, commit, ct);
        }
        finally
        {
            Changed(commit);
        }
    }

    private void Changed(EntityCommit commit)
    {
        foreach (var write in commit.Writes)
        {
            _fence.Raise(write.Key);
            DataScope.Current?.Forget(write.Key);
        }
    }
}
