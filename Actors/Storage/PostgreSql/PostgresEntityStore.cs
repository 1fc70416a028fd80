using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage.Entities;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Entities in a PostgreSQL database. Its clock stamps them, so that nodes with clocks of their own agree.</summary>
public sealed class PostgresEntityStore : IEntityStore
{
    private static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);

    private readonly NpgsqlDataSource _source;
    private readonly PostgresEntityWriter _writer;
    private readonly PostgresIndexes _indexes;
    private readonly PostgresEntityPlans _plans = new();
    private readonly IJobStore? _jobs;

    /// <summary>Entities alone: a transaction with jobs is refused.</summary>
    /// <param name="database">Stays the caller's: dispose of it after the last call.</param>
    public PostgresEntityStore(PostgresDatabase database)
        : this(database, null)
    {
    }

    /// <param name="database">Stays the caller's: dispose of it after the last call.</param>
    /// <param name="jobs">Commits the jobs of a transaction together with its entities.</param>
    internal PostgresEntityStore(PostgresDatabase database, PostgresJobStore? jobs)
    {
        (_source, _jobs) = (database.Source, jobs);
        _writer = new PostgresEntityWriter(_source);
        _indexes = new PostgresIndexes(database.Unpooled);
    }

    public EntityStoreLimits Limits { get; } = new("postgresql", Slots: 4);

    public async ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct)
    {
        EntityChecks.Keys(ns, keys, Limits.MaxReadBatch);
        return await PostgresFaults.AskAsync(() => PostgresEntityReader.ReadManyAsync(_source, ns, keys, ct));
    }

    public async ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct)
    {
        EntityChecks.Writes(ns, writes, Limits.MaxWriteBatch);
        return await PostgresFaults.AskAsync(() => _writer.WriteManyAsync(ns, writes, ct));
    }

    public async ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        EntityChecks.Commit(ns, commit);
        if (commit.Attached.Count > 0) return await PostgresFaults.AskAsync(() => CommitWithJobsAsync(ns, commit, ct));
        return await PostgresFaults.AskAsync(() => _writer.CommitAsync(ns, commit, ct));
    }

    private async Task<CommitOutcome> CommitWithJobsAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        if (_jobs is null) throw new NotSupportedException("This store has entities alone, so no job has a commit in common with them. Nothing took place. Take a node's data, or submit the job after the commit (AfterCommit).");
        if (commit.Attached is not [JobWrite.Submit { Atomic: true } submit])
            throw new NotSupportedException("The store takes one atomic submission of jobs with a commit. Submit all jobs of the transaction together.");
        var joined = new JoinedEntities(_writer, ns, commit, submit);
        submit.Joined = joined;
        if (!_jobs.TryPost(submit)) throw new StoreUnavailableException();
        return await joined.Answer.WaitAsync(ct);
    }

    public async ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) =>
        await PostgresFaults.AskAsync(() => PostgresEntityReader.FindCommitAsync(_source, ns, marker, MarkerLife, ct));

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct)
    {
        var plan = QueryPlan.Of(query);
        return new(PostgresFaults.AskAsync(async () =>
        {
            var indexed = await _plans.IsIndexedAsync(_source, plan, ct);
            return await PostgresEntityQueries.PageAsync(_source, plan, indexed, ct);
        }));
    }

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct)
    {
        Key.CheckKind(kind);
        var where = Condition.Of(filter);
        return new(PostgresFaults.AskAsync(() => PostgresEntityQueries.CountAsync(_source, ns, kind, where, most, ct)));
    }

    public async ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct)
    {
        EntityChecks.Allocation(kind, count);
        return await PostgresFaults.AskAsync(() => PostgresEntityReader.AllocateAsync(_source, ns, kind, count, ct));
    }

    public async ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) =>
        await PostgresFaults.AskAsync(() => PostgresEntityReader.KindsAsync(_source, ns, ct));

    public async ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct)
    {
        var wanted = indexes.Select(index => EntityIndex.Of(kind, index)).DistinctBy(index => index.Name).ToArray();
        await PostgresFaults.AskAsync(async () =>
        {
            await _indexes.EnsureAsync(wanted, ct);
            return true;
        });
        _plans.Clear();
    }

    public async ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct)
    {
        var dropped = await PostgresFaults.AskAsync(() => _indexes.DropOthersAsync(declared, ct));
        if (dropped.Count > 0) _plans.Clear();
        return dropped;
    }
}
