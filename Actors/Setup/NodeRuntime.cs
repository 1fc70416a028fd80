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
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>One node's parts, started in order and stopped in the reverse: store, reaper, actor system, pools, caching actors, tracker, dispatchers, schedules, webhooks.</summary>
/// <remarks>Invariant: no claim before every run of an earlier life of this database's owner was reaped; no front door before its actors stand.</remarks>
public sealed class NodeRuntime : IAsyncDisposable
{
    /// <summary>How long a stop waits for attempts under way before it hands them back.</summary>
    public static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(30);

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

    /// <summary>Null where the store is not SQLite.</summary>
    public ISqliteTransactions? SqliteTransactions { get; private init; }

    public IData Data => _data.Service;

    public ICluster Cluster => _membership;

    public INodeStorage Storage { get; }

    /// <summary>The pools of this node.</summary>
    public ComputeDirectory Pools { get; }

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
        var time = start.Time;
        var log = start.Logs.CreateLogger<NodeRuntime>();
        var random = new Random(start.Seed);
        var storage = OpenStorage(options.Storage, start, random);
        ActorSystem? system = null;
        NodeData? data = null;
        try
        {
            data = await NodeData.OpenAsync(start, storage.Entities, ct);
            var identity = new NodeIdentity(options.Node.Name, Guid.CreateVersion7(), start.Address, [.. options.Node.Roles], Version, time.GetUtcNow());
            await ReapAsync(storage.Jobs, new Incarnation(identity.Incarnation), log, ct);
            system = ActorSystems.Start(start);
            var queues = options.Node.Roles.Contains("compute") ? ComputePools.Queues(start.Tasks, start.Configuration) : [];
            var pools = await ComputePools.StartAsync(system, queues, options.Compute, time, start.Logs.CreateLogger<ComputePools>());
            var caching = await NodeCache.StartAsync(system, storage, start, pools, feed: null, ct);
            var parts = await PartsAsync(start, storage, identity, pools, caching, ct);
            var tracker = StartTracker(system, parts);
            foreach (var pool in pools.All) parts.Dispatchers.Add(pool.Queue, StartDispatcher(system, pool, parts, tracker));
            var membership = new NodeMembership(identity, storage.Members, () => parts.Running.Count, queues, () => pools.Condition ?? caching.Condition, time);
            NodeRuntime? runtime = null;
            var jobs = new JobService(tracker, storage.Jobs, start.Tasks, options.Jobs, time, parts.Running, parts.Statistics,
                new JobOutlook(storage.Jobs, parts.Running, pools, parts.Flow, parts.Pace, time, new ShownJobs(start.Tasks)), () => runtime?._stopped == true);
            var lines = new QueueService(tracker, storage.Jobs, time, pools, parts.Flow, () => runtime?._stopped == true);
            data.Service.AddFeature(jobs);
            var transactions = (storage as SqliteStorage)?.Transactions(jobs, new ShownJobs(start.Tasks), start.Logs.CreateLogger("ActorPerf.Storage"));
            var compute = new ComputeService(start.Tasks, caching, options.Cache, time, start.Logs.CreateLogger<ComputeService>());
            var workflows = new WorkflowService(tracker, storage.Workflows, jobs, time, () => runtime?._stopped == true);
            var schedules = StartSchedules(system, storage, start, jobs, () => runtime?._stopped == true);
            var post = StartWebhooks(system, storage, start, jobs);
            var webhooks = new WebhookService(storage.Webhooks, time, start.Tasks);
            runtime = new NodeRuntime(storage, system, pools, parts, tracker, membership, jobs, workflows, lines, schedules, webhooks, post, compute, data, log) { SqliteTransactions = transactions };
            membership.Become("up");
            NodeCache.Warm(system, start, compute);
            system.ActorOf(Props.Create(() => new MemberActor(storage.Members, () => membership.Self, start.Logs.CreateLogger<NodeMembership>())), "member");
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
            _membership.Become("down");
            await Storage.Members.WriteAsync(_membership.Self, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
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

    private async Task DrainOnceAsync(TimeSpan patience)
    {
        _membership.Become("leaving");
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _tracker.Tell(new TrackerCommand.Drain(patience, done));
        // The hand-back itself is bounded: a store that no longer answers must not keep the process.
        await Task.WhenAny(done.Task, Task.Delay(patience + TimeSpan.FromSeconds(10), _parts.Time));
        _tracker.Tell(TrackerCommand.LetGo.Instance);
    }

    private static INodeStorage OpenStorage(StorageOptions options, NodeStart start, Random random) => options.Provider switch
    {
        StorageProvider.Memory => new MemoryStorage(start.Time, random),
        _ => SqliteStorage.Open(options.ConnectionString, start.Time, random, start.Fatal),
    };

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
        NodeStart start, INodeStorage storage, NodeIdentity identity, ComputeDirectory pools, CachingShards caching, CancellationToken ct)
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
            Waiting = counts.Where(count => !count.State.IsFinal && !count.State.IsActive).GroupBy(count => count.Queue, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Sum(count => count.Count), StringComparer.Ordinal),
            Pools = pools,
        };
    }

    private static IActorRef StartTracker(ActorSystem system, TrackerParts parts) =>
        system.ActorOf(Props.Create(() => new JobTracker(parts)), "jobs");

    private static ScheduleService StartSchedules(ActorSystem system, INodeStorage storage, NodeStart start, JobService jobs, Func<bool> ended)
    {
        var parts = new ScheduleParts
        {
            Store = storage.Schedules,
            Jobs = jobs,
            Tasks = start.Tasks,
            Configured = [.. start.Options.Schedules],
            Time = start.Time,
            Log = start.Logs.CreateLogger("ActorPerf.Schedules"),
        };
        return new ScheduleService(system.ActorOf(Props.Create(() => new ScheduleActor(parts)), "schedules"), parts, ended);
    }

    private static WebhookPost StartWebhooks(ActorSystem system, INodeStorage storage, NodeStart start, JobService jobs)
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
            Address = start.Address.TrimEnd('/'),
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

    public required ILoggerFactory Logs { get; init; }

    /// <summary>Where its API listens, for the member row.</summary>
    public string Address { get; init; } = "";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Counts what demonstrations read.</summary>
    internal DemoMeter Demo { get; init; } = new();

    /// <summary>A system that the host has started; the node stops it with itself. Null: the node starts its own.</summary>
    public ActorSystem? System { get; init; }

    /// <summary>Of the jitter of retries.</summary>
    public int Seed { get; init; } = Environment.TickCount;

    /// <summary>Told once when acknowledged work may be gone: end the process with exit code 74.</summary>
    public Action<Exception> Fatal { get; init; } = _ => { };
}
