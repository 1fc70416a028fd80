using System.Reflection;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Tracing;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>Everything that a node counts, as families of metrics (docs/metrics.md). It asks each part when it is asked itself; no part counts for it alone.</summary>
internal sealed class NodeMetrics(NodeMetricSources sources, ILogger log) : IMetrics
{
    private static readonly (string Version, string Commit) Build = ReadBuild();

    /// <summary>A store that hangs must not hold up whoever asks.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly RisingTotals _rising = new();

    public async ValueTask<IReadOnlyList<MetricFamily>> ReadAsync(CancellationToken ct)
    {
        List<MetricFamily> families =
        [
            MetricFamily.Gauges("actorperf_build_info", "Which program answers; always 1.", [MetricPoint.Of(1, ("version", Build.Version), ("commit", Build.Commit))]),
            MetricFamily.Gauge("actorperf_ready", "1 while the node takes new work, else 0.", sources.Cluster.Condition.Ready ? 1 : 0),
            .. sources.Jobs.Read(),
            .. PoolFigures.Of(sources.Pools),
            .. ActorFigures.Of(sources.Actors, _rising),
            .. CacheFigures.Of(sources.Cache(), _rising),
            .. DataFigures.Of(sources.Data()),
            .. sources.Traces is { } traces ? RequestFigures.Of(traces) : [],
            .. ProcessFigures.Of(),
        ];
        families.AddRange(StorageFigures.Of(sources.Storage));
        families.AddRange(await StoredAsync(ct));
        return [.. families.OrderBy(static family => family.Name, StringComparer.Ordinal)];
    }

    /// <summary>What is read from the store; nothing of it while the store does not answer.</summary>
    private async Task<List<MetricFamily>> StoredAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            var counts = await sources.Store.CountAsync(null, limit.Token).AsTask().WaitAsync(limit.Token);
            var oldest = await sources.Store.OldestWaitingAsync(null, limit.Token).AsTask().WaitAsync(limit.Token);
            var members = await sources.Cluster.ViewAsync(limit.Token).AsTask().WaitAsync(limit.Token);
            return [.. QueueFigures.Of(counts, oldest, sources.Time.GetUtcNow()), .. Members(members)];
        }
        catch (Exception fault) when (fault is StoreUnavailableException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            log.MetricsIncomplete(fault);
            return [];
        }
    }

    private static IEnumerable<MetricFamily> Members(ClusterView view)
    {
        string[] all = [MemberStatus.Down, MemberStatus.Joining, MemberStatus.Leaving, MemberStatus.Up];
        yield return MetricFamily.Gauges("actorperf_cluster_members", "Members by status.",
            all.Select(status => MetricPoint.Of(view.Members.Count(member => member.Status == status), ("status", status))));
        yield return MetricFamily.Gauge("actorperf_cluster_unreachable_members", "Members that do not renew their lease.", view.Members.Count(static member => member.Unreachable));
    }

    private static (string, string) ReadBuild()
    {
        var parts = (typeof(NodeMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : "");
    }
}

/// <summary>What metrics are read from; each may be read from any thread.</summary>
internal sealed record NodeMetricSources
{
    public required JobMeter Jobs { get; init; }

    public required IJobStore Store { get; init; }

    public required ComputeDirectory Pools { get; init; }

    public required IActorInspector Actors { get; init; }

    /// <summary>Null where nobody counts requests.</summary>
    public required TraceCollector? Traces { get; init; }

    public required ICluster Cluster { get; init; }

    /// <summary>Totals by cache, over all namespaces.</summary>
    public required Func<IReadOnlyDictionary<string, CacheTotals>> Cache { get; init; }

    public required Func<DataStatistics> Data { get; init; }

    public required INodeStorage Storage { get; init; }

    public required TimeProvider Time { get; init; }
}
