using System.Text;
using System.Text.Json;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Configuration;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage;
using ActorPerf.Tasks;

namespace ActorPerf.Setup;

/// <summary>The cache of a node: its shards, its second level where the configuration has one, and the calls it is warmed with.</summary>
internal static class NodeCache
{
    /// <exception cref="ConfigurationFaultException">A call to warm up with cannot be made.</exception>
    public static async Task<CachingShards> StartAsync(
        ActorSystem system, INodeStorage storage, NodeStart start, ComputeDirectory pools, CancellationToken ct)
    {
        var options = start.Options.Cache;
        _ = Calls(start);
        var store = options.SecondLevel.Enabled ? storage.Cache : null;
        IInvalidationFeed feed = store is null ? new LocalInvalidationFeed() : await StoredInvalidationFeed.OpenAsync(store, ct);
        var log = start.Logs.CreateLogger<CachingShards>();
        if (storage.Feed.IsShared)
        {
            var shared = new ClusterInvalidationFeed(feed, store, storage.Feed);
            system.ActorOf(Props.Create(() => new InvalidationListener(shared, log)), "caching-invalidations");
            feed = shared;
        }
        if (store is not null) system.ActorOf(Props.Create(() => new SecondLevelSweeper(store, options.SecondLevel.MaxEntries, start.Time, log)), "caching-sweeper");
        return await CachingShards.StartAsync(system, pools, options, start.Time, log, feed, store, start.Seed);
    }

    /// <summary>Begins to compute what the configuration names.</summary>
    public static void Warm(ActorSystem system, NodeStart start, ICompute compute)
    {
        var (calls, log) = (Calls(start), start.Logs.CreateLogger<CachingShards>());
        if (calls.Count > 0) system.ActorOf(Props.Create(() => new CacheWarmer(compute, calls, start.Time, log)), "caching-warmer");
    }

    /// <exception cref="ConfigurationFaultException">One of them cannot be made; all faults are told.</exception>
    internal static List<WarmCall> Calls(NodeStart start)
    {
        var faults = new List<ConfigurationFault>();
        var calls = start.Options.Cache.Warm.Select((call, i) => Call(start.Tasks, call, i, faults)).ToList();
        ConfigurationFaultException.ThrowIfAny(faults);
        return calls;
    }

    private static WarmCall Call(ITaskCatalog tasks, WarmOptions call, int index, List<ConfigurationFault> faults)
    {
        if (!Namespace.TryParse(call.Namespace, out var ns)) Fault("namespace", $"'{call.Namespace}' is no namespace: use {TaskNames.Rule}, beginning with a letter or digit.");
        var args = Encoding.UTF8.GetBytes(call.Args);
        if (!tasks.TryGet(call.Task, out var task)) Fault("task", tasks.Unknown(call.Task).Detail);
        else if (task.For(args).Memoize is null) Fault("task", $"'{call.Task}' is not memoised, so there is nothing to warm. Set actorperf.tasks.{call.Task}.memoize.");
        else if (Misfit(task, args) is { } misfit) Fault("args", misfit);
        return new WarmCall(ns, call.Task, args, call.Every) { NextAfter = Timetable(call, Fault) };

        void Fault(string setting, string problem) => faults.Add(new ConfigurationFault($"actorperf.cache.warm[{index}].{setting}", $"actorperf.cache.warm[{index}].{setting}: {problem}", null));
    }

    private static Func<DateTimeOffset, DateTimeOffset?>? Timetable(WarmOptions call, Action<string, string> fault)
    {
        if (call.Cron is not { } cron) return null;
        if (call.Every is not null) fault("cron", "there is 'every' too. Name one of them.");
        if (!CronExpression.TryParse(cron, out var times, out var wrong)) fault("cron", wrong);
        if (!TimeZones.TryFind(call.TimeZone, out var zone, out var unknown)) fault("time-zone", unknown);
        return times is null || zone is null ? null : new CronTimetable(times, zone).Next;
    }

    private static string? Misfit(TaskDescriptor task, byte[] args)
    {
        try
        {
            using var read = JsonDocument.Parse(args);
            return task.Check(args)?.Detail;
        }
        catch (JsonException)
        {
            return "it is no JSON. Write the arguments as a JSON text.";
        }
    }
}
