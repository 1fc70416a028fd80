using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Setup.Metrics;
using ActorPerf.Storage.Memory;
using ActorPerf.Tests.Tracing.Metrics;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tracing.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Setup.Metrics;

public sealed class NodeMetricsTests
{
    [Fact]
    public async Task While_the_store_is_away_the_rest_is_answered()
    {
        var families = await ReadAsync(new AwayCluster());
        Assert.DoesNotContain("actorperf_cluster_members", families.Keys);
        Assert.Equal(0, families["actorperf_ready"][[]]);
        Assert.Contains("process_cpu_seconds_total", families.Keys);
    }

    [Fact]
    public async Task A_cache_that_lost_its_books_keeps_its_totals()
    {
        var hits = 7L;
        var metrics = Of(new AwayCluster(), () => new Dictionary<string, CacheTotals> { ["square"] = new(0, 0, hits, 0, 0, 0, 0) });
        await metrics.ReadAsync(TestContext.Current.CancellationToken);
        hits = 2;
        var families = PrometheusReader.Read(PrometheusText.Write(await metrics.ReadAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(7, families["actorperf_cache_requests_total"][("cache", "square"), ("outcome", "hit")]);
    }

    [Fact]
    public async Task Caches_beyond_the_bound_are_summed_up()
    {
        var totals = Enumerable.Range(0, 520).ToDictionary(n => $"cache-{n}", n => new CacheTotals(1, 0, 1_000 - n, 0, 0, 0, 0));
        var families = PrometheusReader.Read(PrometheusText.Write(await Of(new AwayCluster(), () => totals).ReadAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(501, families["actorperf_cache_entries"].Samples.Count);
        Assert.Equal(20, families["actorperf_cache_entries"][("cache", "_other")]);
    }

    private static async Task<IReadOnlyDictionary<string, PrometheusReader.Family>> ReadAsync(ICluster cluster) =>
        PrometheusReader.Read(PrometheusText.Write(await Of(cluster, static () => new Dictionary<string, CacheTotals>()).ReadAsync(TestContext.Current.CancellationToken)));

    private static NodeMetrics Of(ICluster cluster, Func<IReadOnlyDictionary<string, CacheTotals>> cache) => new(
        new NodeMetricSources
        {
            Jobs = new JobMeter(),
            Store = new MemoryStorage(TimeProvider.System, new Random(1)).Jobs,
            Pools = new ComputeDirectory([]),
            Actors = new FakeActors(),
            Traces = null,
            Cluster = cluster,
            Cache = cache,
            Data = static () => new DataStatistics(Nothing, Nothing, new Dictionary<string, PipelineSnapshot>()),
            Storage = new MemoryStorage(TimeProvider.System, new Random(1)),
            Time = TimeProvider.System,
        },
        NullLogger.Instance);

    private static PipelineSnapshot Nothing { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, [0, 0], [0, 0]);

    /// <summary>Its store does not answer.</summary>
    private sealed class AwayCluster : ICluster
    {
        public Member Self => throw new NotSupportedException("Nobody asks for it.");

        public NodeCondition Condition => new(false, false, "The store is away.");

        public ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct) => throw new StoreUnavailableException();

        public ValueTask<ClusterView> ViewAsync(CancellationToken ct) => throw new StoreUnavailableException();

        public ValueTask<MemberReply> LeaveAsync(string name, CancellationToken ct) => throw new StoreUnavailableException();

        public ValueTask<MemberReply> DownAsync(string name, CancellationToken ct) => throw new StoreUnavailableException();

        public ValueTask<MemberReply> DownUnreachableAsync(CancellationToken ct) => throw new StoreUnavailableException();

        public IAsyncEnumerable<MemberEvent> FollowAsync(CancellationToken ct) => throw new StoreUnavailableException();
    }
}
