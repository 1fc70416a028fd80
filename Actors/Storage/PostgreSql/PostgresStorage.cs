using System.Security.Cryptography;
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
    private readonly Shared _shared;
    private readonly PostgresHints _hints;
    private readonly PostgresMemberStore _members;
    private int _disposed;

    private PostgresStorage(Shared shared)
    {
        _shared = shared;
        var database = shared.Database;
        _hints = new PostgresHints(database.Reserved, NewOrigin(), shared.Time, shared.Log);
        var webhooks = new PostgresWebhookStore(database.Source, Guid.CreateVersion7());
        Jobs = shared.Jobs(database, _hints, webhooks);
        Workflows = new PostgresWorkflowStore(database.Source, Jobs);
        Schedules = new PostgresScheduleStore(database.Source, _hints);
        Operators = new PostgresOperatorStore(database.Source);
        Webhooks = webhooks;
        Members = _members = new PostgresMemberStore(database.Reserved, shared.Time);
        Entities = new PostgresEntityStore(database);
        Feed = new PostgresFeedStore(database.Source, _hints);
        _hints.Start();
    }

    public string Description => _shared.Database.Description;

    /// <summary>The clock that rows are stamped with.</summary>
    public TimeProvider Time => _shared.Time;

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows { get; }

    public IScheduleStore Schedules { get; }

    public IOperatorStore Operators { get; }

    public IWebhookStore Webhooks { get; }

    public IMemberStore Members { get; }

    public IEntityStore Entities { get; }

    public IFeedStore Feed { get; }

    internal static async Task<PostgresStorage> OpenAsync(string connectionString, TimeProvider time, ILogger log, Func<PostgresDatabase, PostgresHints, PostgresWebhookStore, IJobStore> jobs, CancellationToken ct) =>
        new(new Shared(await PostgresDatabase.OpenAsync(connectionString, ct), time, log, jobs));

    /// <summary>Checks a database, whether or not nodes have it open, without changing it.</summary>
    /// <exception cref="StorageSetupException">There is none, or it holds nothing of ours.</exception>
    public static Task<VerifyReport> VerifyDatabaseAsync(string connectionString, CancellationToken ct) => PostgresDatabase.LookAsync(connectionString, PostgresVerify.RunAsync, ct);

    public INodeStorage Another()
    {
        _shared.Enter();
        return new PostgresStorage(_shared);
    }

    public Task<VerifyReport> VerifyAsync(CancellationToken ct) => PostgresFaults.AskAsync(() => PostgresVerify.RunAsync(_shared.Database.Source, ct));

    public Task<long> BackupAsync(string file, CancellationToken ct) => throw new NotSupportedException(
        $"{Description} is backed up with the server's own programs, from any machine and while nodes work: pg_dump --format=custom --schema=actorperf --file=FILE (docs/postgresql.md).");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        (Jobs as IDisposable)?.Dispose();
        _hints.Dispose();
        _members.Dispose();
        _shared.Leave();
    }

    /// <summary>Positive, and of 63 random bits: no two nodes draw the same.</summary>
    private static long NewOrigin() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;

    /// <summary>What the nodes of a process have in common.</summary>
    private sealed class Shared(PostgresDatabase database, TimeProvider time, ILogger log, Func<PostgresDatabase, PostgresHints, PostgresWebhookStore, IJobStore> jobs)
    {
        private int _nodes = 1;

        public PostgresDatabase Database => database;

        public TimeProvider Time => time;

        public ILogger Log => log;

        public Func<PostgresDatabase, PostgresHints, PostgresWebhookStore, IJobStore> Jobs => jobs;

        public void Enter() => Interlocked.Increment(ref _nodes);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _nodes) == 0) database.Dispose();
        }
    }
}
