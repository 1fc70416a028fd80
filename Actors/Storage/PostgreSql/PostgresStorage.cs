using System.Security.Cryptography;
using ActorPerf.Caching;
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
    private readonly PostgresJobStore _jobs;
    private readonly PostgresOwnLanes _own;
    private int _disposed;

    private PostgresStorage(Shared shared)
    {
        _shared = shared;
        var database = shared.Database;
        _hints = new PostgresHints(database.Reserved, NewOrigin(), shared.Time, shared.Log);
        var webhooks = new PostgresWebhookStore(database.Source, Guid.CreateVersion7());
        Jobs = _jobs = PostgresJobStore.Of(database, _hints, webhooks, new Random(shared.Random.Next()), shared.Clock, shared.Lanes);
        _own = new PostgresOwnLanes(_jobs.MakeOwnLane);
        Workflows = new PostgresWorkflowStore(database.Source, Jobs);
        Schedules = new PostgresScheduleStore(database.Source, _hints);
        Operators = new PostgresOperatorStore(database.Source);
        SessionKeys = new PostgresSessionKeys(database.Source);
        Webhooks = webhooks;
        Members = _members = new PostgresMemberStore(database.Reserved, shared.Time);
        Entities = new PostgresEntityStore(database, _jobs);
        Feed = new PostgresFeedStore(database.Source, _hints);
        Cache = new PostgresCacheStore(database.Source, shared.Time);
        _hints.Start();
    }

    public string Description => _shared.Database.Description;

    /// <summary>How the lines of job writes stand.</summary>
    internal IReadOnlyList<WriteLane> Lanes => _jobs.Lanes;

    /// <summary>The clock that rows are stamped with.</summary>
    public TimeProvider Time => _shared.Time;

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows { get; }

    public IScheduleStore Schedules { get; }

    public IOperatorStore Operators { get; }

    public ISessionKeys? SessionKeys { get; }

    public IWebhookStore Webhooks { get; }

    public IMemberStore Members { get; }

    public IEntityStore Entities { get; }

    public IFeedStore Feed { get; }

    public ICacheStore Cache { get; }

    /// <summary>Connects, checks the server, brings its schema up to date and measures its clock.</summary>
    /// <param name="connectionString">As Npgsql reads it: <c>Host=…;Username=…;Password=…;Database=…</c>.</param>
    /// <param name="machine">This machine's clock; of it only the monotonic part counts.</param>
    /// <param name="random">Of leases and jitter.</param>
    /// <param name="log">Told when a connection of its own breaks.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageSetupException">It cannot be used as configured; the message says why and what to do.</exception>
    public static async Task<PostgresStorage> OpenAsync(string connectionString, TimeProvider machine, Random random, ILogger log, CancellationToken ct)
    {
        var database = await PostgresDatabase.OpenAsync(connectionString, ct);
        var clock = new PostgresClock(machine);
        await using (var connection = await database.Source.OpenConnectionAsync(ct)) await clock.MeasureAsync(connection, ct);
        return new PostgresStorage(new Shared(database, clock, random, log));
    }

    /// <summary>With a clock in place of the server's, for tests.</summary>
    internal static async Task<PostgresStorage> OpenWithAsync(string connectionString, TimeProvider clock, Random random, ILogger log, CancellationToken ct, int? lanes = null) =>
        new(new Shared(await PostgresDatabase.OpenAsync(connectionString, ct), clock, random, log) { Lanes = lanes });

    /// <summary>Checks a database, whether or not nodes have it open, without changing it.</summary>
    /// <exception cref="StorageSetupException">There is none, or it holds nothing of ours.</exception>
    public static Task<VerifyReport> VerifyDatabaseAsync(string connectionString, CancellationToken ct) => PostgresDatabase.LookAsync(connectionString, PostgresVerify.RunAsync, ct);

    /// <summary>Transactions of callers' own SQL together with jobs.</summary>
    /// <param name="admission">Checks the jobs.</param>
    internal IPostgresTransactions Transactions(IJobAdmission admission, ShownJobs shown, ILogger log) => new PostgresTransactions(_own, admission, shown, log);

    /// <summary>Likewise with other limits, for tests.</summary>
    internal IPostgresTransactions Transactions(IJobAdmission admission, ShownJobs shown, ILogger log, WorkLimits limits) => new PostgresTransactions(_own, admission, shown, log) { Limits = limits };

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
        _own.Dispose();
        _jobs.Dispose();
        _hints.Dispose();
        _members.Dispose();
        _shared.Leave();
    }

    /// <summary>Positive, and of 63 random bits: no two nodes draw the same.</summary>
    private static long NewOrigin() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;

    /// <summary>What the nodes of a process have in common.</summary>
    private sealed class Shared(PostgresDatabase database, TimeProvider time, Random random, ILogger log)
    {
        private int _nodes = 1;

        public PostgresDatabase Database => database;

        public TimeProvider Time => time;

        /// <summary>Null for the server's.</summary>
        public TimeProvider? Clock => time is PostgresClock ? null : time;

        public Random Random => random;

        /// <summary>Connections that write jobs.</summary>
        public int? Lanes { get; init; }

        public ILogger Log => log;

        public void Enter() => Interlocked.Increment(ref _nodes);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _nodes) == 0) database.Dispose();
        }
    }
}
