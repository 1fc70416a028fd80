using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Load;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Setup;

/// <summary>Settings under <c>actorperf</c> that the library reads; <c>http</c> belongs to the web part.</summary>
public sealed class ActorPerfOptions
{
    public NodeOptions Node { get; set; } = new();
    public StorageOptions Storage { get; set; } = new();
    public ClusterOptions Cluster { get; set; } = new();
    public CacheOptions Cache { get; set; } = new();
    public ComputeOptions Compute { get; set; } = new();
    public JobOptions Jobs { get; set; } = new();
    public DataOptions Data { get; set; } = new();

    /// <summary>Queues by name. A queue that is not named here has the defaults.</summary>
    public IDictionary<string, QueueOptions> Queues { get; set; } = new Dictionary<string, QueueOptions>(StringComparer.Ordinal);

    /// <summary>Limits of limit keys by name; they go before those of queues.</summary>
    public IDictionary<string, LimitOptions> Limits { get; set; } = new Dictionary<string, LimitOptions>(StringComparer.Ordinal);

    public FetchOptions Fetch { get; set; } = new();

    public WebhookOptions Webhooks { get; set; } = new();

    public TracingOptions Tracing { get; set; } = new();

    public LoadOptions Load { get; set; } = new();

    public TaskFolderOptions TaskFolder { get; set; } = new();

    // No setting like the others: its arguments are any JSON, so it is read by hand.
    internal List<ConfiguredSchedule> Schedules { get; } = [];

    /// <summary>Adds a schedule as if <c>actorperf.schedules</c> had it.</summary>
    public void AddSchedule(ConfiguredSchedule schedule) => Schedules.Add(schedule);
}

/// <summary>Settings under <c>actorperf.storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary><c>sqlite</c> (the default), <c>postgresql</c> or <c>memory</c>.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>For SQLite <c>Data Source=FILE</c>; for PostgreSQL <c>Host=db;Database=app;Username=app;Password=…</c>. Default <c>Data Source=data/actorperf.db</c>.</summary>
    [Secret]
    public string ConnectionString { get; set; } = "Data Source=data/actorperf.db";
}

/// <summary>Where a node keeps what it knows.</summary>
public enum StorageProvider
{
    Sqlite,
    Memory,
    Postgresql,
}

/// <summary>Settings under <c>actorperf.task-folder</c>: where the ready-made node finds tasks of other assemblies.</summary>
public sealed class TaskFolderOptions
{
    /// <summary>A folder whose assemblies are searched for tasks at start, relative to the current folder. Default <c>tasks</c>; empty for none.</summary>
    public string Path { get; set; } = "tasks";
}
