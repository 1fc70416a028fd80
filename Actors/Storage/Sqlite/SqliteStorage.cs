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
    private readonly Shared _shared;
    private readonly NodeHandle _handle;
    private readonly SqliteJobStore _jobs;
    private int _disposed;

    private SqliteStorage(Shared shared)
    {
        (_shared, _handle) = (shared, shared.Handles.Join());
        var (database, session) = (shared.Database, shared.Session);
        Jobs = _jobs = new SqliteJobStore(database, shared.Writer, _handle, shared.Time);
        Schedules = new SqliteScheduleStore(database, session, shared.History, _handle, shared.Time);
        Feed = new SqliteFeedStore(database, shared.History, _handle, shared.Time);
        Cache = new SqliteCacheStore(database, session, shared.Time);
        Entities = shared.Entities ??= new SqliteEntityStore(database, session, shared.Time, [_jobs]);
    }

    public string Description => _shared.Database.Path;

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows => _shared.Workflows;

    public IScheduleStore Schedules { get; }

    public IOperatorStore Operators => _shared.Operators;

    public ISessionKeys? SessionKeys => null;

    public IWebhookStore Webhooks => _shared.Webhooks;

    public IMemberStore Members => _shared.Members;

    public IEntityStore Entities { get; }

    public IFeedStore Feed { get; }
    public ICacheStore Cache { get; }

    /// <summary>Version of the SQLite engine inside.</summary>
    public static string EngineVersion => SqliteHandle.EngineVersion;

    /// <summary>Transactions and writes committed since the start; their ratio is the mean batch.</summary>
    public (long Transactions, long Writes) Commits => (_shared.Database.Queue.Transactions, _shared.Database.Queue.Writes);

    /// <summary>Transactions of callers' own statements together with jobs.</summary>
    /// <param name="admission">Checks the jobs.</param>
    internal ISqliteTransactions Transactions(IJobAdmission admission, ShownJobs shown, ILogger log)
    {
        _shared.Own.Log = log;
        return new SqliteTransactions(_shared.Database.Queue, _shared.Own, _jobs, admission, shown);
    }

    /// <summary>Opens or creates the file, takes its lock, checks it, brings its schema up to date, and starts its threads.</summary>
    /// <param name="connectionString"><c>Data Source=FILE</c>.</param>
    /// <param name="time">The clock that rows are stamped with.</param>
    /// <param name="random">For back-off jitter of lost runs.</param>
    /// <param name="fatal">Told once when acknowledged work may be gone: stop the process with exit code 74.</param>
    /// <param name="shared">Other nodes of the process may join: <see cref="Another"/>.</param>
    /// <exception cref="StorageSetupException">It cannot be used as configured.</exception>
    public static SqliteStorage Open(string connectionString, TimeProvider time, Random random, Action<Exception> fatal, bool shared = false)
    {
        var database = SqliteDatabase.Open(connectionString, fatal);
        var storage = new SqliteStorage(new Shared(database, time, random, shared));
        database.Queue.Start();
        database.Reads.Start();
        return storage;
    }

    public INodeStorage Another() => new SqliteStorage(_shared);

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
            using var session = new SqliteSession(SqliteHandle.Open(_shared.Database.Path, readOnly: true));
            return session.Snapshot(SqliteVerify.Run);
        },
        ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public Task<long> BackupAsync(string file, CancellationToken ct) => _shared.Database.BackupAsync(file, ct);

    // Both the node that stops and the host's services that offer it as a front door come here.
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (!_handle.Leave()) return;
        _shared.Database.Dispose();
        _shared.Own.Dispose();
    }

    /// <summary>What the nodes of a process have in common: one file, one writer.</summary>
    private sealed class Shared
    {
        public Shared(SqliteDatabase database, TimeProvider time, Random random, bool shared)
        {
            (Database, Time, Handles) = (database, time, new NodeHandles(shared));
            Session = new SqliteSession(database.Writer);
            History = new SqliteHistory(Session);
            Writer = new SqliteJobWriter(Session, History, time, random);
            Own = new SqliteOwnWrites(Session, time);
            Operators = new SqliteOperatorStore(database, Session);
            Webhooks = new SqliteWebhookStore(database, Writer.Deliveries);
            Members = new SqliteMemberStore(database, Session, time);
            SqliteMemberStore.EndAll(Session);
            Workflows = new SqliteWorkflowStore(database);
        }

        public SqliteDatabase Database { get; }

        public TimeProvider Time { get; }

        public NodeHandles Handles { get; }

        public SqliteSession Session { get; }

        public SqliteHistory History { get; }

        public SqliteJobWriter Writer { get; }

        public SqliteOwnWrites Own { get; }

        public IOperatorStore Operators { get; }

        public IWebhookStore Webhooks { get; }

        public IMemberStore Members { get; }

        public IWorkflowStore Workflows { get; }

        /// <summary>The first node's: the jobs of a transaction are its writes, and others learn of them.</summary>
        public IEntityStore? Entities { get; set; }
    }
}
