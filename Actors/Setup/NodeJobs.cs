using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Jobs;
using ActorPerf.Storage;

namespace ActorPerf.Setup;

/// <summary>The actors of a node's jobs: the tracker, those that claim for its pools, and those that hear of other nodes.</summary>
internal static class NodeJobs
{
    private const int ReapBatch = 1_000;
    private const int OtherSequence = 0x5f3759df;

    /// <summary>Ends the runs of earlier lives. Holding the file's lock proves all of them dead.</summary>
    public static async Task ReapAsync(IJobStore store, Incarnation self, ILogger log, CancellationToken ct)
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

    public static async Task<TrackerParts> PartsAsync(
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

    public static IActorRef StartTracker(ActorSystem system, TrackerParts parts) =>
        system.ActorOf(Props.Create(() => new JobTracker(parts)), "jobs");

    /// <summary>What other nodes write is read from the feed: by the tracker and by those who follow jobs.</summary>
    public static void HearOfOthers(ActorSystem system, INodeStorage storage, NodeStart start, TrackerParts parts, IActorRef tracker)
    {
        var poll = start.Options.Cluster.Poll;
        var events = system.ActorOf(Props.Create(() => new JobEventReader(storage.Feed, storage.Jobs, tracker, parts.Running, poll, parts.Log)), "events");
        parts.Events = events;
        system.EventStream.Subscribe(events, typeof(FeedNews.Hint));
        system.EventStream.Subscribe(tracker, typeof(FeedNews.Rows));
        system.EventStream.Subscribe(tracker, typeof(FeedNews.Gap));
    }

    /// <summary>Claims begin with them: nothing runs on this node before.</summary>
    public static void Dispatch(ActorSystem system, ComputeDirectory pools, TrackerParts parts, IActorRef tracker) =>
        parts.Dispatchers = pools.All.ToDictionary(static pool => pool.Queue, pool => StartDispatcher(system, pool, parts, tracker), StringComparer.Ordinal);

    /// <summary>A node that has the store for itself has all duties, from before it is up until after it has drained.</summary>
    public static ILeadership Duties(NodeMembership membership) => membership.LeaseLength is null ? Leadership.Always : membership;

    private static IActorRef StartDispatcher(ActorSystem system, ComputePool pool, TrackerParts parts, IActorRef tracker)
    {
        var dispatcher = new DispatcherParts(pool.Queue, pool.Gate, tracker, parts.Start);
        return system.ActorOf(Props.Create(() => new JobDispatcher(dispatcher)), $"dispatcher-{pool.Queue}");
    }
}
