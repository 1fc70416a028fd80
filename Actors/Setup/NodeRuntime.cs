using System.Reflection;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Load;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Setup.Metrics;
using ActorPerf.Tracing;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup;

/// <summary>One node's parts, started in order and stopped in the reverse: store, reaper, actor system, pools, caching actors, tracker, dispatchers, schedules, webhooks.</summary>
/// <remarks>Invariant: a node that has its database for itself claims nothing before every run of the owner's earlier lives was reaped; no front door before its actors stand, and no work before its front doors do.</remarks>
public sealed class NodeRuntime : IAsyncDisposable
{
    /// <summary>The process ended because its store failed (EX_IOERR of sysexits.h).</summary>
    public const int StoreFailedExitCode = 74;

    private readonly ILogger _log;
    private readonly TrackerParts _parts;
    private readonly IActorRef _tracker;
    private readonly NodeMembership _membership;
    private readonly NodeData _data;
    private readonly WebhookPost _post;
    private Task? _drained;
    private volatile bool _stopped;

    private NodeRuntime(
        INodeStorage storage, ActorSystem system, ComputeDirectory pools, TrackerParts parts, IActorRef tracker, NodeMembership membership,
        IJobs jobs, IWorkflows workflows, IQueues lines, ISchedules schedules, IWebhooks webhooks, WebhookPost post, ICompute compute, NodeData data, ILogger log)
    {
        (Storage, System, Pools, _parts, _tracker, _membership, Jobs, Workflows, Queues, Schedules, Webhooks, _post, Compute, _data, _log) =
            (storage, system, pools, parts, tracker, membership, jobs, workflows, lines, schedules, webhooks, post, compute, data, log);
    }

    public IJobs Jobs { get; }

    public IWorkflows Workflows { get; }

    public IQueues Queues { get; }

    public IJobResults Results => (JobService)Jobs;

    public ISchedules Schedules { get; }

    public IJobSearch Search => field ??= new JobSearch(Storage.Jobs, _parts.Tasks);

    public IOperations Operations => field ??= new OperationService((JobService)Jobs, Search);

    public IWebhooks Webhooks { get; }

    public ICompute Compute { get; }

    /// <summary>What this node's figures were like over the last 15 minutes.</summary>
    public required ITimelines Timelines { get; init; }

    /// <summary>Everything this node counts.</summary>
    public required IMetrics Metrics { get; init; }

    public required ILoadTests LoadTests { get; init; }

    /// <summary>Keeps no figures from here on: for measuring what keeping them costs.</summary>
    internal void StopTimelines() => System.Stop(((NodeTimelines)Timelines).Keeper);

    /// <summary>Null where the store is not SQLite.</summary>
    public ISqliteTransactions? SqliteTransactions { get; private init; }

    /// <summary>Null where the store is not PostgreSQL.</summary>
    public IPostgresTransactions? PostgresTransactions { get; private init; }

    public IData Data => _data.Service;

    public ICluster Cluster => _membership;

    public INodeStorage Storage { get; }

    /// <summary>The pools of this node.</summary>
    public ComputeDirectory Pools { get; }

    /// <summary>The actors of this node, to look at.</summary>
    public IActorInspector Actors => field ??= ActorSystems.Inspector(System);

    internal ActorSystem System { get; }

