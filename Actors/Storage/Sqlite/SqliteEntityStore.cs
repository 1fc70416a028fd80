using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Storage.Entities;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Entities in a SQLite file: reads on the readers' threads, writes through the one write queue, committed together with everything else.</summary>
internal sealed class SqliteEntityStore : IEntityStore, IWriteHandler
{
    private static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);

    private readonly SqliteDatabase _database;
    private readonly SqliteEntityWriter _writer;
    private readonly SqliteEntityPlans _plans = new();
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<ITransactionPart> _parts;

    /// <param name="parts">Features whose writes a commit may carry.</param>
    public SqliteEntityStore(SqliteDatabase database, SqliteSession writer, TimeProvider time, IReadOnlyList<ITransactionPart> parts)
    {
        _database = database;
        _writer = new SqliteEntityWriter(writer, time);
        _time = time;
        _parts = parts;
    }

    public EntityStoreLimits Limits { get; } = new("sqlite", Slots: 2);

    public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        EntityChecks.Keys(ns, keys, Limits.MaxReadBatch);
        return _database.Reads.RunAsync(session => keys.Count == 1
            ? SqliteEntityReader.ReadMany(session, keys)
            : session.Snapshot(snapshot => SqliteEntityReader.ReadMany(snapshot, keys)), ct);
    }

    public async ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct)
    {
        EntityChecks.Writes(ns, writes, Limits.MaxWriteBatch);
        return await PostAsync(new SqliteEntityWrite.Many(writes), ct);
    }

    public async ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        EntityChecks.Commit(ns, commit);
        var write = new SqliteEntityWrite.Whole(ns, commit);
        if (commit.Attached.Count == 0) return await PostAsync(write, ct);
        var group = new WriteGroup(write, this, () => write.Outcome is { Committed: true }, [.. commit.Attached.Select(other => (PartOf(other), other))]);
        return await PostAsync(write, group, group, ct);
    }

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct)
    {
        var since = _time.GetUtcNow() - MarkerLife;
        return _database.Reads.RunAsync(session => SqliteEntityReader.FindCommit(session, ns, marker, since), ct);
    }

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct)
    {
        var plan = QueryPlan.Of(query);
        return ScanAsync(session => SqliteEntityQueries.Page(session, plan, _plans), ct);
    }

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct)
    {
        Key.CheckKind(kind);
        var where = Condition.Of(filter);
        return ScanAsync(session => SqliteEntityQueries.Count(session, ns, kind, where, most), ct);
    }

    public async ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct)
    {
        EntityChecks.Allocation(kind, count);
        return await PostAsync(new SqliteEntityWrite.Numbers(ns, kind, count), ct);
    }

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) =>
        _database.Reads.RunAsync(session => SqliteEntityReader.Kinds(session, ns), ct);

    public async ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct)
    {
        var statements = indexes.Select(index => SqliteEntitySchema.Index(EntityIndex.Of(kind, index))).ToArray();
        if (statements.Length == 0) return;
        await PostAsync(new SqliteEntityWrite.Indexes(statements), ct);
        _plans.Clear();
    }

    public async ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct)
    {
        var dropped = await PostAsync(new SqliteEntityWrite.OtherIndexes(declared), ct);
        if (dropped.Count > 0) _plans.Clear();
        return dropped;
    }

    public void Apply(object write) => _writer.Apply((SqliteEntityWrite)write);

    public void Flush() => _writer.Flush();

    public void Forget() => _writer.Forget();

    public void Committed(IReadOnlyList<object> writes)
    {
        foreach (var write in writes) ((SqliteEntityWrite)write).Commit();
    }

    public void Failed(object write, Exception cause) => ((SqliteEntityWrite)write).Fail(cause switch
    {
        StoreUnavailableException or AttachedWriteRefusedException => cause,
        SqliteFaultException { PrimaryCode: SQLitePCL.raw.SQLITE_TOOBIG or SQLitePCL.raw.SQLITE_CONSTRAINT or SQLitePCL.raw.SQLITE_ERROR or SQLitePCL.raw.SQLITE_MISMATCH } fault =>
            new EntityFaultException($"The store refuses it: {fault.Message}. Nothing changed.", fault),
        _ => new StoreUnavailableException("The store could not write. Nothing changed; try again.", cause),
    });

    /// <summary>A read that may look at a whole kind: it ends when its caller leaves, for there are only two threads to read on.</summary>
    private ValueTask<T> ScanAsync<T>(Func<SqliteSession, T> scan, CancellationToken ct) => _database.Reads.RunAsync(
        session => session.Snapshot(snapshot =>
        {
            using var left = ct.UnsafeRegister(_ => snapshot.Handle.Interrupt(), null);
            ct.ThrowIfCancellationRequested();      // an interrupt that comes before the statement is lost
            try
            {
                return scan(snapshot);
            }
            catch (SqliteFaultException fault) when (fault.PrimaryCode == SQLitePCL.raw.SQLITE_INTERRUPT)
            {
                throw new OperationCanceledException("The caller left.", fault, ct);
            }
        }),
        ct);

    private Task<T> PostAsync<T>(SqliteEntityWrite.Awaited<T> write, CancellationToken ct) => PostAsync(write, write, this, ct);

    private Task<T> PostAsync<T>(SqliteEntityWrite.Awaited<T> write, object item, IWriteHandler handler, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        // What waits in the line takes place in any case; a caller who leaves does not know of it.
        return _database.Queue.TryPost(item, handler, urgent: false, write.Bytes)
            ? write.Task.WaitAsync(ct)
            : throw new StoreUnavailableException("The line of writes is full, or the store stops. Nothing changed; try again in a second.");
    }

    private ITransactionPart PartOf(object write) => _parts.FirstOrDefault(part => part.Owns(write))
        ?? throw new NotSupportedException($"A {write.GetType().Name} cannot belong to a commit of entities: no feature of this store takes it.");
}
