using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A node's store in a PostgreSQL database that it shares with other nodes.</summary>
public sealed class PostgresStorage : INodeStorage
{
    private readonly PostgresDatabase _database;
    private int _disposed;

    private PostgresStorage(PostgresDatabase database, IJobStore jobs, TimeProvider time)
    {
        _database = database;
        Time = time;
        Jobs = jobs;
        Workflows = new PostgresWorkflowStore(database.Source, jobs);
        Schedules = new PostgresScheduleStore(database.Source);
        Operators = new PostgresOperatorStore(database.Source);
        Webhooks = new PostgresWebhookStore(database.Source, Guid.CreateVersion7());
        Members = new PostgresMemberStore(database.Source);
        Entities = new PostgresEntityStore(database);
    }

    public string Description => _database.Description;

    /// <summary>The clock that rows are stamped with.</summary>
    public TimeProvider Time { get; }

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows { get; }

    public IScheduleStore Schedules { get; }

    public IOperatorStore Operators { get; }

    public IWebhookStore Webhooks { get; }

    public IMemberStore Members { get; }

    public IEntityStore Entities { get; }

    /// <summary>Checks a database, whether or not nodes have it open, without changing it.</summary>
    /// <exception cref="StorageSetupException">There is none, or it holds nothing of ours.</exception>
    public static Task<VerifyReport> VerifyDatabaseAsync(string connectionString, CancellationToken ct) => PostgresDatabase.LookAsync(connectionString, PostgresVerify.RunAsync, ct);

    public Task<VerifyReport> VerifyAsync(CancellationToken ct) => PostgresFaults.AskAsync(() => PostgresVerify.RunAsync(_database.Source, ct));

    public Task<long> BackupAsync(string file, CancellationToken ct) => throw new NotSupportedException(
        $"{Description} is backed up with the server's own programs, from any machine and while nodes work: pg_dump --format=custom --schema=actorperf --file={file} (docs/postgresql.md).");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _database.Dispose();
    }
}
