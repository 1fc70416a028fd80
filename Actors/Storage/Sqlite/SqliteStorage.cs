using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>A node's store in one SQLite file.</summary>
public sealed class SqliteStorage : INodeStorage
{
    private readonly SqliteDatabase _database;
    private readonly SqliteJobStore _jobs;
    private readonly SqliteOwnWrites _own;
    private int _disposed;

    private SqliteStorage(SqliteDatabase database, TimeProvider time, Random random)
    {
        _database = database;
        var writer = new SqliteSession(database.Writer);
        var jobs = new SqliteJobStore(database, writer, time, random);
        Jobs = _jobs = jobs;
        _own = new SqliteOwnWrites(writer, time);
        Schedules = new SqliteScheduleStore(database, writer);
        Operators = new SqliteOperatorStore(database, writer);
        Webhooks = new SqliteWebhookStore(database, jobs.Deliveries);
        Members = new SqliteMemberStore(database, writer);
        Workflows = new SqliteWorkflowStore(database);
        Cache = new SqliteCacheStore(database, writer, time);
        Entities = new SqliteEntityStore(database, writer, time, [jobs]);
    }

    public string Description => _database.Path;

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows { get; }

    public IScheduleStore Schedules { get; }

    public IOperatorStore Operators { get; }
    public IWebhookStore Webhooks { get; }

    public IMemberStore Members { get; }

    public IEntityStore Entities { get; }

    public ICacheStore? Cache { get; }

    /// <summary>Version of the SQLite engine inside.</summary>
    public static string EngineVersion => SqliteHandle.EngineVersion;

    /// <summary>Transactions and writes committed since the start; their ratio is the mean batch.</summary>
    public (long Transactions, long Writes) Commits => (_database.Queue.Transactions, _database.Queue.Writes);

    /// <summary>Transactions of callers' own statements together with jobs.</summary>
    /// <param name="admission">Checks the jobs.</param>
    internal ISqliteTransactions Transactions(IJobAdmission admission, ShownJobs shown, ILogger log)
    {
        _own.Log = log;
        return new SqliteTransactions(_database.Queue, _own, _jobs, admission, shown);
    }

    /// <summary>Opens or creates the file, takes its lock, checks it, brings its schema up to date, and starts its threads.</summary>
    /// <param name="connectionString"><c>Data Source=FILE</c>.</param>
    /// <param name="time">The clock that rows are stamped with.</param>
    /// <param name="random">For back-off jitter of lost runs.</param>
    /// <param name="fatal">Told once when acknowledged work may be gone: stop the process with exit code 74.</param>
    /// <exception cref="StorageSetupException">It cannot be used as configured.</exception>
    public static SqliteStorage Open(string connectionString, TimeProvider time, Random random, Action<Exception> fatal)
    {
        var database = SqliteDatabase.Open(connectionString, fatal);
        var storage = new SqliteStorage(database, time, random);
        database.Queue.Start();
        database.Reads.Start();
        return storage;
    }

    /// <summary>Checks a file that no node has open, without changing it.</summary>
    /// <exception cref="StorageSetupException">There is no such file, or it is no database.</exception>
    public static VerifyReport VerifyFile(string connectionString)
    {
        var path = SqliteDatabase.PathOf(connectionString);
        if (!File.Exists(path)) throw new StorageSetupException($"{path} does not exist. Name the database in actorperf.storage.connection-string.");
        try
        {
            using var session = new SqliteSession(SqliteHandle.Open(path, readOnly: true));
            session.Handle.Execute("PRAGMA query_only = ON");
            return session.Snapshot(SqliteVerify.Run);
        }
        catch (SqliteFaultException fault)
        {
            throw new StorageSetupException($"{path} cannot be read: {fault.Message}. Restore a backup.", fault);
        }
    }

    public Task<VerifyReport> VerifyAsync(CancellationToken ct) => Task.Factory.StartNew(
        () =>
        {
            using var session = new SqliteSession(SqliteHandle.Open(_database.Path, readOnly: true));
            return session.Snapshot(SqliteVerify.Run);
        },
        ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public Task<long> BackupAsync(string file, CancellationToken ct) => _database.BackupAsync(file, ct);

    // Both the node that stops and the host's services that offer it as a front door come here.
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _database.Dispose();
        _own.Dispose();
    }
}
