using System.Reflection;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Data.Demo;
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
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Tracing.Metrics;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>One node's parts, started in order and stopped in the reverse: store, reaper, actor system, pools, caching actors, tracker, dispatchers, schedules, webhooks.</summary>
/// <remarks>Invariant: a node that has its database for itself claims nothing before every run of the owner's earlier lives was reaped; no front door before its actors stand, and no work before its front doors do.</remarks>
public sealed class NodeRuntime : IAsyncDisposable
{
    /// <summary>The process ended because its store failed (EX_IOERR of sysexits.h).</summary>
    public const int StoreFailedExitCode = 74;

    private const int ReapBatch = 1_000;
    private const int OtherSequence = 0x5f3759df;
    private const int ThirdSequence = 0x2545f491;

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
            if (alone) await ReapAsync(storage.Jobs, new Incarnation(identity.Incarnation), log, ct);
            // Before anything is read that it tells of.
            var from = await storage.Feed.EndAsync(ct);
            system = ActorSystems.Start(start);
            var queues = options.Node.Roles.Contains("compute") ? ComputePools.Queues(start.Tasks, start.Configuration) : [];
            var pools = await ComputePools.StartAsync(system, queues, options.Compute, time, start.Logs.CreateLogger<ComputePools>());
            var caching = await NodeCache.StartAsync(system, storage, start, pools, ct);
            var parts = await PartsAsync(start, storage, identity, membership, pools, caching, ct);
            var tracker = StartTracker(system, parts);
            if (storage.Feed.IsShared) HearOfOthers(system, storage, start, parts, tracker);
            (membership.Running, membership.Queues, membership.Degraded) = (() => parts.Running.Count, queues, () => pools.Condition ?? caching.Condition);
            NodeRuntime? runtime = null;
            var jobs = new JobService(tracker, storage.Jobs, storage.Feed, start.Tasks, options.Jobs, time, parts.Running, parts.Statistics,
                new JobOutlook(storage.Jobs, parts.Running, pools, parts.Flow, parts.Pace, time, new ShownJobs(start.Tasks), storage.Feed.IsShared ? membership.IsServedElsewhere : null), () => runtime?._stopped == true);
            var lines = new QueueService(tracker, storage.Jobs, time, pools, parts.Flow, () => runtime?._stopped == true);
            data.Service.AddFeature(jobs);
            var transactions = (storage as SqliteStorage)?.Transactions(jobs, new ShownJobs(start.Tasks), start.Logs.CreateLogger("ActorPerf.Storage"));
            var compute = new ComputeService(start.Tasks, caching, options.Cache, time, start.Logs.CreateLogger<ComputeService>());
            var timelines = NodeTimelines.Start(system, compute, data, storage.Jobs, time);
            var workflows = new WorkflowService(tracker, storage.Workflows, jobs, time, () => runtime?._stopped == true);
            var schedules = StartSchedules(system, storage, start, jobs, membership, () => runtime?._stopped == true);
            var post = StartWebhooks(system, storage, start, jobs, membership);
            var webhooks = new WebhookService(storage.Webhooks, time, start.Tasks);
            runtime = new NodeRuntime(storage, system, pools, parts, tracker, membership, jobs, workflows, lines, schedules, webhooks, post, compute, data, log)
            {
                SqliteTransactions = transactions,
                Timelines = timelines,
                Metrics = MetricsOf(start, storage, pools, parts, ActorSystems.Inspector(system), membership, caching, data),
                LoadTests = LoadSettings.Start(system, start),
            };
            // Tasks may ask for any front door as soon as they run.
            start.Stands(runtime);
            parts.Dispatchers = pools.All.ToDictionary(static pool => pool.Queue, pool => StartDispatcher(system, pool, parts, tracker), StringComparer.Ordinal);
            membership.Become(MemberStatus.Up);
            Action<NodeNews> publish = system.EventStream.Publish;
            system.ActorOf(Props.Create(() => new MemberActor(membership, options.Cluster.Poll, publish, time, start.Logs.CreateLogger<NodeMembership>())), "member");
            runtime.Left = runtime.LeaveWhenToldAsync();
            NodeCache.Warm(system, start, compute);
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