    /// <summary>The program's version, as members and <c>/version</c> tell it.</summary>
    public static string Version { get; } =
        typeof(NodeRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>Starts a node.</summary>
    /// <param name="start">What it is made of.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="StorageSetupException">The store cannot be used as configured.</exception>
    public static async Task<NodeRuntime> StartAsync(NodeStart start, CancellationToken ct)
    {
        var options = start.Options;
        var log = start.Logs.CreateLogger<NodeRuntime>();
        var random = new Random(start.Seed);
        var storage = start.Storage ?? await OpenStorageAsync(options.Storage, start, random, ct);
        // Nodes that share a server have its time of day.
        if (storage is PostgresStorage postgres) start = start with { Time = postgres.Time };
        var time = start.Time;
        ActorSystem? system = null;
        NodeData? data = null;
        try
        {
            data = await NodeData.OpenAsync(start, storage.Entities, ct);
            var identity = new NodeIdentity(options.Node.Name, Guid.CreateVersion7(), start.Address, [.. options.Node.Roles], Version, time.GetUtcNow());
            var alone = !storage.Feed.IsShared;
            var membership = new NodeMembership(identity, storage.Members, alone ? null : options.Cluster.Lease, time);
            if (await NodeJoining.JoinAsync(membership, time, log, ct) is { } taken) throw new StorageSetupException(taken);
            // Holding the file's lock proves earlier lives dead; where others live, the leader reaps.
            if (alone) await NodeJobs.ReapAsync(storage.Jobs, new Incarnation(identity.Incarnation), log, ct);
            // Before anything is read that it tells of.
            var from = await storage.Feed.EndAsync(ct);
            system = ActorSystems.Start(start);
            var queues = options.Node.Roles.Contains("compute") ? ComputePools.Queues(start.Tasks, start.Configuration) : [];
            var pools = await ComputePools.StartAsync(system, queues, options.Compute, time, start.Logs.CreateLogger<ComputePools>());
            var caching = await NodeCache.StartAsync(system, storage, start, pools, ct);
            var parts = await NodeJobs.PartsAsync(start, storage, identity, membership, pools, caching, ct);
            var tracker = NodeJobs.StartTracker(system, parts);
            if (storage.Feed.IsShared) NodeJobs.HearOfOthers(system, storage, start, parts, tracker);
            (membership.Running, membership.Queues, membership.Degraded) = (() => parts.Running.Count, queues, () => pools.Condition ?? caching.Condition ?? membership.LeftOpen);
            NodeRuntime? runtime = null;
            var jobs = new JobService(tracker, storage.Jobs, storage.Feed, start.Tasks, options.Jobs, time, parts.Running, parts.Statistics,
                new JobOutlook(storage.Jobs, parts.Running, pools, parts.Flow, parts.Pace, time, new ShownJobs(start.Tasks), storage.Feed.IsShared ? membership.IsServedElsewhere : null), () => runtime?._stopped == true, storage.Feed.IsShared ? parts.NodeName : null);
            var lines = new QueueService(tracker, storage.Jobs, time, pools, parts.Flow, () => runtime?._stopped == true);
            data.Service.AddFeature(jobs);
            var (shown, storageLog) = (new ShownJobs(start.Tasks), start.Logs.CreateLogger("ActorPerf.Storage"));
            var compute = new ComputeService(start.Tasks, caching, options.Cache, time, start.Logs.CreateLogger<ComputeService>());
            var timelines = NodeTimelines.Start(system, compute, data, storage.Jobs, time);
            var workflows = new WorkflowService(tracker, storage.Workflows, jobs, time, () => runtime?._stopped == true);
            var schedules = NodeSchedules.Start(system, storage, start, jobs, membership, () => runtime?._stopped == true);
            var addresses = new WebhookAddresses(options.Webhooks);
            var post = NodeWebhooks.Start(system, storage, start, jobs, membership, addresses);
            var webhooks = new WebhookService(storage.Webhooks, time, start.Tasks, addresses);
            runtime = new NodeRuntime(storage, system, pools, parts, tracker, membership, jobs, workflows, lines, schedules, webhooks, post, compute, data, log)
            {
                SqliteTransactions = (storage as SqliteStorage)?.Transactions(jobs, shown, storageLog),
                PostgresTransactions = (storage as PostgresStorage)?.Transactions(jobs, shown, storageLog),
                Timelines = timelines,
                Metrics = MetricsOf(start, storage, pools, parts, ActorSystems.Inspector(system), membership, caching, data),
                LoadTests = LoadSettings.Start(system, start),
            };
            // Tasks may ask for any front door as soon as they run.
            start.Stands(runtime);
            NodeJobs.Dispatch(system, pools, parts, tracker);
            membership.Become(MemberStatus.Up);
            Action<NodeNews> publish = system.EventStream.Publish;
            system.ActorOf(Props.Create(() => new MemberActor(membership, options.Cluster.Poll, publish, time, start.Logs.CreateLogger<NodeMembership>())), "member");
            runtime.Left = runtime.LeaveWhenToldAsync();
            NodeCache.Warm(system, start, compute);
            Action<string?> leftOpen = what => membership.LeftOpen = what;
            if (storage.Feed.IsShared)
                system.ActorOf(Props.Create(() => new TransactionWatch(storage.Feed, options.Cluster.LongTransaction, leftOpen, start.Logs.CreateLogger<NodeMembership>())), "transactions");
            // Last: everyone who listens stands.
            if (storage.Feed.IsShared)
                system.ActorOf(Props.Create(() => new FeedReader(storage.Feed, from, options.Cluster.Poll, start.Logs.CreateLogger<NodeMembership>())), "feed");
            return runtime;
        }
        catch (Exception fault)
        {
            if (system is not null) await system.Terminate();
            if (data is not null) await data.DisposeAsync();
            storage.Dispose();
            if (fault is ConfigurationException) throw new ConfigurationFaultException([new ConfigurationFault("akka.actor", fault.Message, null)]);
            throw;
        }
    }

    /// <summary>Completes when an operator told this node to leave and it has ended its work: stop it.</summary>
    public Task Left { get; private set; } = Task.CompletedTask;

    /// <summary>The store failed for good: nothing more is acknowledged, and the reason is told to whoever asks for the node's health.</summary>
    public void Fail(string reason) => _membership.Fail(reason);

    /// <summary>Takes no more work, waits for what runs, hands back what does not end, and lets everybody go who waits. Submits are refused as
    /// <c>draining</c> from here on, and reads are answered until <see cref="StopAsync"/>. Repeats wait for the first.</summary>
    /// <param name="patience">How long attempts may go on; zero to hand them back at once.</param>
    public Task DrainAsync(TimeSpan patience) => _drained ??= DrainOnceAsync(patience);

    /// <summary>Drains unless that was done, then stops the actors and closes the store.</summary>
    /// <param name="patience">As of <see cref="DrainAsync"/>.</param>
    public async Task StopAsync(TimeSpan patience)
    {
        await DrainAsync(patience);
        if (_stopped) return;
        _stopped = true;
        try
        {
            _membership.Become(MemberStatus.Down);
            var end = new MemberCommand.End(_membership.Self.Name, _membership.Self.Incarnation);
            await Storage.Members.ApplyAsync(end, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            _log.LeftWithoutWord(exception);
        }
        await System.Terminate();
        _post.Dispose();
        await _data.DisposeAsync();
        Storage.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    private async Task LeaveWhenToldAsync()
    {
        await _membership.ToldToLeave;
        _log.ToldToLeave();
        await DrainAsync(_parts.Options.DrainTimeout);
    }

    private async Task DrainOnceAsync(TimeSpan patience)
    {
        _membership.Become(MemberStatus.Leaving);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _tracker.Tell(new TrackerCommand.Drain(patience, done));
        // The hand-back itself is bounded: a store that no longer answers must not keep the process.
        await Task.WhenAny(done.Task, Task.Delay(patience + TimeSpan.FromSeconds(10), _parts.Time));
        _tracker.Tell(TrackerCommand.LetGo.Instance);
    }

    private static async Task<INodeStorage> OpenStorageAsync(StorageOptions options, NodeStart start, Random random, CancellationToken ct) => options.Provider switch
    {
        StorageProvider.Memory => new MemoryStorage(start.Time, random),
        StorageProvider.Postgresql => await PostgresStorage.OpenAsync(options.ConnectionString, start.Time, random, start.Logs.CreateLogger("ActorPerf.Storage"), ct),
        _ => SqliteStorage.Open(options.ConnectionString, start.Time, random, start.Fatal),
    };

    private static NodeMetrics MetricsOf(
        NodeStart start, INodeStorage storage, ComputeDirectory pools, TrackerParts parts, IActorInspector actors, NodeMembership membership, CachingShards caching, NodeData data) => new(
        new NodeMetricSources
        {
            Jobs = parts.Statistics.Meter,
            Store = storage.Jobs,
            Pools = pools,
            Actors = actors,
            Cluster = membership,
            Traces = start.Traces,
            Cache = () => caching.Books.PerTask(),
            Data = () => data.Service.Statistics,
            Storage = storage,
            Time = start.Time,
        },
        start.Logs.CreateLogger<NodeMetrics>());
}