    /// <summary>Ends the runs of earlier lives. Holding the file's lock proves all of them dead.</summary>
    private static async Task ReapAsync(IJobStore store, Incarnation self, ILogger log, CancellationToken ct)
    {
        var reaped = 0;
        while (true)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            store.Reported = _ => done.TrySetResult();
            var reap = new JobWrite.Reap([self], ReapBatch);
            if (!store.TryPost(reap)) throw new StoreUnavailableException("The store takes no writes.");
            await done.Task.WaitAsync(ct);
            if (reap.Failure is { } failure) throw failure;
            reaped += reap.Moved.Count;
            if (reap.Moved.Count == ReapBatch) continue;
            if (reaped > 0) log.Reaped(reaped);
            return;
        }
    }

    private static async Task<TrackerParts> PartsAsync(
        NodeStart start, INodeStorage storage, NodeIdentity identity, NodeMembership membership, ComputeDirectory pools, CachingShards caching, CancellationToken ct)
    {
        var counts = await storage.Jobs.CountAsync(null, ct);
        var defaults = new QueueOptions();
        var queues = start.Options.Queues;
        QueueOptions Of(string queue) => queues.TryGetValue(queue, out var own) ? own : defaults;
        return new TrackerParts
        {
            Store = storage.Jobs,
            Tasks = start.Tasks,
            Options = start.Options.Jobs,
            QueueOptions = Of,
            Flow = new FlowSettings(Of, start.Options.Limits, await storage.Jobs.ReadQueueSettingsAsync(ct)),
            Pace = new QueuePace(start.Time),
            OwnRetentions = [.. queues.Values.Select(queue => queue.Retention)],
            Incarnation = new Incarnation(identity.Incarnation),
            NodeName = identity.Name,
            Time = start.Time,
            // Its own: the store draws on the writer's thread, and a Random is for one thread at a time.
            Random = new Random(start.Seed ^ OtherSequence),
            Log = start.Logs.CreateLogger("ActorPerf.Jobs"),
            Statistics = new JobStatisticsBoard(start.Time),
            CachingActorOf = caching.ActorOf,
            MaxResultBytes = start.Options.Compute.MaxResultBytes,
            Waiting = JobCounts.Waiting(counts),
            Pools = pools,
            LeaseHolds = () => membership.Lease.Holds,
            Leadership = Duties(membership),
            Traces = start.Traces,
        };
    }

    /// <summary>A node that has the store for itself has all duties, from before it is up until after it has drained.</summary>
    private static ILeadership Duties(NodeMembership membership) => membership.LeaseLength is null ? Leadership.Always : membership;

    /// <summary>What other nodes write is read from the feed: by the tracker and by those who follow jobs.</summary>
    private static void HearOfOthers(ActorSystem system, INodeStorage storage, NodeStart start, TrackerParts parts, IActorRef tracker)
    {
        var poll = start.Options.Cluster.Poll;
        var events = system.ActorOf(Props.Create(() => new JobEventReader(storage.Feed, storage.Jobs, tracker, poll, parts.Log)), "events");
        parts.Events = events;
        system.EventStream.Subscribe(events, typeof(FeedNews.Hint));
        system.EventStream.Subscribe(tracker, typeof(FeedNews.Rows));
        system.EventStream.Subscribe(tracker, typeof(FeedNews.Gap));
    }

    private static IActorRef StartTracker(ActorSystem system, TrackerParts parts) =>
        system.ActorOf(Props.Create(() => new JobTracker(parts)), "jobs");

    private static ScheduleService StartSchedules(ActorSystem system, INodeStorage storage, NodeStart start, JobService jobs, NodeMembership membership, Func<bool> ended)
    {
        var parts = new ScheduleParts
        {
            Store = storage.Schedules,
            Jobs = jobs,
            Tasks = start.Tasks,
            Configured = [.. start.Options.Schedules],
            Time = start.Time,
            Log = start.Logs.CreateLogger("ActorPerf.Schedules"),
            Leadership = Duties(membership),
        };
        return new ScheduleService(system.ActorOf(Props.Create(() => new ScheduleActor(parts)), "schedules"), parts, ended);
    }

    private static WebhookPost StartWebhooks(ActorSystem system, INodeStorage storage, NodeStart start, JobService jobs, NodeMembership membership)
    {
        var options = start.Options.Webhooks;
        var post = new WebhookPost(options, new WebhookAddresses(options), start.Time);
        var parts = new WebhookParts
        {
            Store = storage.Webhooks,
            ReadJob = jobs.GetAsync,
            Post = post,
            Options = options,
            Time = start.Time,
            Random = new Random(start.Seed ^ ThirdSequence),
            Log = start.Logs.CreateLogger("ActorPerf.Webhooks"),
            // Where a delivery belongs to the node that read it as due, every node may send.
            Leadership = storage is PostgresStorage ? Leadership.Always : Duties(membership),
            Address = start.Address.TrimEnd('/'),
            Meter = start.Traces?.Route(CallKind.Webhook, "webhook"),
        };
        system.ActorOf(Props.Create(() => new WebhookSender(parts)), "webhooks");
        return post;
    }

    private static IActorRef StartDispatcher(ActorSystem system, ComputePool pool, TrackerParts parts, IActorRef tracker)
    {
        var dispatcher = new DispatcherParts(pool.Queue, pool.Gate, tracker, parts.Start);
        return system.ActorOf(Props.Create(() => new JobDispatcher(dispatcher)), $"dispatcher-{pool.Queue}");
    }
}

/// <summary>What a node is started from.</summary>
public sealed record NodeStart
{
    public required ActorPerfOptions Options { get; init; }

    /// <summary>The whole configuration; the actor system and the pools read their settings under <c>akka</c>.</summary>
    public required IConfiguration Configuration { get; init; }

    public required ITaskCatalog Tasks { get; init; }

    /// <summary>Kinds of entities whose indexes are to be there.</summary>
    public IReadOnlyList<EntityKind> Kinds { get; init; } = [];

    /// <summary>Load tests of classes.</summary>
    public IReadOnlyList<LoadScenario> Scenarios { get; init; } = [];

    public required ILoggerFactory Logs { get; init; }

    /// <summary>Where its API listens, for the member row.</summary>
    public string Address { get; init; } = "";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>This node's hold on a database that nodes of the process share; the node disposes it. Null: it opens one for itself.</summary>
    public INodeStorage? Storage { get; init; }

    /// <summary>Counts what demonstrations read.</summary>
    internal DemoMeter Demo { get; init; } = new();

    /// <summary>Counts and traces attempts of jobs; null: nobody does. Whoever made it disposes it.</summary>
    public TraceCollector? Traces { get; init; }

    /// <summary>A system that the host has started; the node stops it with itself. Null: the node starts its own.</summary>
    public ActorSystem? System { get; init; }

    /// <summary>Of the jitter of retries.</summary>
    public int Seed { get; init; } = Environment.TickCount;

    /// <summary>Told once when all front doors stand, and before anything runs that could ask for one: jobs from an earlier life, schedules, what is warmed.</summary>
    public Action<NodeRuntime> Stands { get; init; } = static _ => { };

    /// <summary>Told once when acknowledged work may be gone: end the process with exit code 74.</summary>
    public Action<Exception> Fatal { get; init; } = _ => { };
}
